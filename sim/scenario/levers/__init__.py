"""The two levers, community size and redistribution, as verbs of the scenario language."""
