"""One search that an index is asked for, and what is known of it before any row is read."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semblance.search.embedded.bounds import ProbeBounds


@dataclass(frozen=True, slots=True)
class Plan:
    """A probe against an index as it is now.

    ``values``: the probe's numbers. ``wanted``: how many subjects the answer has at most. ``lets``: which compartments
    are open; ``chosen``: which owners count (None: all). ``subjects`` and ``references``: how many those are.
    """

    values: NDArray[np.float32]
    bounds: ProbeBounds
    wanted: int
    lets: NDArray[np.bool_]
    chosen: NDArray[np.bool_] | None
    subjects: int
    references: int
