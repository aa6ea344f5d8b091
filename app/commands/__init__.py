"""The commands of the command line, by what they are about. `app.cli` puts them together."""
