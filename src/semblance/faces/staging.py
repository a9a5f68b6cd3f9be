"""Videos made of photos, in which it is known who is where: for measuring how well faces are followed.

People are cut out of their photos by an oval around the head and moved before a background of soft colours. Each scene
ends in a cut; in each, people pan and zoom, cross before one another, and go behind a pillar.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from semblance.faces.light import shrink
from semblance.faces.photo import Photo
from semblance.terms.frames import FrameName
from semblance.terms.ids import digest_bytes
from semblance.terms.samples import Box

WIDTH: Final = 640
HEIGHT: Final = 480
RATE: Final = 25
_SCENE: Final = 2.0
"""Seconds until a cut."""
_ACROSS: Final = 0.9
_UP: Final = 0.75
_DOWN: Final = 0.8
"""How far the oval reaches from the middle of a face, in widths and heights of its box."""
_PILLAR: Final = 0.09


class Level(StrEnum):
    """How hard it is to follow people, and to tell who they are."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


@dataclass(frozen=True, slots=True)
class _Severity:
    """``face``: heights of a face in pixels, from and to, between which a scene zooms. ``shake`` in pixels.

    ``blur``: pixels of a Gaussian at most, another in each frame. ``noise``: standard deviation in levels of 255.
    ``jpeg``: quality, from and to. ``pace``: crossings in a scene.
    """

    face: tuple[float, float]
    shake: float
    blur: float
    noise: float
    jpeg: tuple[int, int]
    pace: float


_SEVERITIES: Final = {
    Level.EASY: _Severity((90, 130), 0.5, 0.5, 2, (80, 95), 0.7),
    Level.MEDIUM: _Severity((55, 90), 1.5, 1.4, 6, (40, 80), 0.8),
    Level.HARD: _Severity((44, 76), 2.0, 1.5, 9, (25, 60), 0.8),
}


@dataclass(frozen=True)
class Actor:
    """A person and a photo in which ``box`` is the face."""

    person: str
    photo: Photo
    box: Box

    @cached_property
    def cutout(self) -> tuple[NDArray[np.float32], NDArray[np.float32], Box]:
        """The head's pixels, float32 (height, width, 3), how far each counts, 0 to 1, and where the face is in it."""
        height, width = self.photo.pixels.shape[:2]
        box, centre = self.box, self.box.centre
        left, right = max(0, int(centre.x - _ACROSS * box.width)), min(width, int(centre.x + _ACROSS * box.width))
        top, bottom = max(0, int(centre.y - _UP * box.height)), min(height, int(centre.y + _DOWN * box.height))
        pixels = self.photo.pixels[top:bottom, left:right]
        rows, columns = np.mgrid[top:bottom, left:right]
        off = np.hypot((columns - centre.x) / (_ACROSS * box.width), (rows - centre.y) / (max(_UP, _DOWN) * box.height))
        weight = np.clip((1.0 - off) / 0.12, 0, 1).astype(np.float32)
        face = Box(box.left - left, box.top - top, box.right - left, box.bottom - top)
        return pixels.astype(np.float32), weight, face


@dataclass(frozen=True, slots=True)
class Presence:
    """Where somebody's face is in a frame; ``seen``: the share of it that nothing hides, 0 to 1."""

    person: str
    box: Box
    seen: float


@dataclass(frozen=True, slots=True, eq=False)
class StagedFrame:
    """A frame as those that follow faces take it, and who is in it."""

    name: FrameName
    seconds: float
    pixels: NDArray[np.uint8]
    present: tuple[Presence, ...]


def stage_video(cast: Sequence[Actor], level: Level, *, seconds: float, seed: int) -> Iterator[StagedFrame]:
    """Give the frames of a video, 640 by 480 at 25 a second; the same for the same people, level and seed."""
    random, severity = np.random.default_rng([seed, len(cast)]), _SEVERITIES[level]
    length = round(_SCENE * RATE)
    total = round(seconds * RATE)
    for start in range(0, total, length):
        scene = _Scene(cast, severity, random)
        for place in range(min(length, total - start)):
            pixels, present = scene.draw(place / length)
            number = start + place
            yield StagedFrame(
                FrameName(0, number, Fraction(1, RATE), digest_bytes(pixels.tobytes())), number / RATE, pixels, present
            )


