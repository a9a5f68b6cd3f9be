"""An extractor around another one, for those that do something besides."""

from semblance.faces.extractor import Extractor, FaceChoice
from semblance.faces.photo import Photo
from semblance.terms.ids import PackDigest
from semblance.terms.samples import Extraction, Metric


class ExtractorAround:
    """Does what the extractor inside does; thread-safe like it."""

    def __init__(self, inner: Extractor) -> None:
        self._inner = inner

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def digest(self) -> PackDigest:
        return self._inner.digest

    @property
    def metric(self) -> Metric:
        return self._inner.metric

    @property
    def dimension(self) -> int:
        return self._inner.dimension

    def extract(self, data: bytes, *, name: str, choose: FaceChoice = "only") -> Extraction:
        return self._inner.extract(data, name=name, choose=choose)

    def locate(self, data: bytes, *, name: str, choose: FaceChoice = "only") -> Extraction:
        return self._inner.locate(data, name=name, choose=choose)

    def extract_photo(self, photo: Photo, *, choose: FaceChoice = "only") -> Extraction:
        return self._inner.extract_photo(photo, choose=choose)
