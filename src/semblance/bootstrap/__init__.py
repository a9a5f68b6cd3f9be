"""The only wiring: settings are read here, and the parts of a node are put together here."""
