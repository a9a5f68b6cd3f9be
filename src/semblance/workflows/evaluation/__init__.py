"""Measuring error on labelled photos, and what a score means."""
