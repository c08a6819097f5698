"""Scenario files: read, merged, validated, resolved."""
