"""Finds all faces of a photo, each with a box and five landmarks."""
