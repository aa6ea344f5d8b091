"""Learners who work together."""
