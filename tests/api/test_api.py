"""The API, asked over a real connection."""

from urllib.parse import quote

import httpx
import pytest

COLLINS = "FR/Collins"
REASON = "Photo found on the phone of the missing person."


def _submit(client: httpx.Client, data: bytes, name: str = "probe.jpg") -> httpx.Response:
    return client.post("/api/v1/probes", data={"person": "alice"}, files={"photo": (name, data, "image/jpeg")})


def _search(client: httpx.Client, probe: str, **changes: object) -> httpx.Response:
    body = {"probe": probe, "person": "alice", "case": "2026-114", "purpose": "missing-person", "reason": REASON}
    return client.post("/api/v1/searches", json={**body, **changes})


def test_from_a_photo_to_candidates(client: httpx.Client, changed_copy: bytes) -> None:
    submitted = _submit(client, changed_copy)
    assert submitted.status_code == 201
    probe = submitted.json()
    assert len(probe["faces"]) == 1
    assert {"InterEyeDistance", "Sharpness"} <= {score["measure"] for score in probe["faces"][0]["quality"]}
    answered = _search(client, probe["probe"], limit=5)
    assert answered.status_code == 201
    document = answered.json()
    assert document["candidates"][0]["subject"] == COLLINS
    assert document["notice"] == "Every match is a lead, not an identity."
    assert document["pack"]
    assert client.get(f"/api/v1/searches/{document['search']}").json() == document


def test_a_probe_never_becomes_a_reference(client: httpx.Client, changed_copy: bytes) -> None:
    before = client.get("/api/v1/node").json()
    _search(client, _submit(client, changed_copy).json()["probe"])
    after = client.get("/api/v1/node").json()
    assert after["references"] == before["references"]
    assert after["gallery_version"] == before["gallery_version"]
    assert after["searches"] == before["searches"] + 1


@pytest.mark.parametrize("field", ["person", "case", "purpose", "reason"])
def test_a_search_without_its_justification_is_refused_and_recorded(
    client: httpx.Client, changed_copy: bytes, field: str
) -> None:
    answer = _search(client, _submit(client, changed_copy).json()["probe"], **{field: " "})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == f"refusal.justification.{field}"
    newest = client.get("/api/v1/searches", params={"limit": 1}).json()["searches"][0]
    assert newest["outcome"] == "refused"
    assert newest["rule"] == f"justification.{field}"


def test_one_of_several_faces_must_be_chosen(client: httpx.Client, two_faces: bytes) -> None:
    probe = _submit(client, two_faces).json()
    assert len(probe["faces"]) == 2
    answer = _search(client, probe["probe"])
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "choice-needed")
    leftmost = min(probe["faces"], key=lambda face: face["box"]["left"])["ordinal"]
    assert _search(client, probe["probe"], face=leftmost).json()["candidates"][0]["subject"] == COLLINS
    assert _search(client, probe["probe"], face=7).status_code == 404


def test_no_face_is_not_no_candidates(client: httpx.Client, no_face: bytes) -> None:
    probe = _submit(client, no_face, "cat.png").json()
    assert probe["faces"] == []
    answer = _search(client, probe["probe"])
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "no-face")


@pytest.mark.parametrize(
    ("data", "status"), [(b"", 415), (b"no photo at all", 415), (b"\xff\xd8\xff\xe0" + b"\0" * 40, 422)]
)
def test_what_is_no_photo_is_named(client: httpx.Client, data: bytes, status: int) -> None:
    answer = _submit(client, data, "holiday.jpg")
    assert answer.status_code in {status, 415, 422}
    error = answer.json()["error"]
    assert error["code"].startswith("intake.")
    assert "holiday.jpg" in error["message"]


def test_enrol_look_choose_and_delete(client: httpx.Client, two_faces: bytes, no_face: bytes) -> None:
    key = "DE/2026 №7"
    address = f"/api/v1/subjects/{quote(key, safe='')}"
    enrolled = client.post(f"{address}/photos", data={"person": "emil"}, files={"photo": ("both.jpg", two_faces)})
    assert enrolled.status_code == 200
    (row,) = enrolled.json()["photos"]
    assert row["status"] == "several_faces"
    unsuitable = client.post(f"{address}/photos", data={"person": "emil"}, files={"photo": ("cat.png", no_face)})
    assert unsuitable.json()["counts"]["no_face"] == 1
    chosen = client.post(f"/api/v1/photos/{row['photo']}/choice", json={"face": 0, "person": "emil"})
    assert (chosen.status_code, chosen.json()["status"]) == (200, "enrolled")
    again = client.post(f"/api/v1/photos/{row['photo']}/choice", json={"face": 1, "person": "emil"})
    assert again.status_code == 409
    detail = client.get(address).json()
    assert (detail["subject"], detail["photos"][0]["chosen"]) == (key, 0)
    picture = client.get(f"/api/v1/photos/{row['photo']}/picture", params={"longest_side": 200})
    assert picture.headers["content-type"] == "image/jpeg"
    assert client.request("DELETE", address, params={"person": "emil", "reason": " "}).status_code == 403
    receipt = client.request("DELETE", address, params={"person": "emil", "reason": "The order was lifted."})
    assert (receipt.status_code, receipt.json()["references"]) == (200, 1)
    assert client.get(address).status_code == 404
    assert client.get(f"/api/v1/photos/{row['photo']}/picture").status_code == 404


def test_subjects_come_a_page_at_a_time(client: httpx.Client) -> None:
    seen: list[str] = []
    after: str | None = None
    while True:
        params = {"limit": "1"} if after is None else {"limit": "1", "after": after}
        page = client.get("/api/v1/subjects", params=params).json()
        seen += [row["subject"] for row in page["subjects"]]
        after = page["next_after"]
        if after is None:
            break
    assert seen == sorted(seen)
    assert COLLINS in seen
    assert client.get("/api/v1/subjects", params={"text": "Coll"}).json()["subjects"][0]["subject"] == COLLINS


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/subjects/nobody", 404),
        ("/api/v1/probes/0", 404),
        ("/api/v1/searches/0", 404),
        ("/api/v1/photos/0/picture", 404),
        ("/api/v2/health", 404),
        ("/api/v1/subjects?limit=9999", 422),
    ],
)
def test_every_error_is_the_same_document(client: httpx.Client, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "problems"}
    assert error["message"]


def test_a_request_that_is_not_as_documented_says_where(client: httpx.Client) -> None:
    answer = client.post("/api/v1/searches", json={"probe": "x", "limit": 51, "colour": "red"})
    assert answer.status_code == 422
    problems = " ".join(answer.json()["error"]["problems"])
    assert "limit" in problems
    assert "colour" in problems


def test_guards_speak_the_apis_language(client: httpx.Client) -> None:
    for answer in (
        client.get("/api/v1/health", headers={"host": "attacker.example"}),
        client.post("/api/v1/searches", headers={"origin": "https://attacker.example"}, json={}),
        client.post("/api/v1/probes", content=b"x" * 41_000_000),
    ):
        assert answer.status_code in {421, 403, 413}
        assert answer.json()["error"]["code"]


def test_health(client: httpx.Client) -> None:
    assert client.get("/api/v1/health").json()["status"] == "ok"


def test_the_openapi_document_is_complete(client: httpx.Client) -> None:
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


def test_the_reference_page_is_plain_and_complete(client: httpx.Client) -> None:
    page = client.get("/api").text
    document = client.get("/api/openapi.json").json()
    assert all(path in page for path in document["paths"])
    assert "<script" not in page
    assert "style=" not in page
    assert "://" not in page
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404
