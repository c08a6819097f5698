"""A whole country in one run: a table of streets, a reduced procedure, aggregates only."""
