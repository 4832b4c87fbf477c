"""Features: the backlog's model, rules and byte-preserving edits (no I/O)."""
