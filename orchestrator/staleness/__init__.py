"""What is done, what is to be done, and why: the facts, the states, the forecast and the stamp."""
