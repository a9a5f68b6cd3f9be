"""Comparing templates: exact scores, and the gallery held in memory."""
