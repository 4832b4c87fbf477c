"""Making a project ready."""
