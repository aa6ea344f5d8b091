"""Autolab's API, case by case."""
