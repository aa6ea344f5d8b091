"""People and their tokens in the graph."""
