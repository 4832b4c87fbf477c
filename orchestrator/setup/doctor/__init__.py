"""`doctor`: looks at everything a build needs, changes nothing, and says how to mend each fault."""
