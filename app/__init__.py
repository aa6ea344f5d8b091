"""campusgraph: one graph over everything a university's learning systems know."""
