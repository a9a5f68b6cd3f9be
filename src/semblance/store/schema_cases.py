"""The tables of cases and authorisations."""
