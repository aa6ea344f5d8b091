"""What is assessed."""
