"""From a prompt to a feature list."""
