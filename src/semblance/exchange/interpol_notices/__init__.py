"""INTERPOL notices as JSON with their images."""
