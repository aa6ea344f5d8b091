"""Learners' work in the graph."""
