"""Batches of rows for the declarations of the graph, each with the visibility predicate in it (decision 0003)."""
