"""The process that decodes: it waits for bytes, and answers with pixels and notes, or with what is wrong with them."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import astuple
from typing import Any, BinaryIO, Final

import numpy as np

# What is imported late elsewhere has to be here before the process is confined.
import pillow_heif.as_plugin  # noqa: F401
from numpy.typing import NDArray

from semblance.errors import IntakeError
from semblance.faces.cutting import OutsidePhoto, cut_face, shrink_photo
from semblance.faces.decode import decode_photo
from semblance.faces.photo import turn_photo
from semblance.faces.sandbox.confine import end_with, keep_apart, limit_cpu, limit_resources, refuse_calls
from semblance.faces.sandbox.region import cut_region
from semblance.faces.sandbox.wire import WireBroken, receive_header, send, write_message
from semblance.terms.samples import Box, QuarterTurn

Answer = tuple[NDArray[np.uint8], Mapping[str, Any]]
"""Pixels, shape (height, width, 3), and what else there is to say of them."""


def _decode(data: bytes, name: str, *, max_pixels: int) -> Answer:
    photo = decode_photo(data, name=name, max_pixels=max_pixels)
    undecoded = photo.facts.undecoded
    return photo.pixels, {
        "notes": [write_message(note) for note in photo.facts.notes],
        "undecoded": None if undecoded is None else list(astuple(undecoded)),
    }


def _preview(data: bytes, name: str, *, turned: QuarterTurn, longest: int) -> Answer:
    return np.asarray(shrink_photo(turn_photo(decode_photo(data, name=name), turned), longest)), {}


def _face(data: bytes, name: str, *, box: list[float], turned: QuarterTurn, side: int, margin: float) -> Answer:
    photo = turn_photo(decode_photo(data, name=name), turned)
    return np.asarray(cut_face(photo, Box(*box), side, margin)), {}


def _region(
    data: bytes, name: str, *, box: list[float] | None, turned: QuarterTurn, margin: float, longest: int
) -> Answer:
    return np.asarray(cut_region(data, name, None if box is None else Box(*box), turned, margin, longest)), {}


TASKS: Final[Mapping[str, Callable[..., Answer]]] = {
    "decode": _decode,
    "preview": _preview,
    "face": _face,
    "region": _region,
}
"""By what they are asked for as; each takes bytes, the name that errors call the photo, and arguments of its own.
Whatever else decodes bytes from outside becomes a task here."""


def main() -> None:
    """Serve the process that started this one through its pipes, until it is gone."""
    lifeline = json.loads(sys.argv[1])
    requests = sys.stdin.buffer
    answers = keep_apart(1)
    if lifeline is not None:
        end_with(lifeline)
    limit_resources()
    send(answers, {"confined": refuse_calls()})
    while True:
        try:
            header, length = receive_header(requests)
        except WireBroken:
            return
        data = requests.read(length)
        if len(data) < length:
            return
        limit_cpu()
        try:
            _answer(answers, header, data)
        except BrokenPipeError:
            return
        del data


def _answer(answers: BinaryIO, header: Mapping[str, Any], data: bytes) -> None:
    name = header["name"]
    try:
        pixels, said = TASKS[header["task"]](data, name, **header["arguments"])
    except IntakeError as error:
        send(answers, {"error": error.code, "message": write_message(error.message)})
    except OutsidePhoto:
        send(answers, {"error": "outside"})
    else:
        height, width, _ = pixels.shape
        send(answers, {"height": height, "width": width, **said}, np.ascontiguousarray(pixels).data)
