"""Enrolments and course staff in the graph."""
