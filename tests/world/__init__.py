"""The model held against figures from the world; ``make world`` writes the page (``scenarios/halls/README.md``)."""
