"""The API, asked over a real connection by the cast."""

import base64
import hashlib
import io
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import httpx2
import numpy as np
import pytest
from PIL import Image
from tests.site_fixtures import CASE, COLLINS, REASON, Served

from semblance.store import searches

DRAFT = {
    "kind": "yellow",
    "number": "DE/2026 №7",
    "legal_basis": "RPD article 90; report of 12 March 2026",
    "retain_until": "2028-03-12",
    "personal": {"family_name": "Muster", "given_names": "Erika"},
    "circumstances": {"event_date": "2026-03-12", "event_place": "Lyon"},
}
SOURCE = {"source": "DE", "obtained": "handed in by the family", "obtained_on": "2026-03-13"}


def _submit(client: httpx2.Client, site: Served, data: bytes, name: str = "probe.jpg") -> httpx2.Response:
    return client.post(f"/api/v1/cases/{site.case}/probes", files={"photo": (name, data, "image/jpeg")})


def _search(client: httpx2.Client, probe: str, **changes: object) -> httpx2.Response:
    return client.post("/api/v1/searches", json={"probe": probe, "reason": REASON, **changes})


def _create(client: httpx2.Client, number: str, **changes: Any) -> dict[str, Any]:
    made = client.post("/api/v1/records", json={"draft": {**DRAFT, "number": number, **changes}, "reason": "Reported"})
    assert made.status_code == 201, made.text
    document: dict[str, Any] = made.json()
    return document


def test_from_a_photo_to_candidates(client: httpx2.Client, site: Served, changed_copy: bytes) -> None:
    submitted = _submit(client, site, changed_copy)
    assert submitted.status_code == 201
    probe = submitted.json()
    assert (len(probe["faces"]), probe["case"]) == (1, CASE)
    assert {"InterEyeDistance", "Sharpness"} <= {score["measure"] for score in probe["faces"][0]["quality"]}
    answered = _search(client, probe["probe"], limit=5)
    assert answered.status_code == 201
    document = answered.json()
    # who looks alike is told when two people have given their opinion
    assert [one["pseudonym"] for one in document["candidates"]] == ["C-01", "C-02"]
    for one in document["candidates"]:
        assert [name for name, value in one.items() if value] == ["pseudonym"]
    assert (document["examination_state"], document["candidate_count"]) == ("open", 2)
    assert document["notice"] == "Every match is a lead, not an identity."
    assert (document["person"], document["authority"], document["case"]) == ("alice", "FR", CASE)
    assert document["pack"]
    assert client.get(f"/api/v1/searches/{document['search']}").json() == document
    case = client.get(f"/api/v1/cases/{site.case}").json()
    assert [one["candidate_count"] for one in case["searches"] if one["search"] == document["search"]] == [None]


def test_nothing_that_is_told_counts_the_whole_gallery(
    client: httpx2.Client, site: Served, changed_copy: bytes
) -> None:
    document = _search(client, _submit(client, site, changed_copy).json()["probe"]).json()
    assert not [name for name in document if "version" in name]
    assert not [name for name in client.get("/api/v1/node").json() if "version" in name]


def test_a_probe_never_becomes_a_reference(client: httpx2.Client, site: Served, changed_copy: bytes) -> None:
    before = client.get("/api/v1/node").json()
    _search(client, _submit(client, site, changed_copy).json()["probe"])
    after = client.get("/api/v1/node").json()
    assert (after["references"], after["records"]) == (before["references"], before["records"])
    assert after["searches"] == before["searches"] + 1


def test_a_search_without_its_reason_is_refused_and_recorded(
    client: httpx2.Client, site: Served, changed_copy: bytes
) -> None:
    answer = _search(client, _submit(client, site, changed_copy).json()["probe"], reason=" ")
    assert answer.status_code == 403
    error = answer.json()["error"]
    assert (error["code"], error["rule"], error["field"]) == ("policy.refused", "justification.reason", "reason")
    assert error["values"] == {"field": "reason", "fault": {"id": "text.missing", "values": {}}, "meaning": ANY}
    newest = client.get("/api/v1/searches", params={"limit": 1}).json()["searches"][0]
    assert (newest["outcome"], newest["rule"]) == ("refused", "justification.reason")
    assert newest["refusal"] == {"id": error["id"], "text": ANY, "values": error["values"]}


