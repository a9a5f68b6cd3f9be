"""What is said to people, as data: an identifier, the English text with named holes, and the values."""
