"""How long a node's lists take at the server: the whole application in this process, without a network."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

import httpx2

from semblance.errors import PeerError
from semblance.node.node import Node
from semblance.store import record_list
from semblance.store.record_selection import select_records
from semblance.workflows.accounts.sign_in import sign_in

App = Callable[[Any, Any, Any], Awaitable[None]]

_CURSORS: Final = 499
_PAGE: Final = 50
_PATIENCE: Final = 120.0
_ADDRESS: Final = "http://127.0.0.1:8000"
_WANTED: Final = "kind=red&state=active"


@dataclass(frozen=True, slots=True)
class ListTiming:
    """The milliseconds that requests for one list took; ``processor`` is the median of this process's own work.

    What else the machine does lengthens the others; a database server's work is in them alone.
    """

    name: str
    median: float
    fastest: float
    slowest: float
    processor: float


@dataclass(frozen=True, slots=True)
class ListTimings:
    """What was measured on a node with so many records; ``passed`` records came before the far page."""

    records: int
    passed: int
    timings: tuple[ListTiming, ...]


def measure_lists(
    node: Node, app: App, passwords: Mapping[str, str], *, rounds: int, on_progress: Callable[[str], None]
) -> ListTimings:
    """Ask for each list as often as ``rounds`` says, by turns, as the records officer of the cast.

    The far page is the one behind the 499th cursor; where there are too few records for that with pages of fifty, the
    pages before it are shorter.
    """
    opened = sign_in(node, "emil", passwords["emil"])
    with node.store.reading() as tx:
        held = record_list.count_records(tx, select_records(tx, lambda _: True))
    return asyncio.run(_measure(app, opened.secret, held, rounds, on_progress))


async def _measure(app: App, secret: str, held: int, rounds: int, on_progress: Callable[[str], None]) -> ListTimings:
    size = max(1, min(_PAGE, held * 9 // 10 // _CURSORS))
    headers = {"Authorization": f"Bearer {secret}", "Accept": "*/*"}
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url=_ADDRESS, headers=headers, timeout=_PATIENCE
    ) as client:
        after: str | None = ""
        for number in range(1, _CURSORS + 1):
            on_progress(f"walking to the far page: {number} of {_CURSORS}")
            answer = await _ask(client, f"/api/v1/records?limit={size}" + (f"&after={after}" if after else ""))
            after = answer.json()["next_after"]
            if after is None:
                break
        lists = _list_addresses(after or "")
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in lists}
        # the first one waits for templates, catalogues and plans
        for number in range(rounds + 1):
            on_progress(f"asking for each list: {number} of {rounds}")
            for name, address in lists.items():
                began, worked = time.perf_counter(), time.process_time()
                await _ask(client, address)
                if number:
                    found[name].append((time.perf_counter() - began, time.process_time() - worked))
    return ListTimings(held, min(size * _CURSORS, held), tuple(_sum_up(name, values) for name, values in found.items()))


def _list_addresses(after: str) -> dict[str, str]:
    api, page = f"/api/v1/records?limit={_PAGE}", "/records?"
    return {
        "API, first page": api,
        "API, far page": f"{api}&after={after}",
        "API, kind and state": f"{api}&{_WANTED}",
        "page, first": page,
        "page, far": f"{page}&after={after}",
        "page, kind and state": f"{page}&{_WANTED}",
        "page, kind": f"{page}&kind=un",
        "page, state": f"{page}&state=draft",
        "page, owner": f"{page}&owner=JP",
        "start page": "/",
    }


async def _ask(client: httpx2.AsyncClient, address: str) -> httpx2.Response:
    answer = await client.get(address)
    if answer.status_code != httpx2.codes.OK:
        raise PeerError(
            "operator.benchmarks.list-answered",
            "{address} was answered with {status_code}: {text}.",
            address=address,
            status_code=answer.status_code,
            text=answer.text[:200],
        )
    return answer


def _sum_up(name: str, seconds: Sequence[tuple[float, float]]) -> ListTiming:
    waited, worked = ([1000 * value for value in values] for values in zip(*seconds, strict=True))
    return ListTiming(name, median(waited), min(waited), max(waited), median(worked))
