"""Measurements of speed: templates, the index beside its rivals, and a whole node."""
