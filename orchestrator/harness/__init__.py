"""What a run writes into the project for people and later sessions: session logs, the progress file."""
