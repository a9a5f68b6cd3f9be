"""Follows every face of a video, frame by frame, as far as position and template tell that it is the same."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np

from semblance.faces.detection.detector import Detection
from semblance.faces.photo import Photo
from semblance.faces.tracking.cuts import CutFinder
from semblance.faces.tracking.joining import join_pieces
from semblance.faces.tracking.likeness import Glimpse, average, keep_best, score_rows, weigh
from semblance.faces.tracking.matching import match_faces, stands_still
from semblance.faces.tracking.piece import Piece
from semblance.faces.tracking.seeing import FaceReader, Frame, as_photo, encode_face
from semblance.faces.tracking.state import TrackingState, read_state, write_state
from semblance.terms.tracks import Sighting, Track

CALM: Final = 0.2
NEAR: Final = 1 / 15
QUICK: Final = 1 / 25
"""Seconds between frames that are looked at: where nothing moves much, where faces appear or come close to one another,
and where they move fast."""
_EARLY: Final = 1e-3
_STEP: Final = 0.2
"""How far a face should move from look to look, in widths of a face."""
_LOST: Final = 0.5
"""Seconds after which a face that was not seen again where it was expected is not expected there any more."""
_JUMP: Final = 1.0
"""Seconds without a frame after which nothing is where it was."""
_CHECK: Final = 0.6
_RARELY: Final = 2.4
"""Seconds after which a piece's face is compared with its templates again: at first, and when it long agreed."""
_FIRST: Final = 4
"""Templates that a piece needs at once: the first is often of a face that comes out from behind something."""
_HANDS: Final = 2
_ENCODED: Final = 8
_ASSESSED: Final = 40
"""Faces of a frame that are encoded, and assessed, at most; the largest first."""
_LEAST_QUALITY: Final = 10
_LEAST_SIDE: Final = 20.0
"""A face that is poorer, or a box narrower in pixels, gives no template that says anything."""
_LEAST_SEEN: Final = 10.0
"""A narrower box is no face that anybody could recognise."""
_EDGE: Final = 0.15
"""Heights of a face that must lie between its features and the frame's edge."""
_LARGE: Final = 1 / 12
"""A face of that share of the frame's longer side that appears is looked at again at once."""
_INSIDE: Final = 0.6
"""A box of which more lies within a larger face's is taken for a part of that face."""


@dataclass(slots=True, eq=False)
class _Seen:
    face: Detection
    sighting: Sighting
    glimpse: Glimpse | None = None


