"""Tests of the REST systems: the ledger, the kernel, and each system against its contract."""
