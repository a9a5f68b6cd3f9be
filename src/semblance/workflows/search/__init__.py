"""From a probe to its candidates."""
