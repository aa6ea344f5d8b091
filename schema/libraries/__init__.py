"""Libraries in the graph."""
