"""Tests of the executor: its plans, and its answers beside graphql-core's."""
