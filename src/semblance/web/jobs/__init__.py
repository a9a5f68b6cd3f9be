"""Pages about jobs: long work that goes on while nobody waits for it."""
