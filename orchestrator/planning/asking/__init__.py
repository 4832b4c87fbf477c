"""An agent session of a planning step, and what its answer says."""
