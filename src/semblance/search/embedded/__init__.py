"""An exact index in memory: a coarse plane, bounds that rule rows out, and what is left at full precision."""
