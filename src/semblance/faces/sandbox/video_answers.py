"""What a process that decodes a video answers, read as if somebody else had taken it over."""

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import fields
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from semblance.faces.sandbox.said import read_said
from semblance.faces.video.containers import CODECS, VideoContainer
from semblance.faces.video.frame import MAX_FRAME_PIXELS, VideoFrame
from semblance.messages.message import Message
from semblance.terms.frames import FrameName, StreamFacts, VideoFacts
from semblance.terms.ids import Sha256

_MOST_NOTES: Final = 32
_MOST_STREAMS: Final = 64
_KINDS: Final = frozenset({"video", "audio", "subtitle", "attachment", "data"})
_CODEC_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class Unbelievable(Exception):
    """An answer cannot have been meant."""


def read_notes(document: object) -> tuple[Message, ...]:
    """Return notes; raises Unbelievable."""
    if not isinstance(document, list) or len(document) > _MOST_NOTES:
        raise Unbelievable
    notes = [read_said(note, ("video.",)) for note in document]
    if None in notes:
        raise Unbelievable
    return tuple(note for note in notes if note is not None)


def read_frame(answer: Mapping[str, Any], pixels: NDArray[np.uint8], longest: int | None) -> VideoFrame:
    """Return a frame; its digest is told anew wherever its pixels are whole. Raises Unbelievable."""
    name: Any = answer.get("frame")
    sha256: Any = answer.get("sha256")
    if not isinstance(name, list) or len(name) != 4 or not pixels.size:
        raise Unbelievable
    stream, pts, numerator, denominator = name
    _expect(_is_count(stream, _MOST_STREAMS - 1))
    _expect(type(pts) is int and -(2**63) <= pts < 2**63)
    _expect(_is_count(numerator, 2**31) and _is_count(denominator, 2**31) and numerator and denominator)
    shrunk = sha256 is not None
    _expect(longest is None or max(pixels.shape[:2]) <= longest)
    if shrunk:
        _expect(longest is not None and isinstance(sha256, str) and _DIGEST.fullmatch(sha256))
    else:
        sha256 = hashlib.sha256(pixels.data).hexdigest()
    base = Fraction(numerator, denominator)
    pixels.flags.writeable = False
    return VideoFrame(FrameName(stream, pts, base, Sha256(sha256)), float(pts * base), pixels)


def read_facts(document: object, size: int) -> VideoFacts:
    """Return the facts of a video of that many bytes; raises Unbelievable."""
    _expect(isinstance(document, dict) and document.keys() == {field.name for field in fields(VideoFacts)})
    facts: Any = document
    streams = facts["streams"]
    _expect(isinstance(streams, list) and len(streams) <= _MOST_STREAMS)
    known = tuple(_read_stream(stream) for stream in streams)
    _expect(facts["stream"] in [stream.index for stream in known if stream.kind == "video"])
    width, height, seconds, rate = (facts[field] for field in ("width", "height", "seconds", "frame_rate"))
    _expect(
        _is_count(width, MAX_FRAME_PIXELS)
        and _is_count(height, MAX_FRAME_PIXELS)
        and 0 < width * height <= MAX_FRAME_PIXELS
    )
    _expect(seconds is None or _is_positive(seconds))
    _expect(rate in (None, "variable") or _is_positive(rate))
    _expect(facts["rotation"] in (0, 90, 180, 270) and facts["transfer"] in (None, "PQ", "HLG"))
    _expect(isinstance(facts["interlaced"], bool) and facts["codec"] in CODECS.values())
    return VideoFacts(
        sha256=None,
        size=size,
        container=VideoContainer(facts["container"]).value,
        codec=facts["codec"],
        stream=facts["stream"],
        streams=known,
        seconds=seconds,
        width=facts["width"],
        height=facts["height"],
        rotation=facts["rotation"],
        frame_rate=facts["frame_rate"],
        transfer=facts["transfer"],
        interlaced=facts["interlaced"],
        notes=read_notes(facts["notes"]),
    )


def _read_stream(document: Any) -> StreamFacts:
    _expect(isinstance(document, dict) and document.keys() == {field.name for field in fields(StreamFacts)})
    index, kind, codec = document["index"], document["kind"], document["codec"]
    _expect(_is_count(index, _MOST_STREAMS - 1) and kind in _KINDS)
    _expect(isinstance(codec, str) and _CODEC_NAME.fullmatch(codec))
    return StreamFacts(index, kind, codec)


def _is_count(value: object, most: int) -> bool:
    return type(value) is int and 0 <= value <= most


def _is_positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0


def _expect(believable: object) -> None:
    if not believable:
        raise Unbelievable
