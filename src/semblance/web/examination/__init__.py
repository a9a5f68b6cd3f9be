"""Pages about comparing candidates, leads, the board and reports."""
