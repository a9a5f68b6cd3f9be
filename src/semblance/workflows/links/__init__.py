"""People whom nobody could name: their records, what they are compared and linked with, and how one gets a name."""
