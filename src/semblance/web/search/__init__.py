"""Pages from a probe to its candidates."""
