"""Everything that knows doit."""
