"""Server-rendered pages for people: they work without scripts, and load nothing from elsewhere."""
