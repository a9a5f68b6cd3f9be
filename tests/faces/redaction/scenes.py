"""Made-up clips of real photos: a chosen person among bystanders who stand, walk and pass each other, all known."""

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semblance.faces.detection.detector import Detection
from semblance.faces.extraction import PackExtractor
from semblance.faces.photo import Photo
from semblance.terms.frames import FrameName
from semblance.terms.ids import digest_bytes
from semblance.terms.samples import Box, Landmarks, PhotoFacts, Point
from semblance.terms.tracks import Sighting, Track

WIDTH, HEIGHT = 640, 360
RATE = 10
TILE = 190


@dataclass(frozen=True)
class Person:
    """A photo, cut to a tile, and the face in it."""

    name: str
    pixels: NDArray[np.uint8]
    face: Detection


@dataclass(frozen=True)
class Walk:
    """A person whose tile's corner goes from one place to another in the time of the clip."""

    person: Person
    start: tuple[float, float]
    end: tuple[float, float]

    def place(self, share: float) -> tuple[int, int]:
        ways = zip(self.start, self.end, strict=True)
        x, y = (round(first + share * (last - first)) for first, last in ways)
        return x, y

    def find_face(self, share: float) -> Detection:
        x, y = self.place(share)
        box, points = self.person.face.box, self.person.face.landmarks.points
        moved = Box(box.left + x, box.top + y, box.right + x, box.bottom + y)
        return Detection(moved, Landmarks(*(Point(point.x + x, point.y + y) for point in points)), 1.0)


@dataclass(frozen=True)
class Frame:
    """A frame as reading a video yields it."""

    seconds: float
    pixels: NDArray[np.uint8]


def list_photos(data: Path, role: str) -> list[tuple[str, Path]]:
    """Return subject and path of the congress photos of that role, in the order of the set."""
    with (data / "congress" / "manifest.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["role"] == role]
    return [(row["subject"], data / "congress" / row["path"]) for row in rows]


def load_person(name: str, path: Path, extractor: PackExtractor) -> Person | None:
    """Return the person of a photo; None where the pack does not see one face in it."""
    with Image.open(path) as image:
        scale = TILE / image.height
        tile = np.asarray(image.convert("RGB").resize((round(image.width * scale), TILE), Image.Resampling.LANCZOS))
    found = extractor.find(as_photo(tile))
    return Person(name, tile, found[0]) if len(found) == 1 else None


def as_photo(pixels: NDArray[np.uint8]) -> Photo:
    height, width = pixels.shape[:2]
    return Photo(pixels, PhotoFacts(digest_bytes(b""), "image/png", width, height, 1))


def draw_scene(walks: Sequence[Walk], count: int) -> list[Frame]:
    """Return the frames; who comes later in the list walks in front."""
    rng = np.random.default_rng(7)
    small = rng.integers(90, 160, (18, 32, 3)).astype(np.uint8)
    backdrop = np.asarray(Image.fromarray(small).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC))
    frames = []
    for number in range(count):
        pixels = backdrop.copy()
        for walk in walks:
            x, y = walk.place(number / max(1, count - 1))
            tile = walk.person.pixels
            left, top = max(0, x), max(0, y)
            right, bottom = min(WIDTH, x + tile.shape[1]), min(HEIGHT, y + tile.shape[0])
            if right > left and bottom > top:
                pixels[top:bottom, left:right] = tile[top - y : bottom - y, left - x : right - x]
        frames.append(Frame(number / RATE, pixels))
    return frames


def follow(number: int, walk: Walk, count: int, seen: Sequence[int]) -> Track:
    """Return the walk's track with sightings in the frames of those numbers only."""
    sightings = []
    for frame in seen:
        face = walk.find_face(frame / max(1, count - 1))
        digest = digest_bytes(hashlib.sha256(str(frame).encode()).digest())
        name = FrameName(0, frame, Fraction(1, RATE), digest)
        sightings.append(Sighting(name, frame / RATE, face.box, face.landmarks, face.score, 50))
    return Track(number, tuple(sightings))


def decode(clip: bytes) -> list[NDArray[np.uint8]]:
    with av.open(io.BytesIO(clip), "r") as container:
        return [np.ascontiguousarray(frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def scramble(frames: Sequence[Frame], masks: Sequence[NDArray[np.bool_]]) -> list[Frame]:
    """Return the frames with chance in the place of whatever the masks cover."""
    rng = np.random.default_rng(11)
    noise = [rng.integers(0, 256, frame.pixels.shape).astype(np.uint8) for frame in frames]
    return [
        replace(frame, pixels=np.where(mask[..., None], chance, frame.pixels))
        for frame, mask, chance in zip(frames, masks, noise, strict=True)
    ]
