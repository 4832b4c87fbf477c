"""What the user is shown: status, explanations, the lines of a build."""
