"""Scores, grades and the gradebook in the graph."""
