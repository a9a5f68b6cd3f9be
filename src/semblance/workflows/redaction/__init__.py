"""Pictures leave with everyone but the chosen face covered."""
