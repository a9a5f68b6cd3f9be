"""Where the time of one photo goes, stage by stage."""

import time
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from semblance.faces.decode import decode_photo
from semblance.faces.extraction import PackExtractor

STAGES: Final = ("decode", "detect", "refine", "align", "encode", "assess")

T = TypeVar("T")


def time_stages(extractor: PackExtractor, data: bytes, *, name: str) -> Mapping[str, float]:
    """Make one template of the photo's largest face; return the seconds that each stage took.

    Stages after the detection are missing where no face was found.
    """
    spent: dict[str, float] = {}

    def timed(stage: str, work: Callable[[], T]) -> T:
        started = time.perf_counter()
        result = work()
        spent[stage] = time.perf_counter() - started
        return result

    photo = timed("decode", lambda: decode_photo(data, name=name))
    found = timed("detect", lambda: extractor.find(photo))
    if found:
        face = timed("refine", lambda: extractor.refine(photo, found[0]))
        chip = timed("align", lambda: extractor.aligner.align(photo.pixels, face))
        features = timed("encode", lambda: extractor.encoder.encode(chip))
        timed("assess", lambda: extractor.assess(photo, (face, *found[1:]), 0, features))
    return spent
