"""The prompts: Markdown templates and their rendering."""
