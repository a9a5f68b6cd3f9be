"""Following the faces of a submitted video: the job that does it, what it found, and the one track that is searched."""
