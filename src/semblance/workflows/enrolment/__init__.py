"""Taking photos and notices into records."""
