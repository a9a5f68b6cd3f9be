"""Pages about cases and authorisations."""
