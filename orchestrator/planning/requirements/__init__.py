"""The requirement hierarchy and what is rendered from it."""
