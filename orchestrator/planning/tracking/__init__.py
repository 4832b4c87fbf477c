"""The issue tracker (beads)."""
