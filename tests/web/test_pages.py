"""The pages without a browser: what is refused, what is shown, what is escaped."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from semblance.web import contexts

HOPPER = "Grace Höpper & Co <1906>"
CREW = "crew of two"
REASON = "Photo found on the phone of the missing person."
FORM = {
    "face": "0",
    "person": "alice",
    "case": "2026-114",
    "purpose": "missing-person",
    "reason": REASON,
    "limit": "10",
}
TEMPLATES = Path(contexts.__file__).parent / "templates"


def _submit(client: httpx.Client, data: bytes, name: str = "probe.jpg") -> httpx.Response:
    return client.post("/probes", files={"photo": (name, data, "image/jpeg")})


def _count_searches(client: httpx.Client) -> int:
    return int(client.get("/api/v1/node").json()["searches"])


def test_the_whole_way_without_a_script(client: httpx.Client, changed_copy: bytes) -> None:
    submitted = _submit(client, changed_copy)
    assert submitted.status_code == 303
    page = client.get(submitted.headers["location"]).text
    assert "The face found" in page
    assert re.search(r'value="0" required checked', page)
    before = _count_searches(client)
    searched = client.post(f"{submitted.headers['location']}/search", data=FORM)
    assert searched.status_code == 303
    assert _count_searches(client) == before + 1
    result = client.get(searched.headers["location"]).text
    assert "Every match is a lead, not an identity." in result
    assert "no percentage" in result
    assert REASON in result
    assert result.index("FR/Collins") < result.index("Grace")
    for picture in set(re.findall(r'src="(/(?:probes|photos)/[^"]+)"', result)):
        answer = client.get(picture)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")


@pytest.mark.parametrize("field", ["person", "case", "purpose", "reason"])
def test_a_missing_justification_is_refused_beside_its_field(
    client: httpx.Client, changed_copy: bytes, field: str
) -> None:
    location = _submit(client, changed_copy).headers["location"]
    before = _count_searches(client)
    answer = client.post(f"{location}/search", data={**FORM, field: ""})
    assert answer.status_code == 403
    assert "Refused:" in answer.text
    tag = re.search(rf'<(?:input|select|textarea) id="{field}"[^>]*>', answer.text)
    assert tag is not None
    assert 'aria-invalid="true"' in tag[0]
    # what was filled in is still there, and the refusal left a record
    assert ("2026-114" in answer.text) == (field != "case")
    assert _count_searches(client) == before + 1
    assert "Refused" in client.get("/searches").text


def test_several_faces_and_none_chosen(client: httpx.Client, two_faces: bytes) -> None:
    location = _submit(client, two_faces).headers["location"]
    before = _count_searches(client)
    answer = client.post(f"{location}/search", data={**FORM, "face": ""})
    assert answer.status_code == 422
    assert "Choose the one face in question" in answer.text
    assert _count_searches(client) == before


def test_a_box_is_a_link_that_chooses_its_face(client: httpx.Client, two_faces: bytes) -> None:
    location = _submit(client, two_faces).headers["location"]
    page = client.get(location, params={"face": 1}).text
    assert re.search(r'value="1" required checked', page)
    assert not re.search(r'value="0" required checked', page)


def test_no_face_says_what_to_do(client: httpx.Client, no_face: bytes) -> None:
    page = client.get(_submit(client, no_face, "cat.png").headers["location"]).text
    assert "No face was found" in page
    assert "<textarea" not in page


@pytest.mark.parametrize("data", [b"just text", b"", b"%PDF-1.7 and so on"])
def test_what_is_no_photo_is_said_on_the_start_page(client: httpx.Client, data: bytes) -> None:
    answer = _submit(client, data, "letter.pdf")
    assert answer.status_code in {415, 422}
    assert "The photo was not taken." in answer.text
    assert "letter.pdf" in answer.text


def test_nothing_chosen_is_said(client: httpx.Client) -> None:
    assert "Choose a file first" in client.post("/probes").text
    assert "Choose a file first" in client.post("/probes", files={"photo": ("", b"")}).text


def test_too_large_is_a_page_even_after_all_was_sent(client: httpx.Client) -> None:
    answer = _submit(client, b"x" * 41_000_000)
    assert answer.status_code == 413
    assert "Too large" in answer.text
    assert "40 MB are allowed" in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/probes/none", 404),
        ("/probes/none/faces/0", 404),
        ("/probes/x?face=left", 422),
        ("/searches/none", 404),
        ("/gallery/subject?key=nobody", 404),
        ("/photos/none/picture", 404),
        ("/static/../app.py", 404),
        ("/static/%2e%2e/app.py", 404),
    ],
)
def test_errors_are_pages_in_the_same_style(client: httpx.Client, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert 'href="/static/semblance.css"' in answer.text
    assert "Traceback" not in answer.text


def test_another_sites_form_and_another_name_get_a_page(client: httpx.Client, changed_copy: bytes) -> None:
    before = _count_searches(client)
    location = _submit(client, changed_copy).headers["location"]
    crossed = client.post(f"{location}/search", data=FORM, headers={"origin": "https://attacker.example"})
    assert crossed.status_code == 403
    assert "page of another site" in crossed.text
    assert client.get("/gallery", headers={"host": "attacker.example"}).status_code == 421
    assert _count_searches(client) == before


def test_a_subjects_key_is_never_markup(client: httpx.Client) -> None:
    page = client.get("/gallery").text
    assert "Grace Höpper &amp; Co &lt;1906&gt;" in page
    assert "<1906>" not in page
    subject = client.get(f"/gallery/subject?key={quote(HOPPER)}")
    assert subject.status_code == 200
    assert "<1906>" not in subject.text


def test_a_files_name_is_never_markup(client: httpx.Client, changed_copy: bytes) -> None:
    page = client.get(_submit(client, changed_copy, "<img src=x onerror=alert(1)>.jpg").headers["location"]).text
    assert "<img src=x" not in page


def test_the_gallery_is_found_by_text(client: httpx.Client) -> None:
    page = client.get("/gallery", params={"text": "Höpp"}).text
    assert "Grace" in page
    assert "FR/Collins" not in page
    assert "No subject has" in client.get("/gallery", params={"text": "zzz"}).text


def test_what_waits_for_a_choice_is_shown_first(client: httpx.Client) -> None:
    assert "1 photo waits for a choice of face" in client.get("/gallery").text
    subject = client.get("/gallery/subject", params={"key": CREW}).text
    (photo,) = re.findall(r'action="/gallery/photos/([0-9a-f]+)/choose"', subject)
    nobody = client.post(f"/gallery/photos/{photo}/choose", data={"face": "0", "person": " "})
    assert nobody.status_code == 422
    assert "Say who chooses" in nobody.text
    assert client.post(f"/gallery/photos/{photo}/choose", data={"person": "emil"}).status_code == 422


class _InlineFinder(HTMLParser):
    """Collects what a page would run or style by itself: names that only quote such things are text, not markup."""

    def __init__(self) -> None:
        super().__init__()
        self.tags = 0
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags += 1
        names = dict(attrs)
        if tag == "style" or (tag == "script" and not names.get("src")):
            self.found.append(tag)
        for name, value in attrs:
            script = (value or "").strip().lower().startswith(("javascript:", "data:text"))
            if name == "style" or name.startswith("on") or script:
                self.found.append(f"{tag} {name}")


def test_inline_code_would_be_found() -> None:
    for planted in (
        "<p onclick=x()>",
        "<style>p{}</style>",
        "<script>x()</script>",
        "<a href=' JavaScript:x()'>",
        "<p style='a:b'>",
    ):
        inline = _InlineFinder()
        inline.feed(planted)
        assert inline.found, planted
    quoted = _InlineFinder()
    quoted.feed("<p title='&lt;img onerror=x()&gt;'>&lt;img src=x onerror=x()&gt;</p><script src='/a.js'></script>")
    assert quoted.found == []


def test_pages_with_persons_are_never_kept_and_nothing_runs_inline(client: httpx.Client, changed_copy: bytes) -> None:
    location = _submit(client, changed_copy).headers["location"]
    for path in ("/", location, "/gallery", "/searches", "/nothing", "/api"):
        answer = client.get(path)
        assert answer.headers["cache-control"] == "no-store", path
        assert "script-src 'self'" in answer.headers["content-security-policy"], path
        inline = _InlineFinder()
        inline.feed(answer.text)
        assert inline.tags > 10, path
        assert inline.found == [], path


def test_every_template_has_a_context_that_nothing_can_be_added_to() -> None:
    pages = {"start", "probe", "results", "gallery", "subject", "searches", "ledger", "error"}
    assert {path.stem for path in TEMPLATES.glob("*.html")} == {*pages, "base", "parts"}
    for name in dir(contexts):
        kind = getattr(contexts, name)
        if isinstance(kind, type) and kind.__module__ == contexts.__name__:
            assert kind.__dataclass_params__.frozen, name  # type: ignore[attr-defined]
