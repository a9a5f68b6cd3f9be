"""The same bytes are extracted once in a run: many notices of one person, or of several, come with the same photo."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Final, cast

from semblance.faces.extractor import Extractor, FaceChoice
from semblance.faces.photo import Photo
from semblance.faces.tracking.seeing import FaceReader
from semblance.terms.ids import PackDigest, Sha256, digest_bytes
from semblance.terms.samples import Extraction, Metric, QuarterTurn

KEPT: Final = 2048


class ExtractorAround:
    """Does what the extractor inside does, which is asked for at each call; thread-safe like it."""

    def __init__(self, find_inner: Callable[[], Extractor]) -> None:
        self._find_inner = find_inner

    @property
    def inner(self) -> Extractor:
        """Return the extractor inside."""
        return self._find_inner()

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def digest(self) -> PackDigest:
        return self.inner.digest

    @property
    def metric(self) -> Metric:
        return self.inner.metric

    @property
    def dimension(self) -> int:
        return self.inner.dimension

    def extract(
        self, data: bytes, *, name: str, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        return self.inner.extract(data, name=name, choose=choose, turned=turned)

    def locate(
        self, data: bytes, *, name: str, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        return self.inner.locate(data, name=name, choose=choose, turned=turned)

    def extract_photo(
        self, photo: Photo, *, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        return self.inner.extract_photo(photo, choose=choose, turned=turned)


def find_reader(extractor: Extractor) -> FaceReader:
    """Return the pack's extractor inside, whose parts following a face takes; a node has no other kind."""
    while isinstance(extractor, ExtractorAround):
        extractor = extractor.inner
    return cast(FaceReader, extractor)


class CachedExtractor(ExtractorAround):
    """An extractor that remembers its last ``kept`` extractions in memory; thread-safe like the one inside.

    An extraction depends on the bytes, the pack, the face chosen and a turn that is known. What raises is not
    remembered.
    """

    def __init__(self, inner: Extractor, kept: int = KEPT) -> None:
        super().__init__(lambda: inner)
        self._kept = kept
        self._lock = Lock()
        self._held: OrderedDict[tuple[Sha256, PackDigest, FaceChoice, QuarterTurn | None], Extraction] = OrderedDict()

    def extract(
        self, data: bytes, *, name: str, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        key = (digest_bytes(data), self.digest, choose, turned)
        with self._lock:
            known = self._held.get(key)
            if known is not None:
                self._held.move_to_end(key)
                return known
        found = self.inner.extract(data, name=name, choose=choose, turned=turned)
        with self._lock:
            self._held[key] = found
            if len(self._held) > self._kept:
                self._held.popitem(last=False)
        return found
