"""Everything that is put into words, in the language of the reader."""
