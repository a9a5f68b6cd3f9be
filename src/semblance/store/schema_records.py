"""The tables of records and their versions."""
