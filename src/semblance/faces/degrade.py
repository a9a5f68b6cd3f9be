"""Making a photo worse on purpose, the same way each time: for measuring errors, and for the demonstration."""

import hashlib
import io
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semblance.faces.light import blur_light, dim_light, make_grain, shrink, to_light, to_pixels
from semblance.faces.photo import Photo
from semblance.faces.pictures import encode_jpeg
from semblance.faces.sandbox.photos import decode_safely
from semblance.messages.message import Message
from semblance.terms.ids import digest_bytes
from semblance.terms.samples import PhotoFacts


class Family(StrEnum):
    """What a rung does, and in what unit its strength is."""

    EYE_DISTANCE = "eye-distance"
    """Pixels between the eyes that are left; less is worse."""
    BLUR = "blur"
    """Sigma of a Gaussian as a share of the distance between the eyes."""
    NOISE = "noise"
    """Standard deviation of Gaussian noise, in levels of 255."""
    DARKNESS = "darkness"
    """Stops of exposure missing; each halves the light."""
    JPEG = "jpeg"
    """Quality of libjpeg, 1 to 100; less is worse."""
    FAR_AWAY = "far-away"
    """Pixels between the eyes of a face that is also three stops too dark and kept as JPEG of quality 30."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One step: ``name`` is unique in the ladder and stands in tables, ``strength`` is in the family's unit."""

    name: str
    family: Family
    strength: float


FAR_AWAY_STOPS: Final = 3.0
FAR_AWAY_QUALITY: Final = 30

LADDER: Final[tuple[Rung, ...]] = (
    Rung("eyes-48px", Family.EYE_DISTANCE, 48),
    Rung("eyes-32px", Family.EYE_DISTANCE, 32),
    Rung("eyes-24px", Family.EYE_DISTANCE, 24),
    Rung("eyes-16px", Family.EYE_DISTANCE, 16),
    Rung("eyes-12px", Family.EYE_DISTANCE, 12),
    Rung("blur-light", Family.BLUR, 0.03),
    Rung("blur-medium", Family.BLUR, 0.06),
    Rung("blur-heavy", Family.BLUR, 0.10),
    Rung("noise-light", Family.NOISE, 12),
    Rung("noise-medium", Family.NOISE, 25),
    Rung("noise-heavy", Family.NOISE, 50),
    Rung("dark-2-stops", Family.DARKNESS, 2),
    Rung("dark-4-stops", Family.DARKNESS, 4),
    Rung("dark-6-stops", Family.DARKNESS, 6),
    Rung("jpeg-50", Family.JPEG, 50),
    Rung("jpeg-20", Family.JPEG, 20),
    Rung("jpeg-10", Family.JPEG, 10),
    Rung("far-away-32px", Family.FAR_AWAY, 32),
    Rung("far-away-20px", Family.FAR_AWAY, 20),
)


_GRAIN_EYE_DISTANCE: Final = 64.0
"""Pixels between the eyes up to which noise has a grain of one pixel; beyond, the grain grows with the face."""

_VARIED: Final = 50
_DEMO_SCALE: Final = 0.5
_DEMO_SMALLEST_SIDE: Final = 200
_DEMO_STOPS: Final = 1.0
_DEMO_QUALITY: Final = 55


