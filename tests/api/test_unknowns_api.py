"""Unknown people over HTTP: what a record tells of itself, and how what is not there or not allowed is answered."""

from datetime import timedelta
from typing import Any

import pytest
from tests.accounts_site import Visited, visited  # noqa: F401 - fixtures are found by their names here
from tests.cast import EMIL
from tests.days import read_today

from semblance.gallery.record import Circumstances, RecordDraft
from semblance.terms.record import RecordKind
from semblance.workflows.records.write_record import create_record, publish_record

NOBODY = "0" * 32
WHY = {"reason": "Nobody could say who it is"}


@pytest.fixture
def record(visited: Visited) -> str:  # noqa: F811
    """Return the id of a published record of Emil's, of somebody whom nobody could name."""
    draft = RecordDraft(
        RecordKind.UNIDENTIFIED,
        "K-1",
        "INTERPOL RPD, article 88",
        read_today() + timedelta(days=90),
        circumstances=Circumstances(summary="found in Lyon"),
    )
    made = create_record(visited.node, EMIL, draft, reason="Found at the station")
    publish_record(visited.node, EMIL, made.subject, neutral=True, reason="Nobody knows them")
    return made.subject


def read(answer: Any, status: int) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_record_tells_its_pseudonym_and_its_ties(visited: Visited, record: str) -> None:  # noqa: F811
    emil = visited.open_client("emil")
    told = read(emil.get(f"/api/v1/records/{record}"), 200)["record"]
    assert (told["pseudonym"], told["assigned"]) == (f"U-DE-{read_today().year}-0001", None)
    assert read(emil.get(f"/api/v1/records/{record}/ties"), 200) == {"links": [], "leads": [], "answers": []}


def test_what_is_not_there_is_not_found_and_others_are_refused(visited: Visited, record: str) -> None:  # noqa: F811
    emil, alice = visited.open_client("emil"), visited.open_client("alice")
    made = {
        **WHY,
        "probe": NOBODY,
        "obtained": "found",
        "legal_basis": "RPD",
        "retain_until": "2029-01-01",
        "summary": "found in Lyon",
        "neutral": True,
    }
    calls = (
        ("POST", "/api/v1/unknowns", made),
        ("POST", "/api/v1/links", {**WHY, "lead": NOBODY}),
        ("POST", f"/api/v1/links/{NOBODY}/parting", WHY),
        ("PUT", f"/api/v1/records/{record}/name", {**WHY, "lead": NOBODY, "version": 2}),
    )
    for method, path, body in calls:
        assert read(emil.request(method, path, json=body), 404)["error"]["code"] == "not-found"
        assert read(alice.request(method, path, json=body), 403)["error"]["rule"] == "policy.role"
    comparison = f"/api/v1/records/{record}/comparison"
    assert read(emil.post(comparison, json={**WHY, "case": NOBODY}), 404)["error"]["code"] == "not-found"
    taken_back = emil.request("DELETE", f"/api/v1/records/{record}/name", json={**WHY, "version": 2})
    assert read(taken_back, 409)["error"]["code"] == "conflict"
