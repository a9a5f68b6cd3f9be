"""People, authorities, signing in, tokens."""
