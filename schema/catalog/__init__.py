"""Organizations, courses and their instances in the graph."""
