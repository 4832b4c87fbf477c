"""Showing state."""
