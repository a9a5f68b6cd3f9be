"""The demonstration node."""
