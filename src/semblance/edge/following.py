"""What programs are told of a video whose faces are followed: tracks, pictures of them, and frames with their boxes."""

from base64 import b64encode
from datetime import datetime

from pydantic import Field

from semblance.edge.document import Document
from semblance.edge.jobs import JobDocument, describe_job
from semblance.edge.searches import FrameText
from semblance.faces.tracking.best_frames import find_spans
from semblance.gallery.following import TrackFace
from semblance.messages.message import Message
from semblance.terms.tracks import Track
from semblance.workflows.following.place_boxes import BoxFinder, PlacedBox
from semblance.workflows.following.read_following import Following
from semblance.workflows.following.show_frames import ShownFrame


class BoxDocument(Document):
    """Where the face of a track is in a frame, in its pixels."""

    track: int
    left: float
    top: float
    right: float
    bottom: float
    seen: bool = Field(description="False where the face should be there, between two frames that were looked at.")


class TrackFaceDocument(Document):
    """A small picture of a face of a track; `…/faces/ID` gives it."""

    id: str
    frame: FrameText = Field(description="The frame's name.", examples=["0@31031x1/30000#6bbb8c…"])
    seconds: float
    quality: int = Field(description="0 to 100; -1 where it could not be told.")


class TrackDocument(Document):
    """One face, followed through a video."""

    number: int
    sightings: int = Field(description="In how many of the frames that were looked at it was seen.")
    quality: int = Field(description="The best that it has in any of them; -1 where none could be told.")
    spans: tuple[tuple[float, float], ...] = Field(description="From when to when it was seen, in seconds.")
    faces: tuple[TrackFaceDocument, ...] = Field(description="Its best and most different faces, the best first.")


class FollowingDocument(Document):
    """How far the faces of a video were followed; nobody in it is named or compared."""

    file: str
    name: str
    job: JobDocument | None = Field(description="Null where nobody asked that its faces be followed.")
    done: bool = Field(description="Whether they were followed to the end; until then tracks may change.")
    reached: float = Field(description="Up to which time in the video, in seconds.")
    tracks: tuple[TrackDocument, ...]
    boxes: tuple[BoxDocument, ...] | None = Field(description="At the time that was asked for; null where none was.")
    longest: int | None = Field(description="The most pixels on a side of the frames that `boxes` lie in.")
    notes: tuple[Message, ...]


class FrameDocument(Document):
    """A frame of a video."""

    name: FrameText = Field(description="By it the same frame is found again.", examples=["0@31031x1/30000#6bbb8c…"])
    seconds: float
    width: int
    height: int
    jpeg: str = Field(description="The picture, in base64.")
    boxes: tuple[BoxDocument, ...] = Field(description="Where the faces of tracks are.")


class FrameListDocument(Document):
    """Frames, in the order of the video."""

    frames: tuple[FrameDocument, ...]


def describe_following(found: Following, now: datetime, at: float | None = None) -> FollowingDocument:
    """Return the document of what was found so far, with the boxes at a time where one is asked for."""
    followed = found.followed
    tracks = () if followed is None else followed.tracks
    return FollowingDocument(
        file=found.file.id,
        name=found.file.name,
        job=None if found.job is None else describe_job(found.job, now),
        done=followed is not None and followed.done,
        reached=0.0 if followed is None else followed.reached,
        tracks=tuple(_describe_track(track, found.faces.get(track.number, ())) for track in tracks),
        boxes=None if at is None else tuple(map(_describe_box, BoxFinder(tracks).find(at))),
        longest=None if followed is None else followed.longest,
        notes=() if followed is None else followed.notes,
    )


def describe_frames(frames: tuple[ShownFrame, ...]) -> FrameListDocument:
    """Return the document of frames."""
    return FrameListDocument(
        frames=tuple(
            FrameDocument.from_value(
                frame, jpeg=b64encode(frame.picture).decode(), boxes=tuple(map(_describe_box, frame.boxes))
            )
            for frame in frames
        )
    )


def _describe_track(track: Track, faces: tuple[TrackFace, ...]) -> TrackDocument:
    return TrackDocument(
        number=track.number,
        sightings=len(track.sightings),
        quality=max(sighting.quality for sighting in track.sightings),
        spans=find_spans(track),
        faces=tuple(map(TrackFaceDocument.from_value, faces)),
    )


def _describe_box(placed: PlacedBox) -> BoxDocument:
    return BoxDocument.from_value(placed.box, track=placed.number, seen=placed.seen)
