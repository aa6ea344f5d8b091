"""Tests of the graph: its fields, its limits, what it costs."""
