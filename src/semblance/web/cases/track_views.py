"""From tracks to what the page of a followed video shows of them: rows of a time line, and the one that is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from semblance.errors import TrackUnsuitable
from semblance.faces.tracking.best_frames import find_spans
from semblance.faces.tracking.fusing import choose_good_frames
from semblance.gallery.following import TrackFace
from semblance.terms.tracks import Track
from semblance.web.wording.language import _, ngettext
from semblance.web.wording.say_message import say_message
from semblance.web.wording.words import say_decimal, say_time
from semblance.workflows.following.read_following import Following

UNITS: Final = 1000
"""How wide a row of the time line is."""
_THINNEST: Final = 2.0
_READ_OUT: Final = 5
_MOMENT: Final = 0.05

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scale:
    """From when to when the time line goes, in seconds."""

    start: float
    end: float

    def place(self, seconds: float) -> float:
        """Return where that time lies on a row, 0 to ``UNITS``."""
        return UNITS * (seconds - self.start) / max(self.end - self.start, 1e-6)


@dataclass(frozen=True, slots=True)
class TrackRow:
    """A track as a row of the time line; ``bars`` are left edge and width, in units of the row."""

    number: int
    href: str
    picture: str | None
    says: str
    spans: str
    bars: tuple[tuple[float, float], ...]
    chosen: bool


@dataclass(frozen=True, slots=True)
class FaceCell:
    """A face of the contact sheet: its picture, when it was seen, and where the page shows that moment."""

    picture: str
    seconds: float
    time: str
    quality: str
    href: str


@dataclass(frozen=True, slots=True)
class ChosenTrack:
    """The chosen track; ``unfit`` says why no frame of it will do as a probe, empty where some do."""

    number: int
    facts: tuple[tuple[str, str], ...]
    faces: tuple[FaceCell, ...]
    spans: tuple[tuple[float, str, str], ...]
    unfit: str


def find_scale(found: Following) -> Scale:
    """Return from when to when the video goes, as far as it is known."""
    sightings = [track.sightings for track in found.followed.tracks] if found.followed else []
    claimed = (found.file.facts and found.file.facts.seconds) or 0.0
    reached = found.followed.reached if found.followed else 0.0
    known = reached if found.followed and found.followed.done else max(claimed, reached)
    return Scale(
        min([0.0, *(seen[0].seconds for seen in sightings)]), max([known, *(seen[-1].seconds for seen in sightings)])
    )


def sort_tracks(tracks: Sequence[Track]) -> tuple[Track, ...]:
    """Return the tracks, the one that was seen longest first."""
    return tuple(sorted(tracks, key=lambda track: (-_measure(find_spans(track)), track.number)))


def view_row(track: Track, faces: Sequence[TrackFace], scale: Scale, *, here: str, chosen: bool) -> TrackRow:
    """Return a track as a row of the time line; the page is at ``here``."""
    spans = find_spans(track)
    told = ", ".join(f"{say_time(start)} – {say_time(end)}" for start, end in spans[:_READ_OUT])  # noqa: RUF001 - from, to
    return TrackRow(
        track.number,
        f"{here}/tracks?track={track.number}#chosen",
        f"{here}/faces/{faces[0].id}" if faces else None,
        _say_length(spans),
        told if len(spans) <= _READ_OUT else _("{spans} and {n} more", spans=told, n=len(spans) - _READ_OUT),
        _draw_bars(spans, scale),
        chosen,
    )


def view_track(track: Track, faces: Sequence[TrackFace], *, here: str) -> ChosenTrack:
    """Return the chosen track with its contact sheet; the page is at ``here``."""
    spans = find_spans(track)
    best = max(sighting.quality for sighting in track.sightings)
    looked = ngettext("in {n} frame that was looked at", "in {n} frames that were looked at", len(track.sightings))
    return ChosenTrack(
        track.number,
        (
            (_("Seen"), f"{_say_length(spans)}, {looked}"),
            (_("First seen"), say_time(track.sightings[0].seconds)),
            (_("Last seen"), say_time(track.sightings[-1].seconds)),
            (_("Best quality"), _("{quality} of 100", quality=best) if best >= 0 else _("could not be told")),
        ),
        tuple(_view_face(face, track.number, here) for face in faces),
        tuple(
            (start, f"{say_time(start)} – {say_time(end)}", _link(here, track.number, start))  # noqa: RUF001 - from, to
            for start, end in spans
        ),
        _find_unfit(track),
    )


def _view_face(face: TrackFace, number: int, here: str) -> FaceCell:
    return FaceCell(
        f"{here}/faces/{face.id}",
        face.seconds,
        say_time(face.seconds),
        _("quality {quality}", quality=face.quality) if face.quality >= 0 else "",
        _link(here, number, face.seconds),
    )


def _link(here: str, number: int, seconds: float) -> str:
    return f"{here}/tracks?track={number}&at={seconds!r}#viewer"


def _find_unfit(track: Track) -> str:
    try:
        choose_good_frames(track)
    except TrackUnsuitable as unsuitable:
        return say_message(unsuitable.message)
    return ""


def _say_length(spans: Sequence[Span]) -> str:
    if _measure(spans) < _MOMENT:
        return ngettext("less than 0.1 s, once", "less than 0.1 s, {n} times", len(spans))
    return ngettext("{seconds} s, once", "{seconds} s, {n} times", len(spans), seconds=say_decimal(_measure(spans), 1))


def _measure(spans: Sequence[Span]) -> float:
    return sum(end - start for start, end in spans)


def _draw_bars(spans: Sequence[Span], scale: Scale) -> tuple[tuple[float, float], ...]:
    """Return the spans as bars that can be seen, those that touch then as one."""
    bars: list[list[float]] = []
    for start, end in spans:
        left = min(scale.place(start), UNITS - _THINNEST)
        right = max(scale.place(end), left + _THINNEST)
        if bars and left <= bars[-1][1] + _THINNEST / 2:
            bars[-1][1] = max(bars[-1][1], right)
        else:
            bars.append([left, right])
    return tuple((round(left, 1), round(right - left, 1)) for left, right in bars)
