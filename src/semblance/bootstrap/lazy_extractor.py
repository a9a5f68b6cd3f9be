"""An extractor that loads its models when they are first needed."""

import threading
from collections.abc import Callable

from semblance.faces.extractor import Extractor
from semblance.node.extraction_cache import ExtractorAround


class LazyExtractor(ExtractorAround):
    """Stands for an extractor; looking at a node and deleting from it never wait for models.

    Thread-safe: the first callers wait for one load. A load that fails is tried again at the next call.
    """

    def __init__(self, open_pack: Callable[[], Extractor]) -> None:
        super().__init__(self.load)
        self._open_pack = open_pack
        self._lock = threading.Lock()
        self._loaded: Extractor | None = None

    def load(self) -> Extractor:
        """Return the loaded extractor; raises a kind of ModelError where its pack cannot be used."""
        with self._lock:
            if self._loaded is None:
                self._loaded = self._open_pack()
            return self._loaded
