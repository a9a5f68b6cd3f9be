"""Many clients at once against a served node, on this machine alone: from a photo to a candidate list."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from threading import Event
from typing import Final

import httpx2

from semblance.errors import PeerError

_PATIENCE: Final = 120.0
_REASON: Final = "A measurement of how many searches this machine bears."
_CASE: Final = {
    "number": "BENCHMARK-1",
    "purpose": "missing-person",
    "category": "missing",
    "aim": "To measure how many searches this machine bears",
    "link": "none: a measurement",
}


@dataclass(frozen=True, slots=True)
class Load:
    """What clients saw: the milliseconds of each search's two requests, in no order, and what went wrong."""

    clients: int
    seconds: float
    submitted: tuple[float, ...]
    searched: tuple[float, ...]
    errors: tuple[str, ...]

    @property
    def whole(self) -> tuple[float, ...]:
        """Return the milliseconds from photo to candidate list."""
        return tuple(submitted + searched for submitted, searched in zip(self.submitted, self.searched, strict=True))


def find_share(values: Sequence[float], share: float) -> float:
    """Return the value that so large a share of the values does not exceed; 0 where there is none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def open_benchmark_case(address: str, token: str) -> str:
    """Open the case in which clients search, and return its id; raises PeerError."""
    with _connect(address, token) as client:
        answer = client.post("/cases", json=_CASE)
    if answer.status_code != httpx2.codes.CREATED:
        raise PeerError(
            "operator.benchmarks.no-case", "The served node opened no case: {text}.", text=answer.text[:200]
        )
    return str(answer.json()["id"])


def search_once(address: str, token: str, case: str, photo: bytes) -> tuple[float, float]:
    """Hand in a photo and search with it; return the milliseconds of both. Raises PeerError."""
    with _connect(address, token) as client:
        return _search(client, case, photo)


def put_load(
    address: str,
    token: str,
    case: str,
    photos: Sequence[bytes],
    *,
    clients: int,
    seconds: float,
    on_progress: Callable[[int], None],
) -> Load:
    """Let ``clients`` search without pause for ``seconds``, each with the next photo; only on this machine."""
    numbers, stop = count(), Event()
    done: list[tuple[float, float]] = []
    errors: list[str] = []

    def work(_client: int) -> None:
        with _connect(address, token) as client:
            while not stop.is_set():
                try:
                    done.append(_search(client, case, photos[next(numbers) % len(photos)]))
                except (PeerError, httpx2.HTTPError) as error:
                    errors.append(str(error) or type(error).__name__)
                on_progress(len(done))

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        working = [pool.submit(work, number) for number in range(clients)]
        stop.wait(seconds)
        stop.set()
        for client in working:
            client.result()
    submitted, searched = (tuple(values) for values in zip(*done, strict=True)) if done else ((), ())
    return Load(clients, time.perf_counter() - began, submitted, searched, tuple(errors))


def _search(client: httpx2.Client, case: str, photo: bytes) -> tuple[float, float]:
    began = time.perf_counter()
    handed = client.post(f"/cases/{case}/probes", files={"photo": ("probe.jpg", photo, "image/jpeg")})
    if handed.status_code != httpx2.codes.CREATED:
        raise PeerError(
            "operator.benchmarks.probe-failed",
            "A probe was answered with {status_code}: {text}.",
            status_code=handed.status_code,
            text=handed.text[:200],
        )
    between = time.perf_counter()
    asked = {"probe": handed.json()["probe"], "reason": _REASON, "face": 0}
    answer = client.post("/searches", json=asked)
    if answer.status_code != httpx2.codes.CREATED and answer.status_code != httpx2.codes.OK:
        raise PeerError(
            "operator.benchmarks.search-failed",
            "A search was answered with {status_code}: {text}.",
            status_code=answer.status_code,
            text=answer.text[:200],
        )
    return 1000 * (between - began), 1000 * (time.perf_counter() - between)


def _connect(address: str, token: str) -> httpx2.Client:
    host = httpx2.URL(address).host
    if host not in ("127.0.0.1", "::1", "localhost"):
        raise PeerError(
            "operator.benchmarks.other-machine",
            "{address} is not this machine; a measurement sends its traffic nowhere else.",
            address=address,
        )
    headers = {"Authorization": f"Bearer {token}"}
    return httpx2.Client(base_url=f"{address.rstrip('/')}/api/v1", headers=headers, timeout=_PATIENCE)
