"""Group sets and groups in the graph."""
