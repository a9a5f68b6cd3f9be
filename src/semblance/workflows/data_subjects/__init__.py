"""What people ask about themselves."""
