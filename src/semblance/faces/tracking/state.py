"""Where following stands in the middle of a video, as bytes for whoever seals them, so that it can go on later.

They hold templates of everybody in sight: they are kept nowhere but sealed, and destroyed when following ends.
"""

import base64
import json
import zlib
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from semblance.errors import Conflict
from semblance.faces.tracking.likeness import Glimpse
from semblance.faces.tracking.piece import Piece
from semblance.terms.frames import FrameName, require_frame_name
from semblance.terms.ids import PackDigest
from semblance.terms.samples import Point
from semblance.terms.tracks import read_sighting, write_sighting

_FORM: Final = 1


@dataclass(slots=True)
class TrackingState:
    """``look`` counts the frames looked at; ``last`` is the newest of them, at ``seconds``; ``interval`` in seconds.

    ``changed``: that frame was wholly another than the one looked at before it.
    """

    pack: PackDigest
    interval: float
    look: int = 0
    last: FrameName | None = None
    seconds: float = 0.0
    pieces: list[Piece] = field(default_factory=list)
    made: int = 0
    changed: bool = False

    def make_piece(self) -> Piece:
        """Return a new piece with a number of its own, in its place among the others."""
        self.made += 1
        self.pieces.append(Piece(self.made))
        return self.pieces[-1]


def write_state(state: TrackingState) -> bytes:
    """Return the state as bytes; numbers keep every bit."""
    document = {
        "form": _FORM,
        "pack": state.pack,
        "interval": state.interval,
        "look": state.look,
        "last": None if state.last is None else str(state.last),
        "seconds": state.seconds,
        "made": state.made,
        "changed": state.changed,
        "pieces": [_write_piece(piece) for piece in state.pieces],
    }
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode(), 1)


def read_state(data: bytes, pack: PackDigest) -> TrackingState:
    """Return the state that ``write_state`` wrote.

    Raises Conflict where it was written with another pack, or by another version, and following begins anew.
    """
    document = json.loads(zlib.decompress(data))
    if document["form"] != _FORM or document["pack"] != pack:
        raise Conflict(
            "tracking.begun-differently",
            "The video was followed this far with another model pack or version; follow it again from the beginning.",
        )
    last = None if document["last"] is None else require_frame_name(document["last"])
    return TrackingState(
        pack,
        document["interval"],
        document["look"],
        last,
        document["seconds"],
        [_read_piece(written) for written in document["pieces"]],
        document["made"],
        document["changed"],
    )


def _write_piece(piece: Piece) -> dict[str, Any]:
    return {
        "number": piece.number,
        "sightings": [write_sighting(sighting) for sighting in piece.sightings],
        "looks": piece.looks,
        "glimpses": [_write_glimpse(glimpse) for glimpse in piece.glimpses],
        "doubt": None if piece.doubt is None else _write_glimpse(piece.doubt),
        "speed": [piece.speed.x, piece.speed.y],
        "checked": [piece.checked, piece.checked_at],
        "open": piece.open,
    }


def _read_piece(written: dict[str, Any]) -> Piece:
    return Piece(
        written["number"],
        [read_sighting(sighting) for sighting in written["sightings"]],
        written["looks"],
        [_read_glimpse(glimpse) for glimpse in written["glimpses"]],
        Point(*written["speed"]),
        written["checked"][0],
        written["checked"][1],
        None if written["doubt"] is None else _read_glimpse(written["doubt"]),
        written["open"],
    )


def _write_glimpse(glimpse: Glimpse) -> list[Any]:
    return [glimpse.look, glimpse.weight, base64.b64encode(glimpse.values.astype("<f4").tobytes()).decode()]


def _read_glimpse(written: list[Any]) -> Glimpse:
    look, weight, values = written
    return Glimpse(look, weight, np.frombuffer(base64.b64decode(values), dtype="<f4").astype(np.float32))
