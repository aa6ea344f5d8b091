"""Jobs: what is done in the background, and what came of it."""
