"""Blocks in the graph."""
