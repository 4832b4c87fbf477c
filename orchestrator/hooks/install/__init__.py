"""Puts the hooks where git looks for them, beside what is there, and takes them away without a trace."""
