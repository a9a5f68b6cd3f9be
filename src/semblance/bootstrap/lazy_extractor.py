"""An extractor that loads its models when they are first needed."""

import threading
from collections.abc import Callable

from semblance.faces.extractor import Extractor, FaceChoice
from semblance.faces.photo import Photo
from semblance.terms.ids import PackDigest
from semblance.terms.samples import Extraction, Metric


class LazyExtractor:
    """Stands for an extractor; looking at a node and deleting from it never wait for models.

    Thread-safe: the first callers wait for one load. A load that fails is tried again at the next call.
    """

    def __init__(self, open_pack: Callable[[], Extractor]) -> None:
        self._open_pack = open_pack
        self._lock = threading.Lock()
        self._loaded: Extractor | None = None

    def load(self) -> Extractor:
        """Return the loaded extractor; raises a kind of ModelError where its pack cannot be used."""
        with self._lock:
            if self._loaded is None:
                self._loaded = self._open_pack()
            return self._loaded

    @property
    def name(self) -> str:
        return self.load().name

    @property
    def digest(self) -> PackDigest:
        return self.load().digest

    @property
    def metric(self) -> Metric:
        return self.load().metric

    @property
    def dimension(self) -> int:
        return self.load().dimension

    def extract(self, data: bytes, *, name: str, choose: FaceChoice = "only") -> Extraction:
        """Decode the bytes and extract, as the protocol says."""
        return self.load().extract(data, name=name, choose=choose)

    def locate(self, data: bytes, *, name: str, choose: FaceChoice = "only") -> Extraction:
        """Find and assess faces without a template, as the protocol says."""
        return self.load().locate(data, name=name, choose=choose)

    def extract_photo(self, photo: Photo, *, choose: FaceChoice = "only") -> Extraction:
        """Extract from a photo that is already decoded."""
        return self.load().extract_photo(photo, choose=choose)
