"""Everyone but the chosen face is covered before a picture or a clip leaves."""
