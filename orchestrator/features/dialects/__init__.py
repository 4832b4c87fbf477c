"""How feature lists say things: names of fields, words of a status, read and written by the same tables."""
