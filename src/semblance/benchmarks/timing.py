"""How measurements of the index are taken and told."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one way took, in milliseconds: the median, the fastest and the slowest."""

    name: str
    median: float
    fastest: float
    slowest: float
    note: str = ""


def read_memory() -> int:
    """Return how many bytes of memory this process has for itself; 0 where the machine does not say."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


def time_act(act: Callable[..., Any], *given: object) -> float:
    """Return how many milliseconds something takes with what it is given."""
    began = time.perf_counter()
    act(*given)
    return 1000 * (time.perf_counter() - began)


def sum_up(name: str, taken: Sequence[float], *, note: str = "") -> Timing:
    """Return the median, the fastest and the slowest of some milliseconds."""
    return Timing(name, statistics.median(taken), min(taken), max(taken), note)
