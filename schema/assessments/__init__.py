"""Assessments, problems, questions and access rules in the graph."""
