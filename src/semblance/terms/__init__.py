"""The words that every layer shares: identifiers, geometry, quality, templates, candidates."""
