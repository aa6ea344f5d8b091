"""Tests of the business: rules, refusals, and who may."""
