"""Attacks on a node, by who makes them: each is refused or caught, and the test says by what."""
