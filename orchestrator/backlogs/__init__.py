"""Backlogs of other tools, and how they come into the feature list (SPEC section 13)."""
