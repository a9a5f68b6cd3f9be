"""The report of an examination: its document, its PDF, the signed bundle."""
