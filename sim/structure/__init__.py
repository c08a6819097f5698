"""The structure: places, units and teams as they stand, and the people in them (体制)."""
