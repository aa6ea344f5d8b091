"""Tests of the house itself: sizes, shapes, names, layers, the graph's descriptions, the tables' keys."""
