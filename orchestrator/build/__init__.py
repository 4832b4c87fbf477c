"""Building one feature, and the loop over all."""
