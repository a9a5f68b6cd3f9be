"""What following the faces of a submitted video found: tracks, pictures of their faces, and what became a probe."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

from semblance.messages.stored import StoredMessage
from semblance.terms.frames import FrameName, require_frame_name
from semblance.terms.ids import JobId, PackDigest, SubmissionFileId
from semblance.terms.samples import Box
from semblance.terms.tracks import Track


def _read_name(written: object) -> object:
    return require_frame_name(written) if isinstance(written, str) else written


WrittenFrameName = Annotated[FrameName, BeforeValidator(_read_name), PlainSerializer(str)]
"""A frame's name, as JSON its text."""


@dataclass(frozen=True, slots=True)
class Followed:
    """How far the faces of a video were followed, and the tracks so far.

    ``longest``: the most pixels on a side of the frames in which they were followed; places in sightings are pixels of
    such frames. ``reached``: the time in the video, in seconds, up to which it was followed.
    """

    file: SubmissionFileId
    job: JobId
    pack: PackDigest
    longest: int
    reached: float = 0.0
    done: bool = False
    notes: tuple[StoredMessage, ...] = ()
    tracks: tuple[Track, ...] = ()


@dataclass(frozen=True, slots=True)
class TrackFace:
    """A small picture of a face that was followed, without its bytes: which sighting of it is shown."""

    id: str
    frame: WrittenFrameName
    seconds: float
    box: Box
    quality: int


@dataclass(frozen=True, slots=True)
class UsedFrame:
    """A frame of a track that its probe is searched with; ``quality`` is the face's UnifiedQualityScore in it."""

    frame: WrittenFrameName
    seconds: float
    quality: int


@dataclass(frozen=True, slots=True)
class TrackOrigin:
    """Which track of which submitted video a probe shows; its photo is the first of the frames."""

    file: SubmissionFileId
    name: str
    number: int
    frames: tuple[UsedFrame, ...]
