"""Opening the store."""


class Store:
    """A node's database; thread-safe."""

    @property
    def kind(self) -> str:
        """Return "SQLite" or "PostgreSQL"."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of all connections."""
        raise NotImplementedError


def open_store(url: str) -> Store:
    """Open the database at an SQLAlchemy URL, and bring its schema up to date.

    ``sqlite:///path`` (the folder must exist) or ``postgresql+psycopg://…``; ``postgresql://`` is taken as the latter.
    Raises StoreError in a sentence: unreachable, no database, written by a newer Semblance.
    """
    raise NotImplementedError
