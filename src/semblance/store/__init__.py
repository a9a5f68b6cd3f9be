"""What a node holds, in SQLite or PostgreSQL. Only this package speaks SQL."""
