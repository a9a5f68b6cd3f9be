"""Requests that nobody means: each is answered with the error document, none with a failure of the node."""

import itertools
import re
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from tests.site_fixtures import COLLINS, TERMS, Served

TEXTS = (
    "", " ", ".", "..", "../../etc/passwd", "..\\..\\boot.ini", "a/b", "/etc/passwd", "%2e%2e%2f", "%00", "a\0b",
    "\x1b[31m", "\u202egnp.exe", "'; DROP TABLE photo; --", "%", "_", "\\", "<script>alert(1)</script>", "{{7*7}}",
    "№ 北京 👤", "e\u0301",
    "null", "-1", "0", "1e9", "9" * 30, "9" * 5000, "x" * 20_000, "true", "[]",
)  # fmt: skip
ASKING = ("alice", "emil", "dora")
VALUES: tuple[Any, ...] = (None, True, -1, 10**30, 1.5, [], {}, [1], {"a": 1}, *TEXTS)
DRAFT = {
    "kind": "blue",
    "number": "hostile",
    "legal_basis": "A law",
    "retain_until": TERMS.retain_until.isoformat(),
    "circumstances": {"asked": "Who is this?"},
}
SOURCE = {"source": "DE", "obtained": "handed in", "obtained_on": "2026-03-13"}


def _check(answer: httpx2.Response, at: str) -> None:
    assert answer.status_code < 500, (at, answer.text[:300])
    if answer.status_code >= 400:
        error = answer.json()["error"]
        assert set(error) == {"code", "id", "message", "values", "rule", "field", "problems", "request"}, at
        assert re.fullmatch(r"[a-z0-9.-]+", error["code"]), at
        assert error["message"][0].isupper() or error["message"].startswith("a.jpg"), at
        assert len(answer.content) < 60_000, at


def _fill(path: str, text: str) -> str:
    return re.sub(r"\{[a-z]+(:path)?\}", quote(text, safe=""), path)


def _list_operations(client: httpx2.Client) -> list[tuple[str, str, dict[str, Any]]]:
    paths = client.get("/api/openapi.json").json()["paths"]
    return [(method.upper(), path, operation) for path, all_ in paths.items() for method, operation in all_.items()]


def _is_of_whole_ledger(path: str) -> bool:
    # verifying and handing it out again and again says nothing new
    return "ledger/verification" in path or "ledger/bundle" in path


@pytest.fixture(scope="module")
def answered(site: Served) -> dict[str, dict[str, int]]:
    """Return how everybody is answered who asks for what is not there: by operation and by name."""
    found: dict[str, dict[str, int]] = {}
    for name in ASKING:
        with site.open_client(name) as client:
            for method, path, _ in _list_operations(client):
                if not _is_of_whole_ledger(path):
                    answer = client.request(method, _fill(path, "nobody"))
                    found.setdefault(f"{method} {path}", {})[name] = answer.status_code
    return found


def _share_texts(answered: dict[str, int], name: str) -> tuple[str, ...]:
    """Return somebody's part of the texts: those whom the policy lets ask share all, and so do those it refuses."""
    alike = [who for who in ASKING if (answered[who] == 403) == (answered[name] == 403)]
    return TEXTS[alike.index(name) :: len(alike)]


@pytest.mark.parametrize("name", ASKING)
def test_hostile_paths_and_parameters(site: Served, answered: dict[str, dict[str, int]], name: str) -> None:
    with site.open_client(name) as client:
        for method, path, operation in _list_operations(client):
            if _is_of_whole_ledger(path):
                continue
            texts = _share_texts(answered[f"{method} {path}"], name)
            for text in texts if "{" in path else TEXTS[:1]:
                _check(client.request(method, _fill(path, text)), f"{method} {path} {text[:40]!r}")
            asked = [parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "query"]
            for query, text in itertools.product(asked, texts):
                address = f"{_fill(path, 'nobody')}?{query}={quote(text, safe='')}"
                _check(client.request(method, address), f"{method} {path} {query}={text[:40]!r}")


def test_hostile_bodies_of_a_search(client: httpx2.Client) -> None:
    good = {"probe": "0" * 32, "face": 0, "reason": "x"}
    for name, value in itertools.product((*good, "limit", "colour"), VALUES):
        _check(client.post("/api/v1/searches", json={**good, name: value}), f"{name}={str(value)[:40]!r}")
    for body in (b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"probe": "\\ud800"}', b"[" * 100_000, b'{"face": NaN}'):
        answer = client.post("/api/v1/searches", content=body, headers={"content-type": "application/json"})
        _check(answer, repr(body[:40]))
        assert answer.status_code in {400, 404, 422}


