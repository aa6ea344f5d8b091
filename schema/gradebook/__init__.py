"""Grade schemas, notations, grading periods and calculations in the graph."""
