"""The schema that every store begins with, by subject; it is never changed, later steps come on top of it."""
