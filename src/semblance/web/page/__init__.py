"""What every page has: its frame, navigation, forms, pictures, problems."""
