"""Telling people what waits, by e-mail and webhook."""
