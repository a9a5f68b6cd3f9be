"""The tables of authorities, people, sessions and tokens."""
