"""What git history says about features."""
