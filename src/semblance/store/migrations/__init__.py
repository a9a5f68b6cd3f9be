"""How the schema came to be, one step a file; run from code, see ``migrate``."""