def test_one_of_several_faces_must_be_chosen(client: httpx2.Client, site: Served, two_faces: bytes) -> None:
    probe = _submit(client, site, two_faces).json()
    assert len(probe["faces"]) == 2
    answer = _search(client, probe["probe"])
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "choice-needed")
    leftmost = min(probe["faces"], key=lambda face: face["box"]["left"])["ordinal"]
    answer = _search(client, probe["probe"], face=leftmost).json()
    assert (answer["face"], len(answer["candidates"])) == (leftmost, 2)
    with site.node.store.reading() as tx:
        record = searches.find_search(tx, answer["search"])
    assert record is not None
    assert record.candidates[0].subject == site.find_record(COLLINS)
    assert _search(client, probe["probe"], face=7).status_code == 404


def test_no_face_is_not_no_candidates(client: httpx2.Client, site: Served, no_face: bytes) -> None:
    probe = _submit(client, site, no_face, "cat.png").json()
    assert probe["faces"] == []
    answer = _search(client, probe["probe"])
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "no-face")


@pytest.mark.parametrize(
    ("data", "status"), [(b"", 415), (b"no photo at all", 415), (b"\xff\xd8\xff\xe0" + b"\0" * 40, 422)]
)
def test_what_is_no_photo_is_named(client: httpx2.Client, site: Served, data: bytes, status: int) -> None:
    answer = _submit(client, site, data, "holiday.jpg")
    assert answer.status_code in {status, 415, 422}
    error = answer.json()["error"]
    assert error["code"].startswith("intake.")
    assert "holiday.jpg" in error["message"]


def test_a_photo_on_its_head_is_shown_upright(emil: httpx2.Client, hopper_path: Path) -> None:
    record = _create(emil, "DE-UPSIDE-DOWN")["id"]
    lying = io.BytesIO()
    with Image.open(hopper_path) as image:
        upright = image.convert("RGB")
        upright.rotate(90, expand=True).save(lying, "PNG")
    enrolled = emil.post(f"/api/v1/records/{record}/photos", data=SOURCE, files={"photo": ("a.png", lying.getvalue())})
    (row,) = enrolled.json()["photos"]
    assert row["status"] == "enrolled"
    (photo,) = emil.get(f"/api/v1/records/{record}").json()["photos"]
    facts = photo["facts"]
    assert (facts["turned"], facts["width"], facts["height"]) == (90, *upright.size)
    assert facts["notes"] == [
        {
            "id": "photo.turned",
            "text": "turned by 90° clockwise, so that the face is upright",
            "values": {"degrees": 90},
        }
    ]
    with Image.open(io.BytesIO(emil.get(f"/api/v1/photos/{row['photo']}/picture").content)) as shown:
        assert np.abs(np.asarray(shown).astype(int) - np.asarray(upright)).mean() < 4
    erased = emil.request("DELETE", f"/api/v1/records/{record}", json={"reason": "The test is over."})
    assert erased.status_code == 200, erased.text


