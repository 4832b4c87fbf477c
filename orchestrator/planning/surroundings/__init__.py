"""What the project already is: tech stack and file groups."""
