"""The pages without a browser: what is refused, what is shown, what is escaped."""

import ast
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import httpx2
import pytest
from jinja2 import meta, nodes
from tests.site_fixtures import CASE, COLLINS, CREW, HOPPER, REASON, TERMS, Served

from semblance.audit.entry import read_entry
from semblance.store import ledger
from semblance.web.page import rendering
from semblance.web.page.rendering import open_templates

FORM = {"face": "0", "reason": REASON, "limit": "10"}
RECORD = {
    "kind": "red",
    "number": "DE/page",
    "legal_basis": "A warrant of the district court",
    "retain_until": TERMS.retain_until.isoformat(),
    "personal.family_name": "O'Neill <b>",
    "personal.nationalities": "IE\nDE",
    "circumstances.warrants": "DE; Theft; Diebstahl",
    "reason": "Ordered by the court",
}
WEB = Path(rendering.__file__).parents[1]
TEMPLATES = WEB / "templates"


def _submit(client: httpx2.Client, site: Served, data: bytes, name: str = "probe.jpg") -> httpx2.Response:
    return client.post(f"/cases/{site.case}/probes", files={"photo": (name, data, "image/jpeg")})


def _count_searches(client: httpx2.Client) -> int:
    return int(client.get("/api/v1/node").json()["searches"])


def test_the_whole_way_without_a_script(client: httpx2.Client, site: Served, changed_copy: bytes) -> None:
    submitted = _submit(client, site, changed_copy)
    assert submitted.status_code == 303
    page = client.get(submitted.headers["location"]).text
    assert "The face found" in page
    assert re.search(r'value="0" required checked', page)
    assert "Yellow notice" in page
    before = _count_searches(client)
    searched = client.post(f"{submitted.headers['location']}/search", data=FORM)
    assert searched.status_code == 303
    assert _count_searches(client) == before + 1
    result = client.get(searched.headers["location"]).text
    assert "Every match is a lead, not an identity." in result
    assert "2 candidates wait to be examined" in result
    assert REASON in result
    for word in (COLLINS, "Grace", "Rank", "Score "):
        assert word not in result
    for picture in set(re.findall(r'src="(/(?:probes|photos)/[^"]+)"', result)):
        answer = client.get(picture)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    case = client.get(f"/cases/{site.case}").text
    assert searched.headers["location"] in case
    assert submitted.headers["location"] in case


def test_a_missing_reason_is_refused_beside_its_field(client: httpx2.Client, site: Served, changed_copy: bytes) -> None:
    location = _submit(client, site, changed_copy).headers["location"]
    before = _count_searches(client)
    answer = client.post(f"{location}/search", data={**FORM, "reason": ""})
    assert answer.status_code == 403
    assert "Refused:" in answer.text
    tag = re.search(r'<textarea id="reason"[^>]*>', answer.text)
    assert tag is not None
    assert 'aria-invalid="true"' in tag[0]
    assert _count_searches(client) == before + 1
    assert "Refused" in client.get("/searches").text


def test_the_start_page_asks_for_no_list_that_would_be_refused(site: Served) -> None:
    def count_refusals() -> int:
        with site.node.store.reading() as tx:
            entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
        return sum(entry["verb"] == "refusal" for entry in entries)

    # each may begin something, and read nothing of what the page would list
    scope = ["policy.read", "authorisation.grant", "probe.submit", "record.edit", "lead.verify", "candidate.examine"]
    until = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    for name in ("alice", "carol", "emil"):
        with site.open_client(name) as client, site.open_client() as program:
            token = client.post("/api/v1/tokens", json={"label": "start", "scope": scope, "until": until}).json()
            before = count_refusals()
            page = program.get("/", headers={"authorization": f"Bearer {token['secret']}"})
            assert (page.status_code, count_refusals()) == (200, before)


def test_several_faces_and_none_chosen(client: httpx2.Client, site: Served, two_faces: bytes) -> None:
    location = _submit(client, site, two_faces).headers["location"]
    before = _count_searches(client)
    answer = client.post(f"{location}/search", data={**FORM, "face": ""})
    assert answer.status_code == 422
    assert "Choose the one face in question" in answer.text
    assert _count_searches(client) == before


