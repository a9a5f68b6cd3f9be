"""What the command line, the API and the pages have in common: documents for programs, HTTP statuses, guards."""
