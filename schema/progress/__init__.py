"""Progress in the graph."""
