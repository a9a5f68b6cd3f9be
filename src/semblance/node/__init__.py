"""What runs a node: its store and clock, the index in memory, the policy in force, caches."""
