"""What people ask about themselves, over HTTP: from taking it in to the answer, and nobody else lets on to it."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from tests.accounts_site import Visited, visited  # noqa: F401 - fixtures are found by their names here
from tests.cast import EMIL
from tests.days import read_today

from semblance.gallery.record import Circumstances, RecordDraft
from semblance.terms.record import RecordKind
from semblance.workflows.records.write_record import create_record, publish_record

ASKED = {"kind": "access", "asker": "Jeanne Doe, 1 rue X, Lyon", "whom": "myself", "what": "what do you hold?"}


@pytest.fixture
def subject(visited: Visited) -> str:  # noqa: F811
    """Return the id of a published record of Emil's that ends in ten days."""
    draft = RecordDraft(
        RecordKind.UNIDENTIFIED,
        "K-1",
        "INTERPOL RPD, article 88",
        read_today() + timedelta(days=10),
        circumstances=Circumstances(summary="found in Lyon"),
    )
    made = create_record(visited.node, EMIL, draft, reason="Found at the station")
    publish_record(visited.node, EMIL, made.subject, neutral=True, reason="Nobody knows them")
    return made.subject


def read(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def test_access_from_the_request_to_the_answer(visited: Visited, subject: str) -> None:  # noqa: F811
    dora = visited.open_client("dora")
    taken = read(dora.post("/api/v1/requests", json={**ASKED, "records": [subject]}), 201)["request"]
    assert taken["due_on"] == (read_today() + timedelta(days=30)).isoformat()
    listed = read(dora.get("/api/v1/requests"))["requests"]
    assert [(one["id"], one["days_left"]) for one in listed] == [(taken["id"], 30)]
    place = f"/api/v1/requests/{taken['id']}"
    assert read(dora.post(f"{place}/answer", json={"reason": "Told"}), 409)["error"]["code"] == "conflict"
    law = [{"part": "disclosures", "law": "Directive (EU) 2016/680, article 15(1)(b)"}]
    file = dora.post(f"{place}/file", json={"withheld": law})
    assert (file.status_code, file.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        assert {"README.txt", "request.json", "record-1/record.json"} <= set(archive.namelist())
        assert "record-1/disclosures.json" not in archive.namelist()
    assert read(dora.post(f"{place}/answer", json={"reason": "Told by letter"}))["request"]["state"] == "answered"
    shown = read(dora.get(place))
    assert (shown["withheld"], shown["records"][0]["number"], shown["days_left"]) == (law, "K-1", None)
    assert [one["id"] for one in read(dora.get("/api/v1/requests?decided=true"))["requests"]] == [taken["id"]]


def test_a_dispute_blocks_until_it_is_declined(visited: Visited, subject: str) -> None:  # noqa: F811
    dora = visited.open_client("dora")
    taken = read(dora.post("/api/v1/requests", json={**ASKED, "kind": "dispute"}), 201)["request"]
    place = f"/api/v1/requests/{taken['id']}"
    linked = read(dora.post(f"{place}/records", json={"add": [subject]}))
    assert (linked["request"]["records"][0]["blocked"], linked["not_blocked"]) == (True, [])
    assert read(dora.get("/api/v1/oversight"))["disputed_count"] == 1
    assert read(dora.post(f"{place}/decline", json={"reason": "It is them"}))["request"]["state"] == "declined"
    assert read(dora.get("/api/v1/oversight"))["disputed_count"] == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({**ASKED, "asker": " "}, "does not say who asks"),
        ({**ASKED, "received_on": "2999-01-01"}, "lies in the future"),
        ({**ASKED, "kind": "gossip"}, "kind"),
        ({**ASKED, "gender": "x"}, "gender"),
    ],
)
def test_bad_input_ends_in_a_sentence(visited: Visited, body: dict[str, object], said: str) -> None:  # noqa: F811
    answer = read(visited.open_client("dora").post("/api/v1/requests", json=body), 422)
    assert said in answer["error"]["message"]


def test_what_is_not_held_is_not_found(visited: Visited) -> None:  # noqa: F811
    dora = visited.open_client("dora")
    missing = f"/api/v1/requests/{'0' * 32}"
    assert read(dora.get(missing), 404)["error"]["code"] == "not-found"
    assert read(dora.post(f"{missing}/file", json={}), 404)["error"]["code"] == "not-found"
    assert read(dora.get("/api/v1/requests?after=nothing"), 404)["error"]["code"] == "not-found"


def test_others_are_refused_and_strangers_are_not_known(visited: Visited) -> None:  # noqa: F811
    for path in ("/api/v1/requests", "/api/v1/oversight"):
        for name in ("alice", "emil", "ada", "mallory"):
            assert visited.open_client(name).get(path).status_code == 403
        assert visited.open_client().get(path).status_code == 401
    assert visited.open_client("alice").get("/api/v1/reminders").status_code == 403
    assert visited.open_client("emil").get("/api/v1/reminders").json() == {"ending": [], "overdue": []}
