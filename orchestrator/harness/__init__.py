"""What a run writes for itself."""
