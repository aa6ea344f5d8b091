"""The set-based executor: a field is resolved for all parents of its level at once (README.md explains a plan)."""
