"""Tests of PrairieLearn's API, after contracts/prairielearn.md."""
