"""The gallery in memory, kept in step with the store."""

from semblance.store.engine import Store


class GalleryIndex:
    """Templates in memory; loaded at the first search, brought up to date before each."""

    def __init__(self, store: Store) -> None:
        self._store = store
