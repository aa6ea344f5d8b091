"""Organizations, courses and their instances."""
