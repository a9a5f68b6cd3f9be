"""What the second examiner's requests make the node do: the same, whatever the first one thought.

How long a load takes follows from what is read, computed and sent. So nothing is timed here: the statements that reach
the store and the bytes that come back are compared, and are the same to the letter.
"""

import re
from collections import Counter
from typing import Any

import httpx2
from sqlalchemy import event
from tests.cast import ALICE, BOB
from tests.site_fixtures import COLLINS, REASON, Served
from tests.workflows.searching import find_pseudonym, review_candidates

from semblance.store import examinations
from semblance.terms.ids import ExaminationId, SearchId
from semblance.workflows.cases.probes import submit_probe
from semblance.workflows.search.search_answer import SearchAnswer
from semblance.workflows.search.search_gallery import search_probe

_IDS = re.compile(r"\b[0-9a-f]{32}\b")
_STEPS = re.compile(r'<nav class="steps".*?</nav>', re.DOTALL)
_NUMBERS = re.compile(r"\b(C-)?\d+\b")
Load = tuple[str, tuple[str, ...], int]


def test_the_node_does_the_same_whatever_the_first_examiner_thought(site: Served, changed_copy: bytes) -> None:
    seen = []
    for potential in (True, False):
        found, which = _search(site, changed_copy)
        called = [find_pseudonym(site.node, found, COLLINS)] if potential else []
        review_candidates(site.node, ALICE, found, potential=called)
        with site.open_client("bob") as bob:
            seen.append(_load_everything(site, bob, which, found))
        # both agree, so that nothing stays open for the next round
        review_candidates(site.node, BOB, found, potential=called)
    assert sum(seen[0].values()) > 10
    assert seen[0] == seen[1]


def test_a_difference_would_be_seen(site: Served, changed_copy: bytes) -> None:
    """The comparison above notices one statement more, which is what telling the two apart would take."""
    found, which = _search(site, changed_copy)
    review_candidates(site.node, ALICE, found)
    with site.open_client("bob") as bob:
        once = _load(site, bob, "/examinations")
        bob.post(f"/examinations/{which}/begin")
        assert _load(site, bob, "/examinations") != once
    review_candidates(site.node, BOB, found)


def _load_everything(site: Served, bob: httpx2.Client, which: ExaminationId, found: SearchId) -> Counter[Load]:
    loads = [_load(site, bob, "/examinations"), _load(site, bob, f"/searches/{found}")]
    bob.post(f"/examinations/{which}/begin")
    examined = f"/examinations/{which}"
    loads.append(_load(site, bob, examined))
    with site.node.store.reading() as tx:
        names = [candidate.pseudonym for candidate in examinations.list_candidates(tx, which)]
    for name in names:
        for part in ("", "/face", "/near", "/far"):
            loads.append(_load(site, bob, f"{examined}/candidates/{name}{part}"))
    loads += [_load(site, bob, f"{examined}/probe/{size}") for size in ("face", "near", "far")]
    loads.append(_load(site, bob, f"/api/v1/searches/{found}"))
    return Counter(loads)


def _load(site: Served, bob: httpx2.Client, path: str) -> Load:
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        # how many nodes of the ledger's tree an entry touches follows from its number alone
        if "ledger_node" not in statement:
            said.append(statement)

    engine = site.node.store._engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        answer = bob.get(path)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert answer.status_code < 400, path
    where = _NUMBERS.sub("N", _IDS.sub("ID", path))
    # which candidate comes first is chance, and with it which page leads on and which leads back
    return where, tuple(said), len(_STEPS.sub("", answer.text))


def _search(site: Served, photo: bytes) -> tuple[SearchId, ExaminationId]:
    probe = submit_probe(site.node, ALICE, site.case, photo, name="probe.jpg").id
    answer = search_probe(site.node, ALICE, probe, reason=REASON)
    assert isinstance(answer, SearchAnswer)
    with site.node.store.reading() as tx:
        held = examinations.find_of_search(tx, answer.search)
    assert held is not None
    return answer.search, held.id