class _Scene:
    def __init__(self, cast: Sequence[Actor], severity: _Severity, random: np.random.Generator) -> None:
        self._severity, self._random = severity, random
        self._order = random.permutation(len(cast))
        self._cast = [cast[place] for place in self._order]
        rough = random.integers(20, 236, (4, 5, 3)).astype(np.float32)
        large = cv2.resize(rough, (WIDTH + 160, HEIGHT + 80), interpolation=cv2.INTER_CUBIC)
        self._background: NDArray[np.float32] = np.clip(large, 0, 255).astype(np.float32)
        self._pillar = random.uniform(0.3, 0.7)
        self._tone = random.uniform(20, 200, 3).astype(np.float32)
        self._drift = random.uniform(-1, 1)
        self._zoom = severity.face if random.random() < 0.5 else severity.face[::-1]
        self._phases = random.uniform(0, 1, len(cast))

    def draw(self, part: float) -> tuple[NDArray[np.uint8], tuple[Presence, ...]]:
        """Return the frame at that part of the scene, 0 to 1, and who is in it."""
        severity = self._severity
        shake = self._random.normal(0, severity.shake, 2)
        across = 80 + 70 * self._drift * (2 * part - 1) + shake[0]
        x, y = int(np.clip(across, 0, 159)), int(np.clip(40 + shake[1], 0, 79))
        canvas: NDArray[np.float32] = self._background[y : y + HEIGHT, x : x + WIDTH].copy()
        owner = np.full((HEIGHT, WIDTH), -1, dtype=np.int16)
        face = self._zoom[0] + (self._zoom[1] - self._zoom[0]) * part
        boxes = []
        for place, actor in enumerate(self._cast):
            centre = self._find_centre(place, part) + shake - (70 * self._drift * (2 * part - 1), 0)
            boxes.append(_paste(canvas, owner, actor, place, centre, face))
        self._raise_pillar(canvas, owner, shake[0])
        present = tuple(
            Presence(actor.person, box, _measure_seen(owner, place, box))
            for place, (actor, box) in enumerate(zip(self._cast, boxes, strict=True))
        )
        return self._film(canvas), present

    def _find_centre(self, place: int, part: float) -> NDArray[np.float64]:
        """Walk to and fro in one row: neighbours walk against each other and cross, the later before the earlier."""
        way = self._severity.pace * part + self._phases[place]
        there = 0.5 + (0.36 if place % 2 else -0.36) * np.cos(np.pi * way)
        rows = max(1, (len(self._cast) + 1) // 2)
        return np.array([there * WIDTH, HEIGHT * (0.5 + place // 2) / rows + 6 * (place % 2)])

    def _raise_pillar(self, canvas: NDArray[np.float32], owner: NDArray[np.int16], shift: float) -> None:
        left = int(self._pillar * WIDTH + shift)
        right = left + int(_PILLAR * WIDTH)
        canvas[:, max(0, left) : right] = self._tone
        owner[:, max(0, left) : right] = -1

    def _film(self, canvas: NDArray[np.float32]) -> NDArray[np.uint8]:
        severity, random = self._severity, self._random
        sigma = random.uniform(0.2, 1.0) * severity.blur
        blurred = cv2.GaussianBlur(canvas, (0, 0), sigma) if sigma > 0.2 else canvas
        noisy = blurred + random.normal(0, severity.noise, (*canvas.shape[:2], 1)).astype(np.float32)
        pixels = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
        quality = int(random.integers(*severity.jpeg))
        _, packed = cv2.imencode(".jpg", pixels[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
        filmed = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR_RGB), dtype=np.uint8)
        filmed.flags.writeable = False
        return filmed


def _paste(
    canvas: NDArray[np.float32],
    owner: NDArray[np.int16],
    actor: Actor,
    place: int,
    centre: NDArray[np.float64],
    face: float,
) -> Box:
    """Lay a head on the canvas so that its face is that high, and return the face's box."""
    pixels, weight, box = actor.cutout
    scale = face / box.height
    if scale < 1:
        pixels = shrink(pixels, scale)
    else:
        pixels = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale), dtype=np.float32)
    weight = np.asarray(cv2.resize(weight, pixels.shape[1::-1]), dtype=np.float32)
    left, top = round(centre[0] - box.centre.x * scale), round(centre[1] - box.centre.y * scale)
    rows = slice(max(0, top), min(HEIGHT, top + pixels.shape[0]))
    columns = slice(max(0, left), min(WIDTH, left + pixels.shape[1]))
    inner = slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left)
    if rows.start < rows.stop and columns.start < columns.stop:
        share = weight[inner][:, :, None]
        canvas[rows, columns] = canvas[rows, columns] * (1 - share) + pixels[inner] * share
        owner[rows, columns][share[:, :, 0] > 0.5] = place
    return Box(left + box.left * scale, top + box.top * scale, left + box.right * scale, top + box.bottom * scale)


def _measure_seen(owner: NDArray[np.int16], place: int, box: Box) -> float:
    inside = owner[max(0, int(box.top)) : max(0, int(box.bottom)), max(0, int(box.left)) : max(0, int(box.right))]
    return float((inside == place).sum() / max(1.0, box.area))
