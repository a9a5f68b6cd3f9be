"""Requests that nobody means: each is answered with the error document, none with a failure of the node."""

import itertools
import re
from typing import Any
from urllib.parse import quote

import httpx
import pytest

COLLINS = "FR/Collins"
TEXTS = (
    "", " ", ".", "..", "../../etc/passwd", "..\\..\\boot.ini", "a/b", "/etc/passwd", "%2e%2e%2f", "%00", "a\0b",
    "\x1b[31m", "\u202egnp.exe", "'; DROP TABLE photo; --", "%", "_", "\\", "<script>alert(1)</script>", "{{7*7}}",
    "№ 北京 👤", "e\u0301",
    "null", "-1", "0", "1e9", "9" * 30, "9" * 5000, "x" * 20_000, "true", "[]",
)  # fmt: skip
VALUES: tuple[Any, ...] = (None, True, -1, 10**30, 1.5, [], {}, [1], {"a": 1}, *TEXTS)


def _check(answer: httpx.Response, at: str) -> None:
    assert answer.status_code < 500, (at, answer.text[:300])
    if answer.status_code >= 400:
        error = answer.json()["error"]
        assert set(error) == {"code", "message", "problems"}, at
        assert re.fullmatch(r"[a-z0-9.-]+", error["code"]), at
        assert error["message"][0].isupper() or error["message"].startswith("a.jpg"), at
        assert len(answer.content) < 30_000, at


def _fill(path: str, text: str) -> str:
    return re.sub(r"\{[a-z]+(:path)?\}", quote(text, safe=""), path)


def _list_operations(client: httpx.Client) -> list[tuple[str, str, dict[str, Any]]]:
    paths = client.get("/api/openapi.json").json()["paths"]
    return [(method.upper(), path, operation) for path, all_ in paths.items() for method, operation in all_.items()]


def test_hostile_paths_and_parameters(client: httpx.Client) -> None:
    for method, path, operation in _list_operations(client):
        for text in TEXTS:
            address = _fill(path, text)
            if method == "DELETE" and "subjects" in path:
                address += f"?person={quote(text)}&reason={quote(text)}"
            _check(client.request(method, address), f"{method} {path} {text[:40]!r}")
        asked = [parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "query"]
        for name, text in itertools.product(asked, TEXTS):
            address = f"{_fill(path, 'nobody')}?{name}={quote(text, safe='')}"
            _check(client.request(method, address), f"{method} {path} {name}={text[:40]!r}")


def test_hostile_bodies_of_a_search(client: httpx.Client) -> None:
    good = {"probe": "0" * 32, "face": 0, "person": "alice", "case": "1", "purpose": "missing-person", "reason": "x"}
    for name, value in itertools.product((*good, "limit", "colour"), VALUES):
        _check(client.post("/api/v1/searches", json={**good, name: value}), f"{name}={str(value)[:40]!r}")
    for body in (b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"probe": "\\ud800"}', b"[" * 100_000, b'{"face": NaN}'):
        answer = client.post("/api/v1/searches", content=body, headers={"content-type": "application/json"})
        _check(answer, repr(body[:40]))
        assert answer.status_code in {400, 404, 422}


def test_hostile_forms_and_file_names(client: httpx.Client, hopper_path: Any) -> None:
    data = hopper_path.read_bytes()
    for text in TEXTS:
        for form in ({"person": text}, {"person": "emil", "face": text}, {"person": "emil", "keep_unsuitable": text}):
            files = {"photo": ("a.jpg", b"no photo", "image/jpeg")}
            _check(client.post("/api/v1/probes", data=form, files=files), f"probe {text[:40]!r}")
            _check(client.post("/api/v1/subjects/X/photos", data=form, files=files), f"enrol {text[:40]!r}")
    for name in ("../../etc/passwd", "a\x1b[31m.jpg", "<b>.jpg", "n" * 3000 + ".jpg", "№.jpg"):
        answer = client.post("/api/v1/probes", data={"person": "alice"}, files={"photo": (name, data)})
        assert answer.status_code == 201
        shown = answer.json()["name"]
        assert "/" not in shown
        assert shown.isprintable()
        assert len(shown) <= 255
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x", "application/json", "text/plain", "x" * 500):
        answer = client.post("/api/v1/probes", content=b"--x\r\nnothing", headers={"content-type": kind})
        _check(answer, kind[:40])
        assert answer.status_code in {400, 404, 422}


