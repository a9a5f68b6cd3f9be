"""A stand-in for the extractor, for tests in which faces are not the point. It reads only what ``draw`` writes.

Every face is written down instead of pictured: who it is, how far the eyes are apart. The template is the person's own
direction with a little noise from the photo's bytes, so that the same person's photos are alike.
"""

import hashlib
import json
import time
from dataclasses import replace

import numpy as np

from semblance.errors import NotFound, UnsupportedImage
from semblance.faces.extractor import FaceChoice
from semblance.faces.photo import Photo
from semblance.terms.ids import PackDigest, digest_bytes
from semblance.terms.samples import (
    Box,
    Extraction,
    FaceSample,
    Landmarks,
    Metric,
    PhotoFacts,
    Point,
    QualityAssessment,
    QualityMeasure,
    QualityScore,
    QuarterTurn,
    Template,
)

DIMENSION = 32


def draw(*people: str, eyes: float = 90.0, take: int = 0, padding: int = 0) -> bytes:
    """Return the bytes of a photo of these people; another ``take`` is another photo of them."""
    return b"PHOTO" + json.dumps({"people": people, "eyes": eyes, "take": take}).encode() + b" " * padding


class StandInExtractor:
    """Deterministic, thread-safe; ``delay`` seconds a photo."""

    def __init__(self, name: str = "stand-in", delay: float = 0.0) -> None:
        self._name = name
        self._delay = delay
        self.extracted: list[str] = []

    @property
    def name(self) -> str:
        return self._name

    @property
    def digest(self) -> PackDigest:
        return PackDigest(digest_bytes(self._name.encode()))

    @property
    def metric(self) -> Metric:
        return Metric.COSINE

    @property
    def dimension(self) -> int:
        return DIMENSION

    def extract(
        self, data: bytes, *, name: str, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        self.extracted.append(name)
        time.sleep(self._delay)
        if not data.startswith(b"PHOTO"):
            raise UnsupportedImage("test.no-photo", "{name} is not a photo; use JPEG or PNG", name=name)
        drawn, _ = json.JSONDecoder().raw_decode(data[5:].decode())
        faces = tuple(_make_face(ordinal, drawn["eyes"]) for ordinal in range(len(drawn["people"])))
        facts = PhotoFacts(digest_bytes(data), "image/x-drawn", 400, 300, len(data))
        if isinstance(choose, int):
            if choose >= len(faces):
                raise NotFound(
                    "test.no-face", "{name} has no face {face}; {n} were found", name=name, face=choose, n=len(faces)
                )
            chosen: int | None = choose
        else:
            chosen = 0 if len(faces) == 1 or (faces and choose == "largest") else None
        template = None if chosen is None else self._encode(drawn["people"][chosen], data)
        return Extraction(facts, faces, chosen, template)

    def locate(
        self, data: bytes, *, name: str, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        return replace(self.extract(data, name=name, choose=choose), template=None)

    def extract_photo(
        self, photo: Photo, *, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        raise AssertionError("the tests hand in bytes")

    def _encode(self, person: str, data: bytes) -> Template:
        own = np.random.default_rng(list(hashlib.sha256(person.encode()).digest())).normal(size=DIMENSION)
        noise = np.random.default_rng(list(hashlib.sha256(data).digest())).normal(size=DIMENSION)
        row = own / np.linalg.norm(own) + 0.2 * noise / np.linalg.norm(noise)
        return Template(self.digest, Metric.COSINE, DIMENSION, (row / np.linalg.norm(row)).astype("<f4").tobytes())


def _make_face(ordinal: int, eyes: float) -> FaceSample:
    left = 120.0 * ordinal
    return FaceSample(
        ordinal=ordinal,
        box=Box(left, 50.0, left + 100, 150.0),
        landmarks=Landmarks(
            Point(left + 50 - eyes / 2, 80.0),
            Point(left + 50 + eyes / 2, 80.0),
            Point(left + 50, 100.0),
            Point(left + 30, 120.0),
            Point(left + 70, 120.0),
        ),
        detection_score=0.99,
        quality=QualityAssessment(
            (
                QualityScore(QualityMeasure.INTER_EYE_DISTANCE, 50, eyes),
                QualityScore(QualityMeasure.UNIFIED, 70),
                QualityScore(QualityMeasure.SHARPNESS, -1),
            )
        ),
    )
