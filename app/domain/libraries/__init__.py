"""Content libraries: blocks that belong to no course instance."""
