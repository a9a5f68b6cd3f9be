"""The rules of casework: who may search, for what. Pure: values and rules only."""
