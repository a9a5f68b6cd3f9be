"""Photos from outside: the bytes go to a process that decodes, pixels and notes come back and are checked.

Whoever has to do with bytes from outside calls this, never a decoder: only the process that decodes imports those.
"""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Any, Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from semblance.errors import DamagedImage, DecoderFailed, ImageTooLarge, IntakeError, UnsupportedImage
from semblance.faces.formats import media_type, recognise_format
from semblance.faces.photo import MAX_PIXELS, Photo, turn_photo
from semblance.faces.sandbox.pool import DecoderPool, count_places
from semblance.faces.sandbox.process import DecoderEnded
from semblance.faces.sandbox.said import read_said
from semblance.messages.message import Message
from semblance.terms.ids import digest_bytes
from semblance.terms.samples import Box, PhotoFacts, QuarterTurn

DECODERS: Final = DecoderPool(count_places())
"""Whatever is decoded goes through here, so that the bound holds for pages, API, worker and commands alike."""

_PLACES: Final = BoundedSemaphore(count_places())

_ERRORS: Final[Mapping[str, type[IntakeError]]] = {
    kind.code: kind for kind in (UnsupportedImage, DamagedImage, ImageTooLarge)
}
_SUBJECTS: Final = ("photo.", "content.")
_MOST_NOTES: Final = 32


def decode_safely(data: bytes, *, name: str, max_pixels: int = MAX_PIXELS) -> Photo:
    """Decode the first image in the bytes as ``decode_photo`` does, in another process.

    Raises what it raises, and DecoderFailed where the decoder broke off, or took too long or too much.
    """
    answer, pixels = _ask("decode", data, name, max_pixels, max_pixels=max_pixels)
    photo_format, notes = recognise_format(data), answer.get("notes")
    if photo_format is None or not pixels.size or not isinstance(notes, list) or len(notes) > _MOST_NOTES:
        raise _failed(name, late=False)
    pixels.flags.writeable = False
    facts = PhotoFacts(
        sha256=digest_bytes(data),
        media_type=media_type(photo_format, data),
        width=pixels.shape[1],
        height=pixels.shape[0],
        size=len(data),
        notes=tuple(_read_message(note, name) for note in notes),
        undecoded=_read_box(answer.get("undecoded"), name),
    )
    return Photo(pixels=pixels, facts=facts)


@contextmanager
def lend_photo(data: bytes, *, name: str, turned: QuarterTurn = 0) -> Iterator[Photo]:
    """Give the decoded photo, turned, while it is worked on; raises what ``decode_safely`` raises.

    No more whole photos than there are places are lent at once in this process, whoever asks: each takes up to 180
    MB, and as much again for what is made of it. A thread that has one must not ask for another.
    """
    with _PLACES:
        yield turn_photo(decode_safely(data, name=name), turned)


def draw_preview(data: bytes, *, name: str, turned: QuarterTurn, longest: int) -> NDArray[np.uint8]:
    """Return the upright photo, ``longest`` pixels at most on a side; raises what ``decode_safely`` raises."""
    return _ask("preview", data, name, longest * longest, turned=turned, longest=longest)[1]


def draw_face(data: bytes, *, name: str, box: Box, turned: QuarterTurn, side: int, margin: float) -> NDArray[np.uint8]:
    """Return the square around a face; raises what ``decode_safely`` raises, ValueError where it lies outside."""
    place = _write_box(box)
    return _ask("face", data, name, side * side, box=place, turned=turned, side=side, margin=margin)[1]


def draw_region(
    data: bytes, *, name: str, box: Box | None, turned: QuarterTurn, margin: float, longest: int
) -> NDArray[np.uint8]:
    """Return the part of the photo around a box, None for all of it, ``longest`` pixels at most on a side.

    Raises what ``decode_safely`` raises, ValueError where the box lies outside.
    """
    place = None if box is None else _write_box(box)
    arguments = {"box": place, "turned": turned, "margin": margin, "longest": longest}
    return _ask("region", data, name, longest * longest, **arguments)[1]


def _write_box(box: Box) -> list[float]:
    return [box.left, box.top, box.right, box.bottom]


def _read_box(edges: object, name: str) -> Box | None:
    if edges is None:
        return None
    if (
        isinstance(edges, list)
        and len(edges) == 4
        and all(isinstance(edge, int | float) and math.isfinite(edge) for edge in edges)
    ):
        return Box(*edges)
    raise _failed(name, late=False)


def _ask(task: str, data: bytes, name: str, most: int, **arguments: object) -> tuple[dict[str, Any], NDArray[np.uint8]]:
    header = {"task": task, "name": name, "arguments": arguments}
    try:
        answer, pixels = DECODERS.ask(header, data, most=most)
    except DecoderEnded as ended:
        raise _failed(name, late=ended.late) from ended
    if answer.get("error") is not None:
        _raise(answer, name, arguments)
    return answer, pixels


def _raise(answer: Mapping[str, Any], name: str, arguments: Mapping[str, object]) -> NoReturn:
    if answer["error"] == "outside":
        raise ValueError(f"{arguments.get('box')} holds nothing of the photo")
    kind = _ERRORS.get(str(answer["error"]))
    if kind is None:
        raise _failed(name, late=False)
    raise kind(_read_message(answer.get("message"), name))


def _read_message(document: object, name: str) -> Message:
    """Return what the other process says, if it is one of the sentences that are said of photos."""
    message = read_said(document, _SUBJECTS)
    if message is None:
        raise _failed(name, late=False)
    return message


def _failed(name: str, *, late: bool) -> DecoderFailed:
    if late:
        return DecoderFailed(
            "photo.decoding-too-long",
            "{name} took too long to decode, and was given up: make it smaller, or export it as an ordinary JPEG "
            "or PNG, and try again.",
            name=name,
        )
    return DecoderFailed(
        "photo.decoder-failed",
        "{name} made its decoder fail; nothing else was harmed: export it anew as an ordinary JPEG or PNG "
        "and try again.",
        name=name,
    )
