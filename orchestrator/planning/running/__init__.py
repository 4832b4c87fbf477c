"""The running of steps: what each is handed, what it leaves, and what is asked of a person."""
