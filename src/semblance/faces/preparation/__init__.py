"""Preparing a photo for searching: pure functions on pixels; nothing prepared is ever compared by a person."""
