"""Clips are encoded by a process of their own, which sees covered frames alone; its bytes come back in pieces."""

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from semblance.errors import DecoderFailed, DependencyMissing, IntakeError
from semblance.faces.redaction.clip import CoveredFrame
from semblance.faces.sandbox.clip_limits import MOST_BYTES, PIECE
from semblance.faces.sandbox.process import SECONDS, Decoder, DecoderEnded
from semblance.faces.video.sound import Sound


@dataclass(frozen=True, slots=True)
class EncodedClip:
    """A whole clip: how many frames, their length in seconds, how many bytes, and these, each piece once.

    ``missed`` counts the faces that only the last look found, over all frames.
    """

    frames: int
    seconds: float
    missed: int
    size: int
    pieces: Iterator[bytes]


class ClipEncoder:
    """Takes the frames of one clip in their order, and gives its bytes."""

    def __init__(self, process: Decoder, reference: str, sound: Sound | None) -> None:
        self._process, self._missed = process, 0
        start = None if sound is None else sound.start
        self._tell({"reference": reference, "sound": start}, b"" if sound is None else sound.samples.tobytes())

    def add(self, frame: CoveredFrame) -> None:
        """Encode another frame; raises DecoderFailed where the process that does it is gone."""
        height, width, _ = frame.pixels.shape
        self._missed += frame.missed
        self._tell({"seconds": frame.seconds, "height": height, "width": width}, frame.pixels.tobytes())

    def finish(self) -> EncodedClip:
        """Return the clip, at least one frame long; raises DecoderFailed, IntakeError where it has too many bytes."""
        self._tell({"end": True}, b"")
        answer, _ = self._hear()
        if answer.get("error") == "too-large":
            raise IntakeError(
                "redaction.clip-too-large",
                "The clip would have more than {most} MB; make a shorter one.",
                most=MOST_BYTES >> 20,
            )
        frames, seconds, size = (answer.get(name) for name in ("frames", "seconds", "size"))
        if not (type(frames) is int and type(seconds) is float and type(size) is int and 0 < size <= 2 * MOST_BYTES):
            raise _failed()
        return EncodedClip(frames, seconds, self._missed, size, self._give(size))

    def _give(self, size: int) -> Iterator[bytes]:
        while size > 0:
            _, piece = self._hear()
            if len(piece) != min(PIECE, size):
                raise _failed()
            size -= len(piece)
            yield piece

    def _tell(self, header: dict[str, Any], data: bytes) -> None:
        try:
            self._process.tell(header, data, seconds=SECONDS)
        except DecoderEnded as ended:
            raise _failed() from ended

    def _hear(self) -> tuple[dict[str, Any], bytes]:
        try:
            answer, data = self._process.hear_bytes(most=PIECE, seconds=SECONDS)
        except DecoderEnded as ended:
            raise _failed() from ended
        return answer, data


@contextmanager
def encode_clip(reference: str, sound: Sound | None = None) -> Iterator[ClipEncoder]:
    """Give what encodes one clip with that reference number below its picture; its process ends with the block.

    Raises DependencyMissing where nothing here encodes videos.
    """
    if importlib.util.find_spec("av") is None:
        raise DependencyMissing(
            "video.extra-missing", "Videos need the package av: pip install 'semblance-faces[video]'."
        )
    process = Decoder("clip_worker")
    try:
        yield ClipEncoder(process, reference, sound)
    finally:
        process.end()


def _failed() -> DecoderFailed:
    return DecoderFailed(
        "redaction.encoder-failed",
        "The process that encodes clips broke off, and nothing of the clip is kept. Make it again; if that fails, "
        "a shorter one.",
    )
