"""One feature: session, guard, check, commit."""
