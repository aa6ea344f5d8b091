"""Tests of the importers: real data whole, small folders for what changes and for what is wrong."""