def apply_rung(photo: Photo, rung: Rung, *, inter_eye_distance: float, seed: int) -> Photo:
    """Return the photo as that rung of the ladder leaves it; the same for the same photo, rung and seed.

    ``inter_eye_distance``: pixels between the eyes of the face in question, now. A photo whose eyes are no farther
    apart than a rung of eye distance leaves them keeps its size, because nothing is ever enlarged and because leaving
    it out would change the number of probes from rung to rung; a note says so. Noise and blur are relative to the
    face and not to the pixel grid; JPEG works on the photo's own pixels.

    The facts tell of the new pixels: their size, their own SHA-256 and length, and a note of what was done. Raises
    ValueError where the distance is not a positive number.
    """
    if not (math.isfinite(inter_eye_distance) and inter_eye_distance > 0):
        raise ValueError(f"the distance between the eyes must be a positive number of pixels, not {inter_eye_distance}")
    randomness = _make_randomness(photo, rung, seed)
    grain = max(1.0, inter_eye_distance / _GRAIN_EYE_DISTANCE)
    pixels = photo.pixels
    note = Message("operator.photo.degraded", "made worse for a measurement: {rung}", rung=rung.name)
    match rung.family:
        case Family.EYE_DISTANCE:
            factor = rung.strength / inter_eye_distance
            if factor < 1:
                pixels = to_pixels(shrink(to_light(pixels), factor))
            else:
                note = Message(
                    "operator.photo.not-degraded",
                    "left as it is by {rung}: the eyes are {distance:.0f} pixels apart",
                    rung=rung.name,
                    distance=inter_eye_distance,
                )
        case Family.BLUR:
            pixels = to_pixels(blur_light(to_light(pixels), rung.strength * inter_eye_distance))
        case Family.NOISE:
            pixels = _add_noise(pixels, rung.strength, grain, randomness)
        case Family.DARKNESS:
            pixels = to_pixels(dim_light(to_light(pixels), rung.strength, grain=grain, randomness=randomness))
        case Family.JPEG:
            pixels = _recompress(pixels, round(rung.strength))
        case Family.FAR_AWAY:
            light = shrink(to_light(pixels), min(1.0, rung.strength / inter_eye_distance))
            dimmed = dim_light(light, FAR_AWAY_STOPS, grain=1.0, randomness=randomness)
            pixels = _recompress(to_pixels(dimmed), FAR_AWAY_QUALITY)
    return _derive(photo, pixels, note)


def make_changed_copy(data: bytes, *, name: str) -> bytes:
    """Return a smaller, darker, recompressed JPEG of the photo, for searching with something that is not the same file.

    Half its width and height, but no side under 200 pixels; one stop darker; JPEG of quality 55. Deterministic. Raises
    the kinds of IntakeError that decode_safely raises.
    """
    photo = decode_safely(data, name=name)
    shorter = min(photo.facts.width, photo.facts.height)
    factor = min(1.0, max(_DEMO_SCALE, _DEMO_SMALLEST_SIDE / shorter))
    light = shrink(to_light(photo.pixels), factor)
    return _encode(to_pixels(light * np.float32(2.0**-_DEMO_STOPS)), _DEMO_QUALITY)


def make_varied_copy(data: bytes, *, name: str, seed: int) -> bytes:
    """Return another JPEG of nearly the same photo, for measurements with more photos than there are.

    Up to a fiftieth is cut off at each side, and the quality lies between 80 and 95, as the seed has it. Raises the
    kinds of IntakeError that decode_safely raises.
    """
    photo = decode_safely(data, name=name)
    random = np.random.default_rng(seed)
    height, width = photo.pixels.shape[:2]
    top, bottom = random.integers(0, height // _VARIED + 1, 2)
    left, right = random.integers(0, width // _VARIED + 1, 2)
    return _encode(photo.pixels[top : height - bottom, left : width - right], int(random.integers(80, 96)))


def _make_randomness(photo: Photo, rung: Rung, seed: int) -> np.random.Generator:
    named = f"{photo.facts.sha256}\n{rung.name}\n{rung.family}\n{rung.strength!r}\n{seed}".encode()
    return np.random.Generator(np.random.PCG64(int.from_bytes(hashlib.sha256(named).digest(), "big")))


def _add_noise(
    pixels: NDArray[np.uint8], deviation: float, grain: float, randomness: np.random.Generator
) -> NDArray[np.uint8]:
    noisy: NDArray[np.float32] = pixels + np.float32(deviation) * make_grain(pixels.shape, grain, randomness)
    return np.rint(np.clip(noisy, 0, 255)).astype(np.uint8)


def _recompress(pixels: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(_encode(pixels, quality)), formats=("JPEG",)) as image:
        decoded: NDArray[np.uint8] = np.asarray(image.convert("RGB"), dtype=np.uint8)
    return decoded


def _encode(pixels: NDArray[np.uint8], quality: int) -> bytes:
    return encode_jpeg(Image.fromarray(pixels), quality=quality, subsampling="4:2:0")


def _derive(photo: Photo, pixels: NDArray[np.uint8], note: Message) -> Photo:
    own = np.ascontiguousarray(pixels)
    if own is not photo.pixels:
        own.flags.writeable = False
    raw = own.tobytes()
    height, width = own.shape[:2]
    facts = PhotoFacts(
        sha256=digest_bytes(f"{width} {height}\n".encode() + raw),
        media_type=photo.facts.media_type,
        width=width,
        height=height,
        size=len(raw),
        notes=(*photo.facts.notes, note),
    )
    return Photo(pixels=own, facts=facts)
