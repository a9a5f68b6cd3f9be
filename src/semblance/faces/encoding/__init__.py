"""From an aligned chip to the numbers of a template."""
