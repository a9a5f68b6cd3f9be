"""Making a photo worse on purpose, the same way each time: for measuring errors, and for the demonstration."""

import hashlib
import io
import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semblance.faces.decode import decode_photo
from semblance.faces.ladder import FAR_AWAY_QUALITY, FAR_AWAY_STOPS, Family, Rung
from semblance.faces.light import blur_light, dim_light, make_grain, shrink_light, to_light, to_pixels
from semblance.faces.photo import Photo
from semblance.messages.message import Message
from semblance.terms.ids import digest_bytes
from semblance.terms.samples import PhotoFacts

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
                pixels = to_pixels(shrink_light(to_light(pixels), factor))
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
            light = shrink_light(to_light(pixels), min(1.0, rung.strength / inter_eye_distance))
            dimmed = dim_light(light, FAR_AWAY_STOPS, grain=1.0, randomness=randomness)
            pixels = _recompress(to_pixels(dimmed), FAR_AWAY_QUALITY)
    return _derive(photo, pixels, note)


def make_changed_copy(data: bytes, *, name: str) -> bytes:
    """Return a smaller, darker, recompressed JPEG of the photo, for searching with something that is not the same file.

    Half its width and height, but no side under 200 pixels; one stop darker; JPEG of quality 55. Deterministic. Raises
    the kinds of IntakeError that decode_photo raises.
    """
    photo = decode_photo(data, name=name)
    shorter = min(photo.facts.width, photo.facts.height)
    factor = min(1.0, max(_DEMO_SCALE, _DEMO_SMALLEST_SIDE / shorter))
    light = shrink_light(to_light(photo.pixels), factor)
    return _encode(to_pixels(light * np.float32(2.0**-_DEMO_STOPS)), _DEMO_QUALITY)


def make_varied_copy(data: bytes, *, name: str, seed: int) -> bytes:
    """Return another JPEG of nearly the same photo, for measurements with more photos than there are.

    Up to a fiftieth is cut off at each side, and the quality lies between 80 and 95, as the seed has it. Raises the
    kinds of IntakeError that decode_photo raises.
    """
    photo = decode_photo(data, name=name)
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
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality, subsampling="4:2:0")
    return buffer.getvalue()


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
