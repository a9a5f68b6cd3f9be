"""Pages about accounts: signing in, the own account, people."""
