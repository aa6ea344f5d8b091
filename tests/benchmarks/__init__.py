"""What the graph costs beside endpoints written by hand, as ratios within one run (README.md says how to read them)."""