class FaceTracker:
    """Takes the frames of one video in their order; one thread.

    Templates are held in memory until ``finish``, and leave it only with ``state``.
    """

    def __init__(self, reader: FaceReader, *, state: bytes | None = None) -> None:
        """Begin, or go on from the bytes of a state: the first frame given is then the last that was taken before.

        Raises Conflict where the state is another pack's.
        """
        self._reader, self._cuts = reader, CutFinder()
        self._state = TrackingState(reader.digest, CALM) if state is None else read_state(state, reader.digest)
        self._resumed = state is not None
        self._finished = False
        self._hands = ThreadPoolExecutor(_HANDS, "encode")

    @property
    def state(self) -> bytes:
        """All that is needed to go on, templates included: seal it."""
        return write_state(self._state)

    @property
    def begun(self) -> bool:
        """Whether a frame was looked at, perhaps before this tracker went on."""
        return self._state.last is not None

    @property
    def seconds(self) -> float:
        """The time of the last frame that was looked at."""
        return self._state.seconds

    @property
    def latest(self) -> tuple[tuple[int, Sighting], ...]:
        """The faces of the last frame that was looked at, each with the number of the piece of a track it is in."""
        state = self._state
        return tuple(
            (piece.number, piece.last) for piece in state.pieces if piece.open and piece.looks[-1] == state.look
        )

    @property
    def due(self) -> float | None:
        """From when on a frame is looked at next, in seconds; None: the very next one."""
        state = self._state
        return None if state.last is None or self._resumed else state.seconds + state.interval - _EARLY

    def wants(self, seconds: float) -> bool:
        """Return whether the frame at that time would be looked at; any other need not be given, nor its pixels made.

        More frames are wanted where faces move.
        """
        return self.due is None or not self._state.seconds <= seconds < self.due

    def take(self, frame: Frame) -> None:
        """Look at the frame, if it is wanted."""
        if self._finished:
            raise RuntimeError("following has ended")
        if not self.wants(frame.seconds):
            return
        state = self._state
        changed = self._cuts.look(frame.pixels)
        if self._resumed:
            self._resumed = False
            if frame.name == state.last:
                return
        if not 0 <= frame.seconds - state.seconds <= _JUMP:
            self._close(state.pieces)
        photo = as_photo(frame.name, frame.pixels)
        # a camera that swings changes every frame; a scene that ends changes one
        cut, state.changed = changed and not state.changed, changed
        state.look += 1
        state.last, state.seconds = frame.name, frame.seconds
        self._follow(photo, self._see(frame, photo), cut=cut)

    def find_tracks(self) -> tuple[Track, ...]:
        """Return the tracks so far, by number."""
        groups = join_pieces(self._state.pieces, self._reader.metric, self._reader.tracking)
        tracks = []
        for group in groups:
            ordered = sorted(group, key=lambda piece: piece.looks[0])
            sightings = tuple(sighting for piece in ordered for sighting in piece.sightings)
            tracks.append(Track(min(piece.number for piece in group), sightings))
        return tuple(sorted(tracks, key=lambda track: track.number))

    def finish(self) -> tuple[Track, ...]:
        """Return the tracks, and drop every template."""
        tracks = self.find_tracks()
        self._state = TrackingState(self._reader.digest, CALM, seconds=self._state.seconds)
        self._finished = True
        return tracks

    def _see(self, frame: Frame, photo: Photo) -> list[_Seen]:
        large = [face for face in self._reader.find(photo) if min(face.box.width, face.box.height) >= _LEAST_SEEN]
        faces = _leave_out_parts(large)
        samples = self._reader.assess(photo, tuple(faces[:_ASSESSED]), None, None)
        qualities = [sample.quality.unified for sample in samples] + [-1] * (len(faces) - len(samples))
        return [
            _Seen(face, Sighting(frame.name, frame.seconds, face.box, face.landmarks, face.score, quality))
            for face, quality in zip(faces, qualities, strict=True)
        ]

    def _follow(self, photo: Photo, seen: list[_Seen], *, cut: bool) -> None:
        state = self._state
        running = [piece for piece in state.pieces if piece.open]
        boxes = [face.sighting.box for face in seen]
        still = stands_still(running, boxes)
        matches = match_faces(running, boxes, state.seconds)
        look = _Look(self._reader, photo, state.look, self._hands)
        moved, taken = 0.0, set()
        clear = [(running[row], seen[column]) for row, column in matches.pairs]
        contested = [(running[row], seen[column]) for row, column in matches.contested]
        settled = [(piece, face) for piece, face in clear if piece.looks[-1] == state.look - 1 and not cut]
        doubtful = [(piece, face) for piece, face in clear if piece.looks[-1] < state.look - 1 or cut]
        settled += look.tell_apart(doubtful, alone=still or not cut) + look.tell_apart(contested, alone=False)
        for piece, face in settled:
            taken.add(id(face))
            moved = max(moved, _measure_move(piece, face.sighting))
            piece.add(face.sighting, state.look)
        self._close(piece for piece, _ in (*doubtful, *contested) if piece.looks[-1] != state.look)
        patience = 0.0 if cut else _LOST
        self._close(piece for piece in running if state.seconds - piece.last.seconds > patience)
        fresh = []
        for face in seen:
            if id(face) not in taken:
                piece = state.make_piece()
                piece.add(face.sighting, state.look)
                fresh.append((piece, face))
        look.encode_all([face for piece, face in (*fresh, *settled) if self._is_due(piece)])
        for piece, face in (*fresh, *settled):
            self._check(piece, face, look)
        least = _LARGE * max(photo.pixels.shape[:2])
        self._pace(moved, hurry=bool(contested) or any(face.sighting.box.height >= least for _, face in fresh))

    def _check(self, piece: Piece, face: _Seen, look: "_Look") -> None:
        """Compare the piece's face with its templates where that is due; where it is another face, part them.

        A hand before a face changes its template, too: only what disagrees twice in a row is another face. What was
        seen since the last template that agreed may be of either, and becomes a piece of its own.
        """
        state, limits = self._state, self._reader.tracking
        glimpse = look.encode(face) if self._is_due(piece) or face.glimpse is not None else None
        if glimpse is None or limits is None:
            return
        if not piece.glimpses or look.score(piece, glimpse) >= limits.other:
            piece.glimpses, piece.doubt = keep_best(piece.glimpses, glimpse), None
        elif piece.doubt is None:
            piece.doubt = glimpse
            return
        else:
            doubt = piece.doubt
            unknown = piece.cut_after(piece.checked, state.make_piece())
            piece = unknown.cut_after(doubt.look - 1, state.make_piece())
            if not unknown.sightings:
                state.pieces.remove(unknown)
            piece.open, piece.glimpses = True, [doubt, glimpse]
        piece.checked, piece.checked_at = state.look, state.seconds

    def _is_due(self, piece: Piece) -> bool:
        agreed = min(_RARELY, max(_CHECK, (piece.checked_at - piece.sightings[0].seconds) / 2))
        first = len(piece.glimpses) < _FIRST
        return first or piece.doubt is not None or self._state.seconds - piece.checked_at >= agreed

    def _pace(self, moved: float, *, hurry: bool) -> None:
        state = self._state
        wanted = min(NEAR if hurry else CALM, state.interval * _STEP / max(moved, 1e-3))
        state.interval = min(CALM, max(QUICK, wanted), 2 * state.interval)

    def _close(self, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            piece.open = False


class _Look:
    """One look at the video, and the faces that are encoded in it."""

    def __init__(self, reader: FaceReader, photo: Photo, number: int, hands: ThreadPoolExecutor) -> None:
        self._reader, self._photo, self._number, self._hands = reader, photo, number, hands
        self._left = _ENCODED

    def encode(self, face: _Seen) -> Glimpse | None:
        """Return the face's template, None where it would say nothing or enough faces were encoded."""
        self.encode_all([face])
        return face.glimpse

    def encode_all(self, faces: Sequence[_Seen]) -> None:
        """Encode these faces, as ``encode`` does each, two at a time."""
        new = (face for face in dict.fromkeys(faces) if face.glimpse is None and self._is_worth_it(face))
        wanted = list(islice(new, self._left))
        self._left -= len(wanted)
        for face, glimpse in zip(wanted, self._hands.map(self._encode, wanted), strict=True):
            face.glimpse = glimpse

    def _encode(self, face: _Seen) -> Glimpse:
        _, features = encode_face(self._reader, self._photo, face.face)
        return Glimpse(self._number, weigh(face.sighting.quality, face.face.score), features.values)

    def _is_worth_it(self, face: _Seen) -> bool:
        box, quality = face.sighting.box, face.sighting.quality
        poor = quality < _LEAST_QUALITY or min(box.width, box.height) < _LEAST_SIDE
        return self._reader.tracking is not None and not poor and not self._is_cut_off(face.face)

    def _is_cut_off(self, face: Detection) -> bool:
        """Return whether the frame's edge goes through the face, or nearly: half a face is like anybody's."""
        height, width = self._photo.pixels.shape[:2]
        points = face.landmarks.points
        room = min(min(point.x, point.y, width - point.x, height - point.y) for point in points)
        return bool(room < _EDGE * face.box.height)

    def score(self, piece: Piece, glimpse: Glimpse) -> float:
        metric = self._reader.metric
        return float(score_rows(average(piece.glimpses, metric)[None], glimpse.values[None], metric)[0, 0])

    def tell_apart(self, pairs: Sequence[tuple[Piece, _Seen]], *, alone: bool) -> list[tuple[Piece, _Seen]]:
        """Return the pairs that templates show to be one face: alike, and more so than with any other of the pairs.

        ``alone``: nobody else is near, and a face that is where it is expected need not be as much alike.
        """
        limits = self._reader.tracking
        if limits is None or not pairs:
            return []
        scores = np.full(len(pairs), -np.inf)
        self.encode_all([face for piece, face in pairs if piece.glimpses])
        for place, (piece, face) in enumerate(pairs):
            glimpse = self.encode(face) if piece.glimpses else None
            if glimpse is not None:
                scores[place] = self.score(piece, glimpse)
        margin, found = (limits.same - limits.other) / 4, []
        needed = (limits.same + limits.other) / 2 if alone else limits.same
        for place in np.flatnonzero(scores >= needed).tolist():
            piece, face = pairs[place]
            rivals = [
                scores[other]
                for other, (their, its) in enumerate(pairs)
                if other != place and (their is piece or its is face)
            ]
            if scores[place] - margin > max(rivals, default=-np.inf):
                found.append((piece, face))
        return found


def follow_faces(
    frames: Iterable[Frame], tracker: FaceTracker, *, on_progress: Callable[[float], None] | None = None
) -> tuple[Track, ...]:
    """Give the tracker all frames and return the tracks.

    ``on_progress`` is told the time of each frame, in seconds; ``find_tracks`` gives the tracks so far meanwhile. What
    it raises ends the following.
    """
    for frame in frames:
        tracker.take(frame)
        if on_progress is not None:
            on_progress(frame.seconds)
    return tracker.finish()


def _leave_out_parts(faces: Sequence[Detection]) -> list[Detection]:
    """Return the faces without those that lie within a larger and surer one."""
    boxes = np.array([[face.box.left, face.box.top, face.box.right, face.box.bottom] for face in faces])
    kept: list[int] = []
    for place, face in enumerate(faces):
        others = boxes[kept]
        width = np.minimum(others[:, 2], face.box.right) - np.maximum(others[:, 0], face.box.left)
        height = np.minimum(others[:, 3], face.box.bottom) - np.maximum(others[:, 1], face.box.top)
        if not (np.maximum(width, 0) * np.maximum(height, 0) > _INSIDE * face.box.area).any():
            kept.append(place)
    return [faces[place] for place in kept]


def _measure_move(piece: Piece, sighting: Sighting) -> float:
    """Return how far a face went since it was last seen, in its widths; growing counts as moving."""
    box, before = sighting.box, piece.last.box
    shift = np.hypot(box.centre.x - before.centre.x, box.centre.y - before.centre.y)
    return float(max(shift, abs(box.height - before.height)) / max(1.0, before.height))
