"""Open edX, against its contract."""