def test_a_records_whole_life(emil: httpx2.Client, dora: httpx2.Client, two_faces: bytes, no_face: bytes) -> None:
    made = _create(emil, DRAFT["number"])  # type: ignore[arg-type]
    address = f"/api/v1/records/{made['id']}"
    assert (made["state"], made["owner"], made["version"]) == ("draft", "DE", 1)
    enrolled = emil.post(f"{address}/photos", data=SOURCE, files={"photo": ("both.jpg", two_faces)})
    assert enrolled.status_code == 200, enrolled.text
    (row,) = enrolled.json()["photos"]
    assert row["status"] == "several_faces"
    unsuitable = emil.post(f"{address}/photos", data=SOURCE, files={"photo": ("cat.png", no_face)})
    assert unsuitable.json()["counts"]["no_face"] == 1
    chosen = emil.post(f"/api/v1/photos/{row['photo']}/choice", json={"face": 0})
    assert (chosen.status_code, chosen.json()["status"]) == (200, "enrolled")
    assert emil.post(f"/api/v1/photos/{row['photo']}/choice", json={"face": 1}).status_code == 409
    edited = emil.put(address, json={"draft": {**DRAFT, "legal_basis": "Another law"}, "version": 1, "reason": "Law"})
    assert (edited.status_code, edited.json()["version"]) == (200, 2)
    late = emil.put(address, json={"draft": DRAFT, "version": 1, "reason": "Late"})
    assert (late.status_code, late.json()["error"]["code"]) == (409, "conflict")
    refused = emil.post(f"{address}/publication", json={"neutral": False, "reason": "In doubt"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "policy.refused")
    published = emil.post(f"{address}/publication", json={"neutral": True, "reason": "Neutral"})
    assert published.json()["state"] == "active"
    assert dora.post(f"{address}/dispute", json={"reason": "It is not her"}).json()["state"] == "blocked"
    assert emil.post(f"{address}/decision", json={"upheld": False, "reason": "x y"}).status_code == 403
    assert dora.post(f"{address}/decision", json={"upheld": False, "reason": "It is"}).json()["state"] == "active"
    later = emil.post(f"{address}/extension", json={"retain_until": "2029-01-01", "reason": "Still missing"})
    assert later.json()["draft"]["retain_until"] == "2029-01-01"
    history = emil.get(f"{address}/history").json()["versions"]
    assert [one["version"] for one in history] == list(range(history[0]["version"], 0, -1))
    assert any(change["field"] == "legal_basis" for one in history for change in one["changes"])
    picture = emil.get(f"/api/v1/photos/{row['photo']}/picture", params={"longest_side": 200})
    assert picture.headers["content-type"] == "image/jpeg"
    exported = emil.post(f"{address}/export", json={"reason": "Asked for by a court"})
    assert (exported.status_code, exported.content[:2]) == (200, b"PK")
    assert emil.request("DELETE", address, json={"reason": " "}).status_code == 403
    receipt = emil.request("DELETE", address, json={"reason": "The order was lifted."})
    assert (receipt.status_code, receipt.json()["references"]) == (200, 1)
    assert emil.get(address).status_code == 404
    assert emil.get(f"/api/v1/photos/{row['photo']}/picture").status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"legal_basis": ""}, "legal_basis"),
        ({"retain_until": "2020-01-01"}, "retain_until"),
        ({"kind": "purple"}, "kind"),
        ({"personal": {"family_name": "A", "ethnicity": "x"}}, "personal.ethnicity"),
        ({"personal": {"family_nam": "A"}}, "personal.family_nam"),
        ({"circumstances": {}}, "event_date"),
    ],
)
def test_a_record_that_cannot_be_held_is_said_field_by_field(
    emil: httpx2.Client, changes: dict[str, Any], field: str
) -> None:
    before = emil.get("/api/v1/node").json()["records"]
    answer = emil.post("/api/v1/records", json={"draft": {**DRAFT, "number": "bad", **changes}, "reason": "Reported"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "intake.record")
    assert any(field in problem["values"]["field"] for problem in answer.json()["error"]["problems"])
    assert emil.get("/api/v1/node").json()["records"] == before


def test_records_come_a_page_at_a_time_and_restricted_ones_never(
    client: httpx2.Client, dora: httpx2.Client, emil: httpx2.Client, site: Served
) -> None:
    assert client.get("/api/v1/records").status_code == 403
    hidden = _create(emil, "DE/hidden", restriction={"mode": "except", "authorities": ["FR"]})
    try:
        for whose, sees in ((dora, False), (emil, True)):
            seen: list[str] = []
            after: str | None = None
            while True:
                params = {"limit": "1"} if after is None else {"limit": "1", "after": after}
                page = whose.get("/api/v1/records", params=params).json()
                seen += [row["number"] for row in page["records"]]
                after = page["next_after"]
                if after is None:
                    break
            assert COLLINS in seen
            assert ("DE/hidden" in seen) == sees
            assert len(seen) == len(set(seen)) == page["total"]
        unknown = dora.get(f"/api/v1/records/{'0' * 32}").json()["error"]
        forbidden = dora.get(f"/api/v1/records/{hidden['id']}").json()["error"]
        assert forbidden["message"].replace(hidden["id"], "") == unknown["message"].replace("0" * 32, "")
        assert forbidden["code"] == unknown["code"]
        assert dora.post("/api/v1/records/find", json={"text": "coll"}).json()["records"][0]["number"] == COLLINS
    finally:
        emil.request("DELETE", f"/api/v1/records/{hidden['id']}", json={"reason": "The test is over"})


def test_a_case_is_opened_closed_and_then_closed_for_all(client: httpx2.Client, changed_copy: bytes) -> None:
    body = {"number": "FR-2026-API", "purpose": "missing-person", "category": "missing", "aim": "To find him"}
    bare = client.post("/api/v1/cases", json=body)
    assert (bare.status_code, bare.json()["error"]["code"]) == (403, "policy.refused")
    made = client.post("/api/v1/cases", json={**body, "link": "Report 7"})
    assert made.status_code == 201
    address = f"/api/v1/cases/{made.json()['id']}"
    assert client.post("/api/v1/cases", json={**body, "link": "Report 7"}).status_code == 409
    assert client.post(f"{address}/closure", json={"reason": "He came home"}).json()["state"] == "closed"
    late = client.post(f"{address}/probes", files={"photo": ("a.jpg", changed_copy)})
    assert late.status_code == 409


def test_a_search_is_authorised_by_another_person_or_erased(
    client: httpx2.Client, site: Served, changed_copy: bytes
) -> None:
    body = {"number": "FR-2026-WANTED", "purpose": "wanted-person", "category": "suspect", "aim": "To arrest him"}
    case = client.post("/api/v1/cases", json={**body, "offence": "Burglary"}).json()["id"]
    probe = client.post(f"/api/v1/cases/{case}/probes", files={"photo": ("a.jpg", changed_copy)}).json()["probe"]
    found = _search(client, probe)
    assert found.status_code == 201
    with site.open_client("carol") as carol:
        waiting = carol.get("/api/v1/authorisations").json()["authorisations"]
        (mine,) = [one for one in waiting if one["case"] == "FR-2026-WANTED"]
        assert mine["due_at"]
        address = f"/api/v1/authorisations/{mine['id']}"
        assert client.post(f"{address}/grant", json={"reason": "I may not"}).status_code == 403
        refused = carol.post(f"{address}/refusal", json={"reason": "Not proportionate"})
        assert (refused.status_code, refused.json()["probes"], refused.json()["searches"]) == (200, 1, 1)
        again = carol.post(f"{address}/grant", json={"reason": "After all"})
        assert (again.status_code, again.json()["error"]["code"]) == (409, "conflict")
    assert client.get(f"/api/v1/probes/{probe}").status_code == 404
    gone = client.get(f"/api/v1/searches/{found.json()['search']}").json()
    assert (gone["erased"], gone["reason"], gone["candidates"]) == (True, "", [])


def test_the_policy_is_read_by_all_and_replaced_by_the_data_protection_officer(
    client: httpx2.Client, dora: httpx2.Client
) -> None:
    found = client.get("/api/v1/policy").json()
    assert "[purposes.wanted-person]" in found["text"]
    changed = {"text": found["text"].replace("candidates = 20", "candidates = 19"), "reason": "Fewer are enough"}
    assert client.put("/api/v1/policy", json=changed).status_code == 403
    broken = {**changed, "text": found["text"].replace('"red"', '"purple"', 1)}
    answer = dora.put("/api/v1/policy", json=broken)
    assert answer.status_code == 422
    assert "purple" in answer.json()["error"]["message"]
    assert client.get("/api/v1/policy").json()["digest"] == found["digest"]
    replaced = dora.put("/api/v1/policy", json=changed)
    assert (replaced.status_code, replaced.json()["number"]) == (200, found["number"] + 1)
    assert dora.put("/api/v1/policy", json=changed).status_code == 409
    assert client.get("/api/v1/policy/versions").json()["versions"][0]["person"] == "dora"


def test_calibrations_are_listed_to_whoever_may_make_them(client: httpx2.Client, site: Served) -> None:
    with site.open_client("carol") as carol:
        assert carol.get("/api/v1/calibrations").json() == {"calibrations": []}
    refused = client.get("/api/v1/calibrations")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "policy.refused")


