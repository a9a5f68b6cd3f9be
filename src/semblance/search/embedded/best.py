"""The best subjects among scored rows, each by its best row."""

import numpy as np
from numpy.typing import NDArray


def find_bar(lows: NDArray[np.float64], owners: NDArray[np.int32], wanted: int) -> float:
    """Return a value that at least ``wanted`` different owners reach for certain, or minus infinity.

    ``lows``: what each row reaches at least.
    """
    taken = min(len(lows), max(4 * wanted, 256))
    while len(lows) >= wanted:
        part = np.argpartition(-lows, taken - 1)[:taken]
        part = part[np.argsort(-lows[part], kind="stable")]
        _, firsts = np.unique(owners[part], return_index=True)
        if len(firsts) >= wanted:
            return float(lows[part[np.sort(firsts)[wanted - 1]]])
        if taken == len(lows):
            break
        taken = min(len(lows), 4 * taken)
    return -np.inf


def take_best(
    scores: NDArray[np.float32], sequences: NDArray[np.int64], owners: NDArray[np.int32], wanted: int
) -> list[int]:
    """Return the places of at most ``wanted`` rows of different owners, by falling score, then rising sequence."""
    order = np.lexsort((sequences, -scores))
    _, firsts = np.unique(owners[order], return_index=True)
    return [int(place) for place in order[np.sort(firsts)[:wanted]]]
