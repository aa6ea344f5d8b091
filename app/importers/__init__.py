"""Real data in: each importer turns the files of one format into rows, in bulk and repeatably. See README.md."""
