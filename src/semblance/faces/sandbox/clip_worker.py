"""The process that encodes clips: covered frames and samples of sound come in, the bytes of an MP4 go out.

It never has anything of the video that they are of.
"""

import io
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import numpy as np

from semblance.faces.redaction.clip import CoveredFrame
from semblance.faces.redaction.reference import draw_band
from semblance.faces.redaction.write_clip import write_clip
from semblance.faces.sandbox.clip_limits import MOST_BYTES, PIECE
from semblance.faces.sandbox.confine import VIDEO_MEMORY, end_with, keep_apart, limit_cpu, limit_resources, refuse_calls
from semblance.faces.sandbox.late_imports import import_late_parts
from semblance.faces.sandbox.wire import WireBroken, receive_header, send
from semblance.faces.video.sound import Sound


class _TooLarge(Exception):
    """The clip has more bytes than are kept."""


def main() -> None:
    """Encode one clip for the process that started this one."""
    lifeline = json.loads(sys.argv[1])
    requests = sys.stdin.buffer
    answers = keep_apart(1)
    if lifeline is not None:
        end_with(lifeline)
    import_late_parts()
    # the font is opened once, while files can be
    draw_band(64, 64, "R")
    limit_resources(VIDEO_MEMORY)
    send(answers, {"confined": refuse_calls()})
    try:
        _encode(requests, answers)
    except (WireBroken, BrokenPipeError):
        return


def _encode(requests: BinaryIO, answers: BinaryIO) -> None:
    limit_cpu()
    header, data = _receive(requests)
    sound = None
    if header["sound"] is not None:
        sound = Sound(header["sound"], np.frombuffer(data, np.int16))
    out = io.BytesIO()
    try:
        facts = write_clip(out, _receive_frames(requests, out), reference=header["reference"], sound=sound)
    except _TooLarge:
        while "end" not in _receive(requests)[0]:
            pass
        send(answers, {"error": "too-large"})
        return
    whole = out.getbuffer()
    send(answers, {"frames": facts.frames, "seconds": facts.seconds, "size": len(whole)})
    for start in range(0, len(whole), PIECE):
        send(answers, {}, whole[start : start + PIECE])


def _receive_frames(requests: BinaryIO, out: io.BytesIO) -> Iterator[CoveredFrame]:
    while True:
        header, data = _receive(requests)
        if "end" in header:
            return
        if out.tell() > MOST_BYTES:
            raise _TooLarge
        limit_cpu()
        pixels = np.frombuffer(data, np.uint8).reshape(header["height"], header["width"], 3)
        yield CoveredFrame(header["seconds"], pixels, 0)


def _receive(requests: BinaryIO) -> tuple[Mapping[str, Any], bytes]:
    header, length = receive_header(requests)
    data = requests.read(length)
    if len(data) < length:
        raise WireBroken("the end")
    return header, data
