"""Recorded sessions: made from another agent's, and done again."""
