"""Pages and API answer what is hidden as they answer what is not there: status, words and statements are the same."""

import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient
from tests.accounts_site import Visited, visited  # noqa: F401 - fixtures are found by their names here
from tests.cast import ALICE, DE, DORA, EMIL, FR
from tests.days import read_today
from tests.workflows.searching import open_case

from semblance.gallery.record import Circumstances, RecordDraft
from semblance.gallery.request import RequestDraft, RequestKind
from semblance.terms.record import RecordKind, Restriction, RestrictionMode
from semblance.workflows.data_subjects.requests import receive_request
from semblance.workflows.records.write_record import create_record, publish_record

UNKNOWN = "0123456789abcdef" * 2
WHY = {"reason": "Somebody tries it"}
CALLS: list[tuple[str, str, str, str, dict[str, Any]]] = [
    ("dora", "record", "GET", "/api/v1/records/{}", {}),
    ("dora", "record", "GET", "/api/v1/records/{}/history", {}),
    ("dora", "record", "POST", "/api/v1/records/{}/export", {"json": WHY}),
    ("dora", "record", "POST", "/api/v1/records/{}/dispute", {"json": WHY}),
    ("dora", "record", "GET", "/api/v1/records?after={}", {}),
    ("dora", "record", "GET", "/records/{}", {}),
    ("dora", "record", "GET", "/records/{}/history", {}),
    ("dora", "request", "GET", "/api/v1/requests/{}", {}),
    ("dora", "request", "POST", "/api/v1/requests/{}/file", {"json": {}}),
    ("dora", "request", "POST", "/api/v1/requests/{}/answer", {"json": WHY}),
    ("dora", "request", "POST", "/api/v1/requests/{}/referral", {"json": {"authority": "DE", **WHY}}),
    ("dora", "request", "GET", "/requests/{}", {}),
    ("alice", "case", "GET", "/api/v1/cases/{}", {}),
    ("alice", "case", "GET", "/api/v1/cases?after={}", {}),
    ("alice", "case", "POST", "/api/v1/cases/{}/closure", {"json": WHY}),
    ("alice", "case", "POST", "/api/v1/cases/{}/probes", {"files": {"photo": ("a.jpg", b"no photo")}}),
    ("alice", "case", "GET", "/cases/{}", {}),
    ("alice", "case", "POST", "/cases/{}/close", {"data": WHY}),
]
"""Who asks for what, and how."""


@pytest.fixture
def theirs(visited: Visited) -> dict[str, str]:  # noqa: F811
    """Return the ids of what DE holds and FR must not know of."""
    node = visited.node
    draft = RecordDraft(
        RecordKind.UNIDENTIFIED,
        "H-1",
        "INTERPOL RPD, article 88",
        read_today().replace(year=read_today().year + 1, day=1),
        restriction=Restriction(RestrictionMode.EXCEPT, frozenset({FR})),
        circumstances=Circumstances(summary="found in Lyon"),
    )
    made = create_record(node, EMIL, draft, reason="Found at the station")
    publish_record(node, EMIL, made.subject, neutral=True, reason="Nobody knows them")
    asked = RequestDraft(RequestKind.ACCESS, "J. Doe, Lyon", read_today(), "myself", "what do you hold?")
    request = receive_request(node, replace(DORA, authority=DE, name="greta"), asked).request
    case = open_case(node, replace(ALICE, authority=DE, name="fritz"), number="DE-1")
    return {"record": made.subject, "request": request.id, "case": case.id}


def ask(site: Visited, client: TestClient, call: tuple[str, str, str, str, dict[str, Any]], named: str) -> Any:
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        # how many nodes of the tree an entry touches follows from its number, when a session was seen from the clock
        if not re.match(r"BEGIN|.*(ledger_node|session)", statement, re.DOTALL):
            said.append(statement)

    engine = site.node.store._engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        answer = client.request(call[2], call[3].format(named), **call[4])
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return answer.status_code, answer.text.replace(named, "ID"), said


def test_hidden_and_unknown_are_answered_alike(visited: Visited, theirs: dict[str, str]) -> None:  # noqa: F811
    clients, different = {name: visited.open_client(name) for name in ("alice", "dora")}, {}
    for call in CALLS:
        client = clients[call[0]]
        unknown, hidden = (ask(visited, client, call, named) for named in (UNKNOWN, theirs[call[1]]))
        if unknown != hidden or (unknown[0] != 404 and "after" not in call[3]):
            different[call[2:4]] = unknown, hidden
    assert different == {}
