"""Jobs in the graph."""
