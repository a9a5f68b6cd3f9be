"""Pages about records and their photos."""
