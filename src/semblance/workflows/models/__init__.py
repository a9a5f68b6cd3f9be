"""Model packs: making them ready, migrating templates, switching."""
