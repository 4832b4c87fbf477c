"""Backlogs of other tools, and how they come into the feature list (docs/contract.md, section 13)."""
