"""Blackboard Learn's routes, case by case."""
