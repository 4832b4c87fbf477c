"""Any other coding agent that has a command line."""
