"""What a video is, from its index, its first packets and its first picture."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import islice, pairwise
from typing import IO, Final, Literal

import av
from av.video.frame import VideoFrame as Picture

from semblance.errors import DamagedVideo
from semblance.faces.video.containers import CODECS, VideoContainer
from semblance.faces.video.decoding import MOST_SECONDS, Found, decode_pictures
from semblance.faces.video.high_range import Transfer
from semblance.faces.video.opening import OpenedVideo, open_video
from semblance.faces.video.rendering import Renderer, find_transfer, find_turn
from semblance.terms.frames import StreamFacts, VideoFacts

_TRANSFERS: Final[Mapping[Transfer | None, Literal["PQ", "HLG"]]] = {Transfer.PQ: "PQ", Transfer.HLG: "HLG"}
_PACKETS_LOOKED_AT: Final = 120
_EVEN: Final = 0.002
"""Seconds by which the time between two pictures may differ at one rate; Matroska counts milliseconds."""


def read_facts(file: IO[bytes], name: str, size: int) -> VideoFacts:
    """Return the facts; raises UnsupportedVideo, DamagedVideo, VideoTooLarge."""
    video = open_video(file, name)
    try:
        rate = _find_rate(video)
    finally:
        video.close()
    video = open_video(file, name)
    try:
        found = Found()
        first = find_first(video, found)
        renderer = make_renderer(video)
        pixels = renderer.render(first, None, None)
        transfer = find_transfer(first)
        return VideoFacts(
            sha256=None,
            size=size,
            container=video.format.value,
            codec=CODECS[video.stream.codec_context.codec.canonical_name],
            stream=video.stream.index,
            streams=tuple(_describe_streams(video)),
            seconds=find_length(video),
            width=pixels.shape[1],
            height=pixels.shape[0],
            rotation=find_turn(first)[0],
            frame_rate=rate,
            transfer=_TRANSFERS.get(transfer),
            interlaced=bool(first.interlaced_frame),
            notes=(*video.notes, *renderer.notes.values(), *found.list_notes(None)),
        )
    finally:
        video.close()


def find_first(video: OpenedVideo, found: Found) -> Picture:
    """Return the first picture that can be decoded; raises DamagedVideo where there is none."""
    for picture in decode_pictures(video, found):
        return picture
    raise DamagedVideo(
        "video.no-pictures",
        "{name} starts as {format}, but not one picture of it can be decoded ({n} were tried): get the file again from "
        "where it came.",
        name=video.name,
        format=video.format,
        n=found.damaged,
    )


def make_renderer(video: OpenedVideo) -> Renderer:
    """Return what renders the stream's pictures."""
    context = video.stream.codec_context
    aspect = video.stream.sample_aspect_ratio or context.sample_aspect_ratio
    return Renderer(video.name, Fraction(aspect) if aspect else Fraction(1))


def find_length(video: OpenedVideo) -> float | None:
    """Return how long the stream lasts in seconds, as the file claims; None where it claims nothing that can be."""
    stream, container = video.stream, video.container
    seconds = None
    if video.format is VideoContainer.AVI and stream.frames and stream.average_rate:
        # the library guesses from the size of a file that broke off; how many there were stands at its beginning
        seconds = float(stream.frames / stream.average_rate)
    elif stream.duration is not None and stream.time_base is not None:
        seconds = float((stream.duration + max(stream.start_time or 0, 0)) * stream.time_base)
    elif container.duration is not None:
        seconds = container.duration / av.time_base
    return seconds if seconds is not None and 0 < seconds < 1000 * MOST_SECONDS else None


def _find_rate(video: OpenedVideo) -> float | Literal["variable"] | None:
    stream = video.stream
    times: list[int] = []
    try:
        for packet in islice(video.container.demux(stream), _PACKETS_LOOKED_AT):
            times += [] if packet.pts is None else [packet.pts]
    except (av.FFmpegError, ValueError):
        times.clear()
    claimed = stream.average_rate or stream.guessed_rate
    if len(times) < 3 or stream.time_base is None:
        return float(claimed) if claimed and 0 < claimed < 1000 else None
    # the packets that come last may lack those that are shown between them
    between = sorted(float((after - before) * stream.time_base) for before, after in pairwise(sorted(times)))
    usual = between[len(between) // 2]
    steady = [step for step in between[: max(1, len(between) - 4)] if abs(step - usual) > max(_EVEN, usual / 20)]
    if steady or usual <= 0:
        return "variable"
    claims_another = claimed and abs(float(claimed) * usual - 1) > 0.1
    if claims_another and len(times) >= _PACKETS_LOOKED_AT:
        return "variable"
    return float(claimed) if claimed and not claims_another else 1 / usual


def _describe_streams(video: OpenedVideo) -> Iterator[StreamFacts]:
    for stream in video.container.streams:
        context = stream.codec_context
        codec = "unknown" if context is None else context.codec.canonical_name
        yield StreamFacts(stream.index, stream.type if stream.type != "unknown" else "data", codec)
