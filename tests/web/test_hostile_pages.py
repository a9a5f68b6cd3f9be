"""What people or programs put into names, addresses and forms stays text on the pages, and breaks none."""

from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from tests.site_fixtures import COLLINS, TERMS, Served

SCRIPT = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>"
ODD = ("", "\0", "\x1b[31m", "../../etc/passwd", SCRIPT, "%", "9" * 30, "9" * 5000, "x" * 20_000, "-1", "²", "{{7*7}}")


def _check_page(answer: httpx2.Response, at: str) -> None:
    assert answer.status_code < 500, at
    assert "<script>alert" not in answer.text, at
    assert "<img src=x" not in answer.text, at
    if answer.status_code >= 400:
        assert answer.headers["content-type"].startswith("text/html"), at
        assert '<header class="bar">' in answer.text, at


def test_names_are_shown_as_text_everywhere(
    client: httpx2.Client, emil: httpx2.Client, dora: httpx2.Client, site: Served, hopper_path: Any
) -> None:
    photo = {"photo": (SCRIPT.replace("/", "_") + ".jpg", hopper_path.read_bytes())}
    number = SCRIPT.replace("'", "")
    form = {
        "kind": "blue",
        "number": number,
        "legal_basis": SCRIPT,
        "retain_until": TERMS.retain_until.isoformat(),
        "personal.family_name": SCRIPT,
        "personal.aliases": SCRIPT,
        "circumstances.asked": SCRIPT,
        "reason": f"because of {SCRIPT}",
    }
    made = emil.post("/records", data=form)
    assert made.status_code == 303
    address = made.headers["location"]
    source = {"source": SCRIPT, "obtained": SCRIPT, "obtained_on": "2026-03-13"}
    assert emil.post(f"{address}/photos", data=source, files=photo).status_code == 303
    published = {"answer": "yes", "reason": f"because of {SCRIPT}"}
    assert emil.post(f"{address}/publish", data=published).status_code == 303
    try:
        for path in ("/records", address, f"{address}/edit", f"{address}/history"):
            page = emil.get(path)
            _check_page(page, path)
            assert "&lt;script&gt;" in page.text, path
        case = {"number": number, "purpose": "missing-person", "category": "missing", "aim": SCRIPT, "link": SCRIPT}
        opened = client.post("/cases", data=case).headers["location"]
        _check_page(client.get(opened), "case")
        submitted = client.post(f"{opened}/probes", files=photo)
        assert submitted.status_code == 303
        probe = submitted.headers["location"]
        _check_page(client.get(probe), "probe")
        found = client.post(f"{probe}/search", data={"reason": f"because of {SCRIPT}", "face": "0"})
        assert found.status_code == 303
        result = client.get(found.headers["location"])
        _check_page(result, "result")
        assert "&lt;script&gt;" in result.text
        for path in ("/searches", "/cases", "/", opened):
            _check_page(client.get(path), path)
        for path in ("/ledger", "/oversight"):
            _check_page(dora.get(path), path)
    finally:
        emil.post(f"{address}/erase", data={"reason": "The order was lifted."})


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_addresses_and_forms_get_a_page(
    client: httpx2.Client, emil: httpx2.Client, dora: httpx2.Client, site: Served, text: str, hopper_path: Any
) -> None:
    part = quote(text, safe="")
    for person, address in (
        (client, f"/{part}"),
        (client, f"/cases/{part}"),
        *((client, f"/cases?{name}={part}") for name in ("state", "after")),
        (client, f"/probes/{part}"),
        (client, f"/probes/x?face={part}"),
        (client, f"/photos/{part}/picture"),
        (client, f"/searches/{part}"),
        (client, f"/searches?after={part}"),
        *((emil, f"/records?{name}={part}") for name in ("after", "text", "kind", "state", "owner")),
        (emil, f"/records/{part}"),
        (emil, f"/records/{part}/history"),
        (emil, f"/records/new?kind={part}"),
        (dora, f"/oversight?days={part}"),
        (dora, f"/requests/{part}"),
        (dora, f"/requests?after={part}"),
        *((dora, f"/ledger?{name}={part}") for name in ("verb", "person", "case")),
    ):
        _check_page(person.get(address, follow_redirects=True), address[:60])
    probes = f"/cases/{site.case}/probes"
    probe = client.post(probes, files={"photo": ("a.jpg", hopper_path.read_bytes())}).headers["location"]
    for field in ("face", "reason", "limit"):
        form = {"reason": "Found without papers", field: text}
        _check_page(client.post(f"{probe}/search", data=form), field)
    record = {"kind": "blue", "number": "odd", "legal_basis": "x", "retain_until": "2020-01-01", "reason": "x y"}
    for field in (*record, "personal.birth_dates", "personal.documents", "personal.height", "restriction.mode"):
        _check_page(emil.post("/records", data={**record, field: text}), field)
    held = f"/records/{site.find_record(COLLINS)}"
    for field in ("answer", "day"):
        _check_page(emil.post(f"{held}/extend", data={"reason": "x y", field: text}), field)
    _check_page(emil.post(f"{held}/{part or 'x'}", data={"reason": "x y"}), "move")
    _check_page(emil.post("/records/photos/x/choose", data={"face": text}), "choose")
    _check_page(client.post(probes, files={"photo": (text or "a", b"no photo")}), "submit")
    case = {"number": "odd", "purpose": "missing-person", "category": "missing", "aim": "", "link": "x y"}
    for field in case:
        _check_page(client.post("/cases", data={**case, field: text}), field)
    asked = {"kind": "access", "asker": "x y", "received_on": "2020-01-01", "records": "", "whom": "", "what": ""}
    for field in asked:
        _check_page(dora.post("/requests", data={**asked, field: text}), field)