def test_a_box_is_a_link_that_chooses_its_face(client: httpx2.Client, site: Served, two_faces: bytes) -> None:
    location = _submit(client, site, two_faces).headers["location"]
    page = client.get(location, params={"face": 1}).text
    assert re.search(r'value="1" required checked', page)
    assert not re.search(r'value="0" required checked', page)


def test_no_face_says_what_to_do(client: httpx2.Client, site: Served, no_face: bytes) -> None:
    page = client.get(_submit(client, site, no_face, "cat.png").headers["location"]).text
    assert "No face was found" in page
    assert "<textarea" not in page


@pytest.mark.parametrize("data", [b"just text", b"", b"%PDF-1.7 and so on"])
def test_what_is_no_photo_is_said_on_the_cases_page(client: httpx2.Client, site: Served, data: bytes) -> None:
    answer = _submit(client, site, data, "letter.pdf")
    assert answer.status_code in {415, 422}
    assert 'role="alert"' in answer.text
    assert "letter.pdf" in answer.text


def test_nothing_chosen_is_said(client: httpx2.Client, site: Served) -> None:
    address = f"/cases/{site.case}/probes"
    assert "Choose a file first" in client.post(address).text
    assert "Choose a file first" in client.post(address, files={"photo": ("", b"")}).text


