"""Who takes part in a course instance, and as what."""