@pytest.mark.parametrize("name", [None, "mallory"])
def test_strangers_and_outsiders_are_refused_everywhere(site: Served, name: str | None) -> None:
    with site.open_client(name) as outsider:
        document = outsider.get("/api/openapi.json").json()
        operations = [
            (method.upper(), path)
            for path, all_ in document["paths"].items()
            for method in all_
            # whoever has an account may see who they are, and which tokens they have
            if path not in {"/api/v1/health", "/api/v1/me"} and (method, path) != ("get", "/api/v1/tokens")
        ]
        assert len(operations) > 25
        for method, path in operations:
            address = path
            for part, known in (("{record}", site.find_record(COLLINS)), ("{case}", site.case)):
                address = address.replace(part, known)
            answer = outsider.request(method, address.replace("{", "").replace("}", ""), json={})
            wanted = {401} if name is None else {403, 404, 422}
            assert answer.status_code in wanted, (method, path, answer)
            assert COLLINS not in answer.text
            assert CASE not in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/records/nobody", 403),
        ("/api/v1/cases/0", 404),
        ("/api/v1/probes/0", 404),
        ("/api/v1/searches/0", 404),
        ("/api/v1/photos/0/picture", 403),
        ("/api/v2/health", 404),
        ("/api/v1/records?limit=9999", 422),
    ],
)
def test_every_error_is_the_same_document(client: httpx2.Client, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert set(error) == {"code", "id", "message", "values", "rule", "field", "problems", "request"}
    assert error["message"]


def test_a_request_that_is_not_as_documented_says_where(client: httpx2.Client) -> None:
    answer = client.post("/api/v1/searches", json={"probe": "x", "limit": 51, "colour": "red"})
    assert answer.status_code == 422
    problems = " ".join(problem["text"] for problem in answer.json()["error"]["problems"])
    assert "limit" in problems
    assert "colour" in problems


def test_guards_speak_the_apis_language(client: httpx2.Client, site: Served) -> None:
    for answer in (
        client.get("/api/v1/health", headers={"host": "attacker.example"}),
        client.post("/api/v1/searches", headers={"origin": "https://attacker.example"}, json={}),
        client.post(f"/api/v1/cases/{site.case}/probes", content=b"x" * 41_000_000),
    ):
        assert answer.status_code in {421, 403, 413}
        assert answer.json()["error"]["code"]


def test_health(client: httpx2.Client) -> None:
    assert client.get("/api/v1/health").json()["status"] == "ok"


def test_the_openapi_document_is_complete(client: httpx2.Client) -> None:
    document = client.get("/api/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            at = f"{method} {path}"
            assert operation.get("summary"), at
            assert operation.get("description"), at
            assert operation["tags"], at
            errors = [status for status in operation["responses"] if status >= "400"]
            assert {"421", "422", "500", "503"} <= set(errors), at
            for status in errors:
                schema = operation["responses"][status]["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/ErrorDocument"}, at
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_the_reference_page_is_plain_and_complete(client: httpx2.Client) -> None:
    page = client.get("/api").text
    document = client.get("/api/openapi.json").json()
    assert all(path in page for path in document["paths"])
    assert "<script" not in page
    assert "style=" not in page
    assert "://" not in page
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404


def test_a_prepared_version_and_another_photo_are_searched_narrowed(
    client: httpx2.Client, site: Served, changed_copy: bytes, two_faces: bytes
) -> None:
    probe, other = (_submit(client, site, data).json()["probe"] for data in (changed_copy, two_faces))
    address = f"/api/v1/probes/{probe}/preparations"
    steps = [{"step": "expose", "stops": 1}, {"step": "rotate", "degrees": 10}]
    made = client.post(address, json={"steps": steps})
    assert made.status_code == 201
    document = made.json()
    assert (document["steps"], len(document["faces"]), document["number"]) == (steps, 1, 1)
    assert client.get(address).json() == {"preparations": [document]}
    faulty = client.post(address, json={"steps": [{"step": "rotate", "degrees": 400}]})
    assert (faulty.status_code, faulty.json()["error"]["code"]) == (422, "intake.steps")
    which = {"prepared": document["preparation"], "sex": "female", "age_to": 60, "kinds": ["blue"]}
    needed = _search(client, probe, also=[{"probe": other}], **which)
    assert (needed.status_code, needed.json()["error"]["code"]) == (422, "choice-needed")
    assert other in needed.json()["error"]["message"]
    answer = _search(client, probe, also=[{"probe": other, "face": 1}], **which)
    assert answer.status_code == 201
    found = answer.json()
    assert [step["text"] for step in found["prepared"]] == ["exposure +1 stops", "turn by 10°"]
    assert found["prepared"][1] == {"id": "step.rotate", "text": ANY, "values": {"degrees": 10}}
    assert [(one["probe"], one["face"]) for one in found["also"]] == [(other, 1)]
    assert [words["text"] for words in found["narrowed"]] == [
        "kind of record: blue",
        "age in years: up to 60",
        "sex as recorded: female",
    ]
    assert found["face"] == 0
    assert _search(client, probe, nationality="XXX").json()["error"]["code"] == "intake"
    error = _search(client, probe, kinds=["red"]).json()["error"]
    assert (error["code"], error["rule"], error["field"]) == ("policy.refused", "policy.kinds", "kinds")


def test_a_covered_still_is_previewed_and_leaves_as_it_was_seen(
    client: httpx2.Client, site: Served, two_faces: bytes
) -> None:
    probe = _submit(client, site, two_faces).json()["probe"]
    address = f"/api/v1/probes/{probe}/stills"
    asked = {"face": 0, "boxes": [{"left": 5, "top": 5, "right": 25, "bottom": 30}]}
    preview = client.post(f"{address}/preview", json=asked)
    assert preview.status_code == 200
    seen = preview.json()
    assert (seen["others"], seen["missed"], seen["still_format"]) == (1, [], "png")
    assert hashlib.sha256(base64.b64decode(seen["picture"])).hexdigest() == seen["sha256"]
    confirmed = asked | {"serial": seen["serial"], "sha256": seen["sha256"]}
    unexplained = client.post(address, json=confirmed | {"reason": " "})
    assert (unexplained.status_code, unexplained.json()["error"]["id"]) == (403, "redaction.unexplained")
    other = client.post(address, json=confirmed | {"face": 1, "reason": REASON})
    assert (other.status_code, other.json()["error"]["id"]) == (409, "redaction.not-what-was-seen")
    left = client.post(address, json=confirmed | {"reason": REASON})
    assert (left.status_code, left.headers["content-type"]) == (200, "image/png")
    assert left.content == base64.b64decode(seen["picture"])
    assert left.headers["content-disposition"] == f'attachment; filename="{seen["reference"]}.png"'
    nowhere = client.post(
        f"{address}/preview", json={"face": 0, "boxes": [{"left": 9, "top": 9, "right": 9, "bottom": 9}]}
    )
    assert (nowhere.status_code, nowhere.json()["error"]["id"]) == (422, "redaction.box-nowhere")
