"""What people or programs put into names, addresses and forms stays text on the pages, and breaks none."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest

SCRIPT = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>"
ODD = ("", "\0", "\x1b[31m", "../../etc/passwd", SCRIPT, "%", "9" * 30, "9" * 5000, "x" * 20_000, "-1", "²", "{{7*7}}")


def _check_page(answer: httpx.Response, at: str) -> None:
    assert answer.status_code < 500, at
    assert "<script>alert" not in answer.text, at
    assert "<img src=x" not in answer.text, at
    if answer.status_code >= 400:
        assert answer.headers["content-type"].startswith("text/html"), at
        assert "<nav" in answer.text, at


def test_names_are_shown_as_text_everywhere(client: httpx.Client, hopper_path: Any) -> None:
    key = SCRIPT
    address = f"/api/v1/subjects/{quote(key, safe='')}"
    photo = {"photo": (SCRIPT.replace("/", "_") + ".jpg", hopper_path.read_bytes())}
    assert client.post(f"{address}/photos", data={"person": SCRIPT}, files=photo).status_code == 200
    try:
        _check_page(client.get("/gallery"), "gallery")
        page = client.get(f"/gallery/subject?key={quote(key, safe='')}")
        _check_page(page, "subject")
        assert "&lt;script&gt;" in page.text
        submitted = client.post("/probes", files=photo)
        assert submitted.status_code == 303
        probe = submitted.headers["location"]
        _check_page(client.get(probe), "probe")
        form = {"person": SCRIPT, "case": SCRIPT, "reason": f"because of {SCRIPT}"}
        refused = client.post(f"{probe}/search", data={**form, "purpose": SCRIPT})
        assert refused.status_code == 403
        _check_page(refused, "refused")
        found = client.post(f"{probe}/search", data={**form, "purpose": "missing-person"})
        assert found.status_code == 303
        result = client.get(found.headers["location"])
        _check_page(result, "result")
        assert "&lt;script&gt;" in result.text
        _check_page(client.get("/searches"), "searches")
    finally:
        client.delete(address, params={"person": "emil", "reason": "The order was lifted."})


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_addresses_and_forms_get_a_page(client: httpx.Client, text: str, hopper_path: Any) -> None:
    part = quote(text, safe="")
    for address in (
        f"/{part}",
        f"/probes/{part}",
        f"/probes/x?face={part}",
        f"/photos/{part}/picture",
        f"/searches/{part}",
        f"/searches?after={part}",
        f"/gallery?after={part}&text={part}",
        f"/gallery/subject?key={part}",
    ):
        _check_page(client.get(address, follow_redirects=True), address[:60])
    probe = client.post("/probes", files={"photo": ("a.jpg", hopper_path.read_bytes())}).headers["location"]
    for field in ("face", "person", "case", "purpose", "reason", "limit"):
        form = {"person": "alice", "case": "1", "purpose": "", "reason": "Found without papers", field: text}
        _check_page(client.post(f"{probe}/search", data=form), field)
    _check_page(client.post("/gallery/photos/x/choose", data={"face": text, "person": text}), "choose")
    _check_page(client.post("/probes", files={"photo": (text or "a", b"no photo")}), "submit")
