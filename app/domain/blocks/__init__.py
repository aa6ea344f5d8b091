"""Blocks: the tree of a course instance."""