def test_hostile_records_and_cases(client: httpx2.Client, emil: httpx2.Client) -> None:
    before = emil.get("/api/v1/node").json()["records"]
    for name, value in itertools.product((*DRAFT, "personal", "restriction", "colour"), VALUES):
        answer = emil.post("/api/v1/records", json={"draft": {**DRAFT, name: value}, "reason": "Reported"})
        _check(answer, f"draft.{name}={str(value)[:40]!r}")
        if answer.status_code == 201:
            made = answer.json()["id"]
            assert emil.request("DELETE", f"/api/v1/records/{made}", json={"reason": "Not meant"}).status_code == 200
    assert emil.get("/api/v1/node").json()["records"] == before
    case = {"number": "X", "purpose": "missing-person", "category": "missing", "aim": "To find", "link": "Report 1"}
    for name, value in itertools.product((*case, "colour"), VALUES):
        _check(client.post("/api/v1/cases", json={**case, name: value}), f"case.{name}={str(value)[:40]!r}")


def test_hostile_forms_and_file_names(
    client: httpx2.Client, emil: httpx2.Client, site: Served, hopper_path: Any
) -> None:
    data = hopper_path.read_bytes()
    probes = f"/api/v1/cases/{site.case}/probes"
    photos = f"/api/v1/records/{site.find_record(COLLINS)}/photos"
    for text in TEXTS:
        files = {"photo": ("a.jpg", b"no photo", "image/jpeg")}
        _check(client.post(probes, data={"colour": text}, files=files), f"probe {text[:40]!r}")
        for name in (*SOURCE, "face", "keep_unsuitable"):
            _check(emil.post(photos, data={**SOURCE, name: text}, files=files), f"enrol {name} {text[:40]!r}")
    for name in ("../../etc/passwd", "a\x1b[31m.jpg", "<b>.jpg", "n" * 3000 + ".jpg", "№.jpg"):
        answer = client.post(probes, files={"photo": (name, data)})
        assert answer.status_code == 201
        shown = answer.json()["name"]
        assert "/" not in shown
        assert shown.isprintable()
        assert len(shown) <= 255
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x", "application/json", "text/plain", "x" * 500):
        answer = client.post(probes, content=b"--x\r\nnothing", headers={"content-type": kind})
        _check(answer, kind[:40])
        assert answer.status_code in {400, 404, 422}


@pytest.mark.parametrize("number", ["", " ", "a\x1b[31m", "x" * 201, "a\0b"])
def test_a_record_that_cannot_be_numbered_so_is_a_typed_422(emil: httpx2.Client, number: str) -> None:
    answer = emil.post("/api/v1/records", json={"draft": {**DRAFT, "number": number}, "reason": "Reported"})
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "intake.record"


@pytest.mark.parametrize("number", ["../../etc/passwd", "..", "a/b/photos", "100 %", "%2e%2e", "a?b#c&d", "№ 北京 👤"])
def test_any_printable_number_is_only_a_number(emil: httpx2.Client, number: str) -> None:
    made = emil.post("/api/v1/records", json={"draft": {**DRAFT, "number": number}, "reason": "Reported"}).json()
    address = f"/api/v1/records/{made['id']}"
    assert emil.get(address).json()["record"]["draft"]["number"] == number
    erased = emil.request("DELETE", address, json={"reason": "The order was lifted."})
    assert erased.json()["number"] == number


@pytest.mark.parametrize(
    "header",
    [
        {"authorization": "Bearer"},
        {"authorization": "Bearer x"},
        {"authorization": "Basic YWxpY2U6eA=="},
        {"authorization": "Bearer " + "x" * 5000},
        {"authorization": "\xff"},
        {"cookie": "semblance-session-8710=x"},
    ],
)
def test_whoever_proves_nothing_is_nobody(site: Served, header: dict[str, str]) -> None:
    with site.open_client() as stranger:
        raw = {name.encode(): value.encode("latin-1") for name, value in header.items()}
        answer = stranger.get("/api/v1/records", headers=raw)
        assert answer.status_code == 401
        _check(answer, str(header)[:60])


def test_wrong_methods_unknown_routes_and_large_uploads_speak_the_same_language(
    client: httpx2.Client, site: Served
) -> None:
    for method, path, status in (
        ("PUT", "/api/v1/node", 405),
        ("DELETE", "/api/v1/searches", 405),
        ("PATCH", "/api/v1/records/a", 405),
        ("GET", "/api/v9", 404),
        ("POST", "/api/v1/nothing", 404),
    ):
        answer = client.request(method, path)
        assert answer.status_code == status, path
        _check(answer, path)
    probes = f"/api/v1/cases/{site.case}/probes"
    answer = client.post(probes, files={"photo": ("a.jpg", b"x" * 41_000_000)})
    assert answer.status_code == 413
    assert "40 MB are allowed" in answer.json()["error"]["message"]
    large = client.post(probes, files={"photo": ("a.jpg", b"x" * 20_000_000)})
    assert large.status_code == 415
    _check(large, "20 MB")
