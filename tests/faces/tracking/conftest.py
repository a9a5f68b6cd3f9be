"""Faces drawn as squares of one colour, and what reads them: the colour tells who it is, and what hides it hides it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from semblance.faces.detection.detector import Detection
from semblance.faces.encoding.encoder import Features
from semblance.faces.packs.manifest import TrackingPart
from semblance.faces.photo import Photo
from semblance.terms.frames import FrameName
from semblance.terms.ids import PackDigest, digest_bytes
from semblance.terms.samples import (
    Box,
    FaceSample,
    Landmarks,
    Metric,
    Point,
    QualityAssessment,
    QualityMeasure,
    QualityScore,
)

SIDE = 40
DIMENSION = 64
Places = Mapping[int, tuple[float, float]]
"""Who is where in a frame: the middle of each face, the later drawn before the earlier."""


@dataclass(frozen=True)
class DrawnFrame:
    name: FrameName
    seconds: float
    pixels: NDArray[np.uint8]


def draw_frame(
    number: int, places: Places, *, seconds: float | None = None, scene: int = 30, size: tuple[int, int] = (240, 320)
) -> DrawnFrame:
    """Draw people numbered from 1; green is the scene, red who it is."""
    pixels = np.zeros((*size, 3), dtype=np.uint8)
    pixels[:, :, 1] = scene
    for person, (x, y) in places.items():
        rows, columns = (
            slice(max(0, int(y) - SIDE // 2), int(y) + SIDE // 2),
            slice(max(0, int(x) - SIDE // 2), int(x) + SIDE // 2),
        )
        pixels[rows, columns, 0] = person
    name = FrameName(0, number, Fraction(1, 25), digest_bytes(number.to_bytes(4, "big") + pixels.tobytes()))
    return DrawnFrame(name, number / 25 if seconds is None else seconds, pixels)


def find_person(frame: DrawnFrame, box: Box) -> int:
    """Return who is drawn in the middle of the box."""
    return int(frame.pixels[int(box.centre.y), int(box.centre.x), 0])


@dataclass
class DrawnReader:
    """Finds what is drawn; ``twins`` maps who looks just like somebody else to them."""

    tracking: TrackingPart | None = field(default_factory=lambda: TrackingPart(same=0.6, other=0.3))
    twins: Mapping[int, int] = field(default_factory=dict)
    qualities: Mapping[int, int] = field(default_factory=dict)
    digest: PackDigest = field(default_factory=lambda: PackDigest("d" * 64))
    metric: Metric = Metric.COSINE
    dimension: int = DIMENSION
    looks: int = 0
    encoded: list[int] = field(default_factory=list)

    @property
    def aligner(self) -> "DrawnReader":
        return self

    @property
    def encoder(self) -> "DrawnReader":
        return self

    def find(self, photo: Photo) -> tuple[Detection, ...]:
        self.looks += 1
        found = []
        red = photo.pixels[:, :, 0]
        for person in np.unique(red[red > 0]).tolist():
            rows, columns = np.nonzero(red == person)
            seen = len(rows) / SIDE**2
            if seen < 0.4:
                continue
            box = Box(float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1))
            found.append(Detection(box, _mark(box), min(1.0, 0.5 + seen / 2)))
        return tuple(sorted(found, key=lambda face: -face.box.area))

    def refine(self, photo: Photo, face: Detection) -> Detection:
        return face

    def assess(
        self, photo: Photo, found: tuple[Detection, ...], chosen: int | None, features: Features | None
    ) -> tuple[FaceSample, ...]:
        samples = []
        for ordinal, face in enumerate(found):
            person = int(photo.pixels[int(face.box.centre.y), int(face.box.centre.x), 0])
            score = QualityScore(QualityMeasure.UNIFIED, self.qualities.get(person, 60))
            samples.append(FaceSample(ordinal, face.box, face.landmarks, face.score, QualityAssessment((score,))))
        return tuple(samples)

    def align(self, pixels: NDArray[np.uint8], face: Detection) -> NDArray[np.uint8]:
        person = int(pixels[int(face.box.centre.y), int(face.box.centre.x), 0])
        return np.full((1, 1, 3), person, dtype=np.uint8)

    def encode(self, chip: NDArray[np.uint8]) -> Features:
        person = int(chip[0, 0, 0])
        self.encoded.append(person)
        return Features(point_at(self.twins.get(person, person), len(self.encoded)), 1.0, 1.0)


def point_at(person: int, take: int) -> NDArray[np.float32]:
    """Return a template of the person, a little another each time."""
    own = np.random.default_rng(person).normal(size=DIMENSION)
    values = own / np.linalg.norm(own) + np.random.default_rng([person, take]).normal(size=DIMENSION) * 0.03
    return np.asarray(values / np.linalg.norm(values), dtype=np.float32)


def _mark(box: Box) -> Landmarks:
    across, down = box.width / 4, box.height / 4
    if box.top <= 0:
        down = box.height / 2
    middle = box.centre
    return Landmarks(
        Point(middle.x - across, middle.y - down),
        Point(middle.x + across, middle.y - down),
        middle,
        Point(middle.x - across, middle.y + down),
        Point(middle.x + across, middle.y + down),
    )


@pytest.fixture
def reader() -> DrawnReader:
    """Return what reads drawn faces."""
    return DrawnReader()


@pytest.fixture
def make_reader() -> type[DrawnReader]:
    """Return the class, for readers of another kind."""
    return DrawnReader


@pytest.fixture
def draw() -> Callable[..., Any]:
    """Return what draws a frame."""
    return draw_frame


@pytest.fixture
def who() -> Callable[[Any, Sequence[Any]], set[int]]:
    """Return what tells who is in a track."""

    def tell(track: Any, frames: Sequence[DrawnFrame]) -> set[int]:
        named = {frame.name: frame for frame in frames}
        return {find_person(named[sighting.frame], sighting.box) for sighting in track.sightings}

    return tell
