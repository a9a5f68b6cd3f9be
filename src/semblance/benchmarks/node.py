"""Prepare a node for a measurement: people, a policy without quotas, photos by the thousand, tokens for programs."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from semblance.cases.case import CaseDraft, Category
from semblance.cases.policy import read_default_policy
from semblance.errors import IntakeError
from semblance.faces.degrade import make_varied_copy
from semblance.faces.extractor import Extractor, FaceChoice
from semblance.faces.photo import Photo
from semblance.node.extraction_cache import ExtractorAround
from semblance.node.node import Node
from semblance.terms.permission import Action, Actor, Purpose
from semblance.terms.samples import Extraction, QuarterTurn
from semblance.workflows.accounts.own_account import make_token
from semblance.workflows.cases.cases import open_case
from semblance.workflows.cases.probes import submit_probe
from semblance.workflows.demo.demo_accounts import act_as, require_accounts
from semblance.workflows.oversight.policy import replace_policy
from semblance.workflows.search.search_gallery import search_probe

_QUOTA: Final = "searches-per-day = 1000\n"
_PLENTY: Final = "searches-per-day = 100000000\n"
_REASON: Final = "A measurement on this machine"
_SCOPES: Final = {
    "emil": frozenset({Action.RECORD_CREATE, Action.RECORD_PUBLISH, Action.PHOTO_ENROL, Action.RECORD_READ}),
    "alice": frozenset({Action.CASE_OPEN, Action.CASE_READ, Action.PROBE_SUBMIT, Action.GALLERY_SEARCH}),
}


@dataclass(frozen=True, slots=True)
class Shares:
    """Where the milliseconds of one search after the other go, on the average, in this process alone.

    ``extract``: decoding, finding, aligning, encoding, of the probe and again of the searched face; ``index``: the
    search step with bringing the index up to date; ``rest``: policy, records, ledger, sealing, commits.
    """

    whole: float
    extract: float
    index: float
    rest: float


def prepare_node(node: Node) -> tuple[dict[str, str], dict[str, str]]:
    """Give a new node its people and a policy without quotas; return their passwords and tokens by name."""
    passwords = prepare_people(node)
    return passwords, {name: _make_token(node, act_as(node, name, passwords), scope) for name, scope in _SCOPES.items()}


def prepare_people(node: Node) -> dict[str, str]:
    """Give a node its people and a policy without quotas, where it has none yet; return their passwords by name.

    Raises Conflict where the node has other people's accounts: it is nobody's to measure with.
    """
    passwords = require_accounts(node)
    wanted = read_default_policy().text.replace(_QUOTA, _PLENTY)
    if node.policy.read().text != wanted:
        replace_policy(node, act_as(node, "dora", passwords), wanted, reason=_REASON)
    return passwords


def write_varied_photos(
    sources: Sequence[Path], folder: Path, number: int, *, on_progress: Callable[[int, int], None]
) -> int:
    """Write ``number`` different photos, each of its own subject; return how many of the sources could be used."""

    def write(place: int) -> bool:
        source = sources[place % len(sources)]
        try:
            data = make_varied_copy(source.read_bytes(), name=source.name, seed=place)
        except IntakeError:
            return False
        home = folder / f"BENCHMARK-{place:06d}"
        home.mkdir()
        (home / "photo.jpg").write_bytes(data)
        return True

    written = 0
    with ThreadPoolExecutor() as pool:
        for done, fits in enumerate(pool.map(write, range(number)), start=1):
            written += fits
            if done % 100 == 0 or done == number:
                on_progress(done, number)
    return written


def measure_shares(node: Node, passwords: Mapping[str, str], photos: Sequence[bytes]) -> Shares:
    """Search with one photo after another, and return where the time goes."""
    alice = act_as(node, "alice", passwords)
    timed = _Timed(node.extractor)
    index = _TimedIndex(node)
    there = replace(node, extractor=timed, index=index)  # type: ignore[arg-type]
    draft = CaseDraft("BENCHMARK-2", Purpose.MISSING_PERSON, Category.MISSING, _REASON, link="none")
    case = open_case(there, alice, draft)

    def search(photo: bytes) -> None:
        probe = submit_probe(there, alice, case.id, photo, name="probe.jpg")
        search_probe(there, alice, probe.id, reason=_REASON, face=0)

    # the first one waits for models and index
    search(photos[0])
    timed.spent = index.spent = 0.0
    began = time.perf_counter()
    for photo in photos:
        search(photo)
    whole = 1000 * (time.perf_counter() - began) / len(photos)
    extract, searched = timed.spent / len(photos), index.spent / len(photos)
    return Shares(whole, extract, searched, whole - extract - searched)


class _Timed(ExtractorAround):
    """Adds up the milliseconds that extracting takes."""

    def __init__(self, inner: Extractor) -> None:
        super().__init__(lambda: inner)
        self.spent = 0.0

    def extract(
        self, data: bytes, *, name: str, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        return self._time(lambda: self.inner.extract(data, name=name, choose=choose, turned=turned))

    def extract_photo(
        self, photo: Photo, *, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        return self._time(lambda: self.inner.extract_photo(photo, choose=choose, turned=turned))

    def _time(self, act: Callable[[], Extraction]) -> Extraction:
        began = time.perf_counter()
        try:
            return act()
        finally:
            self.spent += 1000 * (time.perf_counter() - began)


class _TimedIndex:
    """A gallery index that adds up the milliseconds its searches take."""

    def __init__(self, node: Node) -> None:
        self._inner = node.index
        self.spent = 0.0

    def search(self, *given: object, **named: object) -> object:
        began = time.perf_counter()
        try:
            return self._inner.search(*given, **named)  # type: ignore[arg-type]
        finally:
            self.spent += 1000 * (time.perf_counter() - began)


def _make_token(node: Node, actor: Actor, scope: frozenset[Action]) -> str:
    day = node.clock() + timedelta(days=1)
    return make_token(node, actor, label="measurement", scope=scope, expires_at=day).secret
