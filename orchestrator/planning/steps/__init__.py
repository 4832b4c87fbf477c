"""The steps of a plan, a file each: its function and its Step."""
