"""The process that decodes a video: it has no file, asks for pieces of one, and gives frame after frame."""

import io
import json
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, fields
from fractions import Fraction
from typing import IO, Any, BinaryIO, Final, cast

import numpy as np
from av.video.frame import VideoFrame as Picture
from numpy.typing import NDArray
from PIL import Image

from semblance.errors import SemblanceError, VideoTooLarge
from semblance.faces.sandbox.confine import (
    CPU_SECONDS,
    VIDEO_MEMORY,
    end_with,
    keep_apart,
    limit_cpu,
    limit_resources,
    refuse_calls,
)
from semblance.faces.sandbox.late_imports import import_late_parts
from semblance.faces.sandbox.wire import WireBroken, receive_header, send, write_message
from semblance.faces.video.facts import read_facts
from semblance.faces.video.read_sound import read_sound
from semblance.faces.video.reading import FrameReader, ReadFrame, Sampling, digest_pixels
from semblance.terms.frames import FrameName
from semblance.terms.ids import Sha256

_BLOCK: Final = 1024 * 1024
_BLOCKS: Final = 8
_SIGN_OF_LIFE: Final = 1.0
"""Seconds after which the other side is told how far decoding has come, where there was no frame to give."""


class RangeFile(io.RawIOBase):
    """A file of which pieces are asked for when they are read; the last few are kept."""

    def __init__(self, ask: Callable[[int, int], bytes], size: int) -> None:
        self._ask, self._size, self._at = ask, size, 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return where reading goes on."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go on reading somewhere else."""
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence])
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Return as many bytes as one block has, ``size`` at most."""
        if not 0 <= self._at < self._size:
            return b""
        number, skipped = divmod(self._at, _BLOCK)
        block = self._blocks.pop(number, None)
        if block is None:
            block = self._ask(number * _BLOCK, min(_BLOCK, self._size - number * _BLOCK))
        self._blocks[number] = block
        if len(self._blocks) > _BLOCKS:
            self._blocks.popitem(last=False)
        part = block[skipped:] if size < 0 else block[skipped : skipped + size]
        self._at += len(part)
        return part


class _Budget:
    """As much processor time as a photo has, and as much again for each second of video that is behind."""

    def __init__(self) -> None:
        self._began, self._first = time.process_time(), 0.0
        self._furthest: float | None = None
        limit_cpu()

    def reach(self, seconds: float) -> None:
        """Allow what a video may take to get there."""
        if self._furthest is None:
            self._first = self._furthest = seconds
        elif seconds >= self._furthest + 1:
            self._furthest = seconds
            allowed = CPU_SECONDS * (1 + seconds - self._first)
            limit_cpu(self._began + allowed - time.process_time())


class _Server:
    """Answers one request after the other."""

    def __init__(self, requests: BinaryIO, answers: BinaryIO) -> None:
        self._requests, self._answers = requests, answers
        self._wanted: list[float | None] = []

    def serve(self) -> None:
        while True:
            header, _ = receive_header(self._requests)
            file = cast(IO[bytes], RangeFile(self._ask, header["size"]))
            try:
                self._tasks[header["task"]](self, file, header)
            except SemblanceError as error:
                self._refuse(error)
            except MemoryError:
                self._refuse(
                    VideoTooLarge(
                        "video.out-of-memory",
                        "{name} needs more memory than a video may take: make a smaller copy, and keep the original.",
                        name=header["name"],
                    )
                )

    def _refuse(self, error: SemblanceError) -> None:
        send(self._answers, {"error": error.code, "message": write_message(error.message)})

    def _ask(self, offset: int, length: int) -> bytes:
        send(self._answers, {"read": [offset, length]})
        header, given = receive_header(self._requests)
        while "from" in header:
            # said before anything was asked for: what is decoded ahead is read meanwhile
            self._wanted.append(header["from"])
            header, given = receive_header(self._requests)
        data = self._requests.read(given)
        if len(data) != length:
            # no exception leaves the decoder's library as it was: there is nothing to be saved here
            raise SystemExit
        return data

    def _tell_facts(self, file: IO[bytes], header: Mapping[str, Any]) -> None:
        limit_cpu()
        facts = read_facts(file, header["name"], header["size"])
        said = {field.name: getattr(facts, field.name) for field in fields(facts)}
        said["streams"] = [asdict(stream) for stream in facts.streams]
        send(self._answers, {"facts": said | {"notes": [write_message(note) for note in facts.notes]}})

    def _give_frames(self, file: IO[bytes], header: Mapping[str, Any]) -> None:
        reader = FrameReader(file, header["name"], header["stream"])
        if header["waits"]:
            frames = reader.read_wanted(header["start"], self._hear_wanted)
        else:
            frames = reader.read(Sampling(header["every"], header["start"], header["until"]))
        self._give(reader, frames, header["longest"])

    def _hear_wanted(self) -> float | None:
        if not self._wanted:
            header, _ = receive_header(self._requests)
            self._wanted.append(header["from"])
        return self._wanted.pop()

    def _find_frame(self, file: IO[bytes], header: Mapping[str, Any]) -> None:
        stream, pts, numerator, denominator, sha256 = header["frame"]
        name = FrameName(stream, pts, Fraction(numerator, denominator), Sha256(sha256))
        reader = FrameReader(file, header["name"], stream)
        self._give(reader, reader.find(name), header["longest"])

    def _give_sound(self, file: IO[bytes], header: Mapping[str, Any]) -> None:
        budget, told = _Budget(), time.monotonic()
        for part in read_sound(file, header["name"], header["start"], header["until"]):
            budget.reach(part.seconds)
            if part.samples is not None:
                send(self._answers, {"sound": part.seconds}, part.samples.data)
            elif time.monotonic() < told + _SIGN_OF_LIFE:
                continue
            else:
                send(self._answers, {"progress": part.seconds})
            told = time.monotonic()
        send(self._answers, {"notes": []})

    def _give(self, reader: FrameReader, frames: Iterator[ReadFrame], longest: int | None) -> None:
        budget, told = _Budget(), time.monotonic()
        for frame in frames:
            budget.reach(frame.seconds)
            if frame.pixels is not None:
                self._give_pixels(reader.stream, frame.picture, frame.pixels, longest)
            elif time.monotonic() < told + _SIGN_OF_LIFE:
                continue
            else:
                send(self._answers, {"progress": frame.seconds})
            told = time.monotonic()
        send(self._answers, {"notes": [write_message(note) for note in reader.notes]})

    def _give_pixels(self, stream: int, picture: Picture, pixels: NDArray[np.uint8], longest: int | None) -> None:
        base, sha256 = picture.time_base, None
        assert base is not None
        if longest is not None and max(pixels.shape[:2]) > longest:
            sha256 = digest_pixels(pixels)
            pixels = _shrink(pixels, longest)
        height, width, _ = pixels.shape
        name = [stream, picture.pts, base.numerator, base.denominator]
        send(self._answers, {"frame": name, "sha256": sha256, "height": height, "width": width}, pixels.data)

    _tasks: Final[Mapping[str, Callable[["_Server", IO[bytes], Mapping[str, Any]], None]]] = {
        "facts": _tell_facts,
        "frames": _give_frames,
        "find": _find_frame,
        "sound": _give_sound,
    }


def _shrink(pixels: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    height, width, _ = pixels.shape
    factor = longest / max(height, width)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX))


def main() -> None:
    """Serve the process that started this one through its pipes, until it is gone."""
    lifeline = json.loads(sys.argv[1])
    requests = sys.stdin.buffer
    answers = keep_apart(1)
    if lifeline is not None:
        end_with(lifeline)
    import_late_parts()
    limit_resources(VIDEO_MEMORY)
    send(answers, {"confined": refuse_calls()})
    try:
        _Server(requests, answers).serve()
    except (WireBroken, BrokenPipeError):
        return
