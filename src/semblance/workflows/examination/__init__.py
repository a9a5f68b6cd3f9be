"""Reviews, opinions, leads, the owner's check, the report."""
