"""The steps of a plan, in `pipeline`, and their running."""
