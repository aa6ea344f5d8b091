"""Tests of GraphQL over HTTP: requests and answers, limits, failures, junk."""