def test_too_large_is_a_page_even_after_all_was_sent(client: httpx2.Client, site: Served) -> None:
    answer = _submit(client, site, b"x" * 41_000_000)
    assert answer.status_code == 413
    assert "Too large" in answer.text
    assert "40 MB are allowed" in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/cases/none", 404),
        ("/probes/none", 404),
        ("/probes/none/faces/0", 404),
        ("/probes/x?face=left", 422),
        ("/searches/none", 404),
        ("/records/none", 403),
        ("/records/none/history", 403),
        ("/records/none/edit", 403),
        ("/photos/none/picture", 403),
        ("/authorisations", 200),
        ("/oversight", 403),
        ("/requests", 403),
        ("/static/../app.py", 404),
        ("/static/%2e%2e/app.py", 404),
    ],
)
def test_errors_are_pages_in_the_same_style(client: httpx2.Client, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert 'href="/static/semblance.css"' in answer.text
    assert "Traceback" not in answer.text


def test_another_sites_form_and_another_name_get_a_page(
    client: httpx2.Client, site: Served, changed_copy: bytes
) -> None:
    before = _count_searches(client)
    location = _submit(client, site, changed_copy).headers["location"]
    crossed = client.post(f"{location}/search", data=FORM, headers={"origin": "https://attacker.example"})
    assert crossed.status_code == 403
    assert "page of another site" in crossed.text
    assert client.get("/records", headers={"host": "attacker.example"}).status_code == 421
    assert _count_searches(client) == before


@pytest.mark.parametrize(
    "path", ["/", "/cases", "/cases/new", "/searches", "/records", "/policy", "/ledger", "/oversight", "/requests"]
)
def test_a_stranger_is_sent_to_sign_in_and_an_outsider_is_refused(site: Served, path: str) -> None:
    with site.open_client() as stranger:
        answer = stranger.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")
    with site.open_client("mallory") as mallory:
        answer = mallory.get(path)
        if path == "/cases/new":
            # an empty form tells nothing; sending it is refused
            case = {"number": "1", "purpose": "missing-person", "category": "missing", "aim": "x y", "link": "x y"}
            answer = mallory.post("/cases", data=case)
        assert answer.status_code == 403
        assert COLLINS not in answer.text


def test_each_person_is_offered_what_they_may_open(site: Served) -> None:
    offered = {
        "alice": {"Cases", "Searches", "Examine", "Jobs", "Policy"},
        "carol": {"Cases", "Searches", "Examine", "Authorise", "Board", "Jobs", "People", "Proposals", "Policy"},
        "dora": {
            "Cases",
            "Searches",
            "Records",
            "Jobs",
            "Oversight",
            "Requests",
            "Ledger",
            "People",
            "Proposals",
            "Policy",
        },
        "emil": {"Leads", "Records", "Jobs", "Policy"},
        "ada": {"Jobs", "People", "Proposals", "Policy"},
    }
    for name, words in offered.items():
        with site.open_client(name) as person:
            page = person.get("/").text
            nav = page[page.index("<nav") : page.index("</nav>")]
            assert set(re.findall(r">([A-Z][a-z]+)</a>", nav)) == words, name
            for address in re.findall(r'href="([^"]+)"', nav):
                assert person.get(address).status_code == 200, (name, address)


def test_a_records_number_is_never_markup(dora: httpx2.Client, site: Served) -> None:
    page = dora.get("/records").text
    assert "Grace Höpper &amp; Co &lt;1906&gt;" in page
    assert "<1906>" not in page
    record = dora.get(f"/records/{site.find_record(HOPPER)}")
    assert record.status_code == 200
    assert "<1906>" not in record.text


def test_a_files_name_is_never_markup(client: httpx2.Client, site: Served, changed_copy: bytes) -> None:
    answer = _submit(client, site, changed_copy, "<img src=x onerror=alert(1)>.jpg")
    assert "<img src=x" not in client.get(answer.headers["location"]).text


def test_records_are_found_by_text_kind_and_state(dora: httpx2.Client) -> None:
    page = dora.post("/records/find", data={"text": "Höpp"}).text
    assert "Grace" in page
    assert COLLINS not in page
    assert "No record is like that" in dora.post("/records/find", data={"text": "zzz"}).text
    assert COLLINS in dora.get("/records", params={"kind": "blue", "state": "active", "owner": "DE"}).text
    assert "No record is like that" in dora.get("/records", params={"kind": "black"}).text


def test_what_waits_for_a_choice_is_shown_to_its_owner_first(
    client: httpx2.Client, emil: httpx2.Client, site: Served
) -> None:
    assert "1 photo waits for a choice of face" in emil.get("/records").text
    assert "waits for a choice" not in client.get("/records").text
    page = emil.get(f"/records/{site.find_record(CREW)}").text
    (photo,) = re.findall(r'action="/records/photos/([0-9a-f]+)/choose"', page)
    none = emil.post(f"/records/photos/{photo}/choose", data={"face": ""})
    assert none.status_code == 422
    assert "Choose a face first" in none.text
    assert client.post(f"/records/photos/{photo}/choose", data={"face": "0"}).status_code == 403


def test_a_record_is_written_edited_published_and_erased(
    client: httpx2.Client, emil: httpx2.Client, dora: httpx2.Client, hopper_path: Path
) -> None:
    bad = emil.post("/records", data={**RECORD, "legal_basis": "", "retain_until": "2020-01-01"})
    assert bad.status_code == 422
    for name in ("legal_basis", "retain_until"):
        assert re.search(rf'id="{name}"[^>]*aria-invalid="true"', bad.text), name
    assert "O&#39;Neill &lt;b&gt;" in bad.text
    made = emil.post("/records", data=RECORD)
    assert made.status_code == 303
    address = made.headers["location"]
    page = emil.get(address).text
    assert "O&#39;Neill &lt;b&gt;" in page
    assert "Draft" in page
    assert "military, religious or racial" in page
    assert emil.post("/records", data=RECORD).status_code == 409
    photo = {"photo": ("hopper.jpg", hopper_path.read_bytes())}
    source = {"source": "DE", "obtained": "from the registry", "obtained_on": "2026-03-13"}
    assert emil.post(f"{address}/photos", data=source, files=photo).status_code == 303
    assert emil.post(f"{address}/photos", data={**source, "obtained_on": ""}, files=photo).status_code == 422
    form = emil.get(f"{address}/edit").text
    (version,) = re.findall(r'name="version" value="(\d+)"', form)
    changed = {**RECORD, "personal.marks": "A scar on the left hand", "version": version}
    assert emil.post(f"{address}/edit", data=changed).status_code == 303
    stale = emil.post(f"{address}/edit", data=changed)
    assert stale.status_code == 409
    assert "Somebody changed the record since" in stale.text
    assert "A scar on the left hand" in emil.get(f"{address}/history").text
    assert emil.post(f"{address}/publish", data={"reason": "It is neutral"}).status_code == 422
    refused = emil.post(f"{address}/publish", data={"reason": "In doubt", "answer": "no"})
    assert refused.status_code == 403
    assert emil.post(f"{address}/publish", data={"reason": "It is neutral", "answer": "yes"}).status_code == 303
    assert client.post(f"{address}/dispute", data={"reason": "I may not"}).status_code == 403
    assert dora.post(f"{address}/dispute", data={"reason": "Another person"}).status_code == 303
    assert "Blocked while it is disputed" in emil.get(address).text
    assert dora.post(f"{address}/decide", data={"reason": "It is she", "answer": "no"}).status_code == 303
    assert emil.post(f"{address}/extend", data={"reason": "Still wanted", "day": "soon"}).status_code == 422
    exported = emil.post(f"{address}/export", data={"reason": "For the court"})
    assert exported.content[:2] == b"PK"
    assert emil.post(f"{address}/erase", data={"reason": ""}).status_code == 422
    erased = emil.post(f"{address}/erase", data={"reason": "The warrant was lifted"})
    assert erased.status_code == 200
    assert "of the ledger proves the erasure" in erased.text
    assert emil.get(address).status_code == 404


def test_a_case_says_what_its_purpose_demands(client: httpx2.Client) -> None:
    case = {"number": "FR-page", "purpose": "wanted-person", "category": "suspect", "aim": "To arrest him"}
    bare = client.post("/cases", data=case)
    assert bare.status_code == 403
    assert re.search(r'id="offence"[^>]*aria-invalid="true"', bare.text)
    assert 'value="FR-page"' in bare.text
    assert client.post("/cases", data={**case, "purpose": ""}).status_code == 422
    made = client.post("/cases", data={**case, "offence": "Burglary"})
    assert made.status_code == 303
    address = made.headers["location"]
    assert client.post("/cases", data={**case, "offence": "Burglary"}).status_code == 409
    assert client.post(f"{address}/close", data={"reason": ""}).status_code == 422
    assert client.post(f"{address}/close", data={"reason": "He was arrested"}).status_code == 303
    assert "Closed" in client.get(address).text


def test_a_search_is_authorised_or_erased_on_the_page(client: httpx2.Client, site: Served, changed_copy: bytes) -> None:
    case = {"number": "FR-authorise", "purpose": "wanted-person", "category": "suspect", "aim": "To arrest him"}
    address = client.post("/cases", data={**case, "offence": "Burglary"}).headers["location"]
    probe = client.post(f"{address}/probes", files={"photo": ("a.jpg", changed_copy)}).headers["location"]
    assert "must be authorised within 48 hours" in client.get(probe).text
    search = client.post(f"{probe}/search", data=FORM).headers["location"]
    with site.open_client("carol") as carol:
        page = carol.get("/authorisations").text
        (waiting,) = re.findall(r'action="(/authorisations/[0-9a-f]+)"', page)
        assert "FR-authorise" in page
        assert carol.post(waiting, data={"decision": "refuse", "reason": ""}).status_code == 422
        assert client.post(waiting, data={"decision": "grant", "reason": "I may not"}).status_code == 403
        refused = carol.post(waiting, data={"decision": "refuse", "reason": "Not proportionate"})
        assert "Refused, and erased" in refused.text
        twice = carol.post(waiting, data={"decision": "grant", "reason": "After all"})
        assert twice.status_code == 409
        assert "decided already" in twice.text
    assert client.get(probe).status_code == 404
    assert "What was found was erased" in client.get(search).text


def test_the_data_protection_officers_pages(client: httpx2.Client, dora: httpx2.Client, emil: httpx2.Client) -> None:
    page = dora.get("/oversight").text
    assert "Searches of each authority" in page
    assert "Missing person" in page
    made = emil.post("/records", data={**RECORD, "number": "DE/asked"}).headers["location"]
    asked = {
        "kind": "access",
        "asker": "Jane <i>Doe</i>, Lyon",
        "received_on": "2026-11-20",
        "records": "DE:DE/asked",
        "whom": "",
        "what": "",
    }
    # a draft is its owner's alone
    assert dora.post("/requests", data=asked).status_code == 404
    assert emil.post(f"{made}/publish", data={"reason": "It is neutral", "answer": "yes"}).status_code == 303
    wrong = dora.post("/requests", data={**asked, "records": "DE:nothing"})
    assert wrong.status_code == 404
    assert "Jane &lt;i&gt;Doe" in wrong.text
    assert dora.post("/requests", data={**asked, "kind": ""}).status_code == 422
    taken = dora.post("/requests", data=asked)
    assert taken.status_code == 303
    request = taken.headers["location"]
    assert "Jane &lt;i&gt;Doe" in dora.get("/requests").text
    early = dora.post(f"{request}/decision", data={"decision": "answer", "reason": "Told her"})
    assert early.status_code == 409
    told = dora.post(f"{request}/file", data={})
    assert told.content[:2] == b"PK"
    assert dora.post(f"{request}/file", data={"searches": "yes", "law": ""}).status_code == 422
    assert dora.post(f"{request}/decision", data={"decision": "answer", "reason": "Told her"}).status_code == 303
    assert "Answered" in dora.get(request).text
    assert client.get(request).status_code == 403
    # what is not open to an officer is referred to its owner
    asked = {**asked, "records": "", "whom": "herself"}
    referred = dora.post("/requests", data=asked).headers["location"]
    assert dora.post(f"{referred}/referral", data={"authority": "FR", "reason": "Hers"}).status_code == 409
    assert dora.post(f"{referred}/referral", data={"authority": "DE", "reason": "She says so"}).status_code == 303
    page = dora.get(referred).text
    assert "Referred to" in page
    assert "/referral" not in page
    assert emil.post(f"{made}/erase", data={"reason": "The test is over"}).status_code == 200


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


def test_pages_with_persons_are_never_kept_and_nothing_runs_inline(
    client: httpx2.Client, dora: httpx2.Client, emil: httpx2.Client, site: Served, changed_copy: bytes
) -> None:
    location = _submit(client, site, changed_copy).headers["location"]
    record = f"/records/{site.find_record(COLLINS)}"
    pages = [
        *((client, path) for path in ("/", location, "/cases", "/cases/new", f"/cases/{site.case}", "/searches")),
        *((client, path) for path in ("/nothing", "/api", "/policy", "/account")),
        *((emil, path) for path in ("/records", "/records/new", record, f"{record}/edit", f"{record}/history")),
        *((dora, path) for path in ("/oversight", "/requests", "/ledger", "/people")),
    ]
    for person, path in pages:
        answer = person.get(path)
        assert answer.headers["cache-control"] == "no-store", path
        assert "script-src 'self'" in answer.headers["content-security-policy"], path
        inline = _InlineFinder()
        inline.feed(answer.text)
        assert inline.tags > 10, path
        assert inline.found == [], path


def test_every_page_is_given_what_its_template_shows_and_nothing_else() -> None:
    environment = open_templates()
    given: dict[str, list[set[str]]] = {}
    for path in WEB.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "render_page":
                assert isinstance(node.args[0], ast.Constant), path
                names = {str(keyword.arg) for keyword in node.keywords} - {"status", "problem"}
                given.setdefault(str(node.args[0].value), []).append(names)
    unpaged = {"page/base.html", "accounts/new_password.html"}
    templates = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html")}
    assert set(given) == {name for name in templates - unpaged if not name.endswith("parts.html")}
    for name, calls in given.items():
        tree = environment.parse((TEMPLATES / name).read_text(encoding="utf-8"))
        own = {macro.name for macro in tree.find_all(nodes.Macro)} | {
            found.target for found in tree.find_all(nodes.Import)
        }
        shown = meta.find_undeclared_variables(tree) - own - {"frame", "problem"} - set(environment.globals)
        for names in calls:
            assert names == shown, name


def test_a_case_number_is_known_to_its_own_authority_only(client: httpx2.Client, site: Served) -> None:
    assert CASE in client.get("/cases").text
    with site.open_client("emil") as emil:
        assert emil.get("/cases").status_code == 403
        # whether or not there is one
        assert emil.get(f"/cases/{site.case}").status_code == emil.get(f"/cases/{'0' * 32}").status_code == 403
