"""Child processes: started, watched, ended with all that they started."""
