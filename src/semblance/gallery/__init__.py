"""The rules of the gallery: what is suitable, what an intake ends in. Pure: values and rules only."""
