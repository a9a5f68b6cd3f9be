"""Which face of a frame continues which piece, by position; where two come too close to tell, none does."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from semblance.faces.tracking.piece import Piece
from semblance.terms.samples import Box

_REACH: Final = 0.35
_REACH_GROWTH: Final = 1.2
_REACH_NEW: Final = 0.2
_REACH_MOST: Final = 0.75
"""How far a face may be from where it is expected, in widths of a face: at once, more for each second, at most."""
_RATIO: Final = 1.6
"""How much larger or smaller a face may have become."""
_PLAIN: Final = 0.25
_CLOSER: Final = 0.5
"""How near a face must be, and how much nearer than any other, to go on as the piece where several are in reach."""
_STILL: Final = 0.2
_FEW: Final = 2
_NEVER: Final = 1e6

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Matches:
    """Places of piece and face, those that position tells apart, and those among which it cannot tell."""

    pairs: tuple[tuple[int, int], ...]
    contested: tuple[tuple[int, int], ...]


def stands_still(pieces: Sequence[Piece], boxes: Sequence[Box]) -> bool:
    """Return whether two faces or more, and most of them, are just where they were: then no scene ended."""
    if len(pieces) < _FEW or not boxes:
        return False
    mine, theirs = _measure([piece.last.box for piece in pieces]), _measure(boxes)
    off = np.abs(mine[:, None] - theirs[None]).max(axis=2) / mine[:, None, 2]
    still = int((off.min(axis=1) <= _STILL).sum())
    return still >= max(_FEW, 0.6 * len(pieces))


def match_faces(pieces: Sequence[Piece], boxes: Sequence[Box], seconds: float) -> Matches:
    """Pair pieces with boxes, each at most once, so that the distances are smallest together."""
    if not pieces or not boxes:
        return Matches((), ())
    mine, theirs = _measure([piece.predict(seconds) for piece in pieces]), _measure(boxes)
    passed = np.array([max(0.0, seconds - piece.last.seconds) for piece in pieces])
    new = np.array([len(piece.sightings) == 1 for piece in pieces])
    reach = np.minimum(_REACH + _REACH_GROWTH * passed + _REACH_NEW * new, _REACH_MOST)[:, None]
    size = np.sqrt(mine[:, None, 2] * theirs[None, :, 2])
    distance = np.hypot(mine[:, None, 0] - theirs[None, :, 0], mine[:, None, 1] - theirs[None, :, 1]) / size
    grown = np.abs(np.log(mine[:, None, 2] / theirs[None, :, 2]))
    near = (distance <= reach) & (grown <= math.log(_RATIO))
    contested = near & ((near.sum(axis=1) > 1)[:, None] | (near.sum(axis=0) > 1)[None, :])
    plain = contested & _stand_out(np.where(near, distance, np.inf))
    contested &= ~plain.any(axis=1)[:, None] & ~plain.any(axis=0)[None, :]
    cost = np.where(near & ~contested & (plain | ~plain.any(axis=1)[:, None]), distance, _NEVER)
    rows, columns = linear_sum_assignment(cost)
    clear = cost[rows, columns] < _NEVER
    return Matches(_list_pairs(rows[clear], columns[clear]), _list_pairs(*np.nonzero(contested)))


def _stand_out(distance: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which pairs are so much closer than any other of the same piece or face that position tells them apart."""
    found = np.zeros(distance.shape, dtype=np.bool_)
    for row, column in np.argwhere(distance <= _PLAIN):
        rivals = np.concatenate([np.delete(distance[row], column), np.delete(distance[:, column], row)])
        found[row, column] = distance[row, column] <= _CLOSER * rivals.min(initial=np.inf)
    return found


def _list_pairs(rows: Places, columns: Places) -> tuple[tuple[int, int], ...]:
    return tuple((int(row), int(column)) for row, column in zip(rows, columns, strict=True))


def _measure(boxes: Sequence[Box]) -> NDArray[np.float64]:
    """Return centre and size of each box, shape (boxes, 3)."""
    return np.array([(box.centre.x, box.centre.y, math.sqrt(max(box.area, 1.0))) for box in boxes])
