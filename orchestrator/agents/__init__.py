"""Coding-agent CLIs."""
