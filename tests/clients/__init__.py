"""Programs that others wrote, at a real server."""