@pytest.mark.parametrize("text", ["a\0b", "\x1b[31malice", "x" * 201, "a\nb"])
def test_a_name_that_cannot_be_kept_is_a_typed_422(client: httpx.Client, text: str, hopper_path: Any) -> None:
    photo = {"photo": ("a.jpg", hopper_path.read_bytes())}
    collins = f"/api/v1/subjects/{quote(COLLINS, safe='')}"
    answers = [
        client.post("/api/v1/probes", data={"person": text}, files=photo),
        client.post("/api/v1/subjects/X/photos", data={"person": text}, files=photo),
        client.delete(
            f"/api/v1/subjects/{quote(COLLINS, safe='')}", params={"person": text, "reason": "It was lifted."}
        ),
        client.post(f"/api/v1/photos/{'0' * 32}/choice", json={"face": 0, "person": text}),
    ]
    for answer in answers:
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] in {"intake.unusable-text", "request.invalid"}
    assert client.get(collins).status_code == 200


@pytest.mark.parametrize("key", ["", " ", "a\x1b[31m", "x" * 201, "a\0b"])
def test_a_subject_that_cannot_be_called_so_is_a_typed_422(client: httpx.Client, key: str, hopper_path: Any) -> None:
    answer = client.post(
        f"/api/v1/subjects/{quote(key, safe='')}/photos",
        data={"person": "emil"},
        files={"photo": ("a.jpg", hopper_path.read_bytes())},
    )
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] in {"intake.unusable-text", "request.invalid"}


@pytest.mark.parametrize("key", ["../../etc/passwd", "..", "a/b/photos", "100 %", "%2e%2e", "a?b#c&d", "№ 北京 👤"])
def test_any_printable_key_is_only_a_key(client: httpx.Client, key: str, hopper_path: Any) -> None:
    before = client.get("/api/v1/node").json()["subjects"]
    address = f"/api/v1/subjects/{quote(key, safe='').replace('.', '%2E')}"
    photo = {"photo": ("a.jpg", hopper_path.read_bytes())}
    enrolled = client.post(f"{address}/photos", data={"person": "emil"}, files=photo)
    assert enrolled.status_code == 200
    assert enrolled.json()["photos"][0]["subject"] == key
    assert client.get(address).json()["subject"] == key
    deleted = client.delete(address, params={"person": "emil", "reason": "The order was lifted."})
    assert deleted.json()["subject"] == key
    assert client.get("/api/v1/node").json()["subjects"] == before


def test_wrong_methods_unknown_routes_and_large_uploads_speak_the_same_language(client: httpx.Client) -> None:
    for method, path, status in (
        ("PUT", "/api/v1/node", 405),
        ("DELETE", "/api/v1/searches", 405),
        ("PATCH", "/api/v1/subjects/a", 405),
        ("GET", "/api/v9", 404),
        ("POST", "/api/v1/nothing", 404),
    ):
        answer = client.request(method, path)
        assert answer.status_code == status, path
        _check(answer, path)
    answer = client.post("/api/v1/probes", data={"person": "alice"}, files={"photo": ("a.jpg", b"x" * 41_000_000)})
    assert answer.status_code == 413
    assert "40 MB are allowed" in answer.json()["error"]["message"]
    large = client.post("/api/v1/probes", data={"person": "alice"}, files={"photo": ("a.jpg", b"x" * 20_000_000)})
    assert large.status_code == 415
    _check(large, "20 MB")


def test_a_purpose_that_the_node_does_not_allow_is_refused_and_recorded(
    client: httpx.Client, changed_copy: bytes
) -> None:
    files = {"photo": ("probe.jpg", changed_copy)}
    probe = client.post("/api/v1/probes", data={"person": "alice"}, files=files).json()["probe"]
    reason = "Photo found on the phone of the missing person."
    body = {"probe": probe, "person": "alice", "case": "1", "purpose": "demonstration", "reason": reason}
    answer = client.post("/api/v1/searches", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "refusal.node.purpose")
    newest = client.get("/api/v1/searches", params={"limit": 1}).json()["searches"][0]
    assert (newest["outcome"], newest["rule"], newest["purpose"]) == ("refused", "node.purpose", "demonstration")
