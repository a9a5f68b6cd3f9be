"""Missing persons beside those who were found: what agrees, what excludes, and what people conclude."""
