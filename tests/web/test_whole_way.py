"""The whole way in a real browser on real photos: record, search, two opinions, the owner's check, the report."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from tests.site_fixtures import COLLINS, CREW, REASON, Served
from tests.web.browsing import Person
from tests.workflows.searching import find_pseudonym

from semblance.cases.opinion import Component
from semblance.exchange.report.bundle import verify_report
from semblance.store import examinations, searches
from semblance.terms.ids import ExaminationId, SearchId

OPINION = "Brows, nose and ears correspond in every detail that can be seen"
SECRETS = (COLLINS, "Collins", "Höpper", "Grace", CREW, "collins.png", "hopper.jpg", OPINION, "1906")


def search(alice: Person, photo: Path) -> SearchId:
    alice.go(f"/cases/{alice.site.case}")
    alice.page.set_input_files("#photo", photo)
    alice.page.get_by_role("button", name="Find the faces").click()
    alice.page.locator("#reason").fill(REASON)
    alice.page.get_by_role("button", name="Search the gallery").click()
    alice.page.wait_for_url("**/searches/*")
    return SearchId(alice.page.url.rpartition("/")[2])


def find_examination(site: Served, search: SearchId) -> ExaminationId:
    with site.node.store.reading() as tx:
        held = examinations.find_of_search(tx, search)
    assert held is not None
    return held.id


def examine(person: Person, search: SearchId, *, potential: str | None) -> None:
    """Look at every candidate, call one of them potential, and close."""
    which = find_examination(person.site, search)
    person.go("/examinations")
    row = person.page.locator(f"form[action='/examinations/{which}/begin'], a[href='/examinations/{which}']")
    row.locator("button").or_(row).first.click()
    person.page.wait_for_url(f"**/examinations/{which}")
    for name in person.page.locator(".key").all_inner_texts():
        person.go(f"/examinations/{which}/candidates/{name}")
        expect(person.page.locator(".comparison[data-ready]")).to_be_visible()
        if name == potential:
            fill_in(person.page)
            person.page.get_by_role("button", name="Record this opinion").click()
            person.page.wait_for_url(f"**/examinations/{which}")
    person.go(f"/examinations/{which}")
    person.page.get_by_text("Close the examination").click()
    person.page.get_by_role("button", name="Close with my opinions as they stand").click()
    expect(person.page.get_by_text("You have closed this examination")).to_be_visible()


def fill_in(page: Page) -> None:
    for component in Component:
        page.locator(f"[name='finding-{component.value}'][value=corresponds]").check(force=True)
    page.locator("[name=conclusion][value=potential]").check()
    page.locator("#reason").fill(OPINION)


@pytest.fixture
def photo(tmp_path: Path, changed_copy: bytes) -> Path:
    (tmp_path / "probe.jpg").write_bytes(changed_copy)
    return tmp_path / "probe.jpg"


def test_from_a_record_to_a_report(browser: Browser, site: Served, photo: Path) -> None:
    alice, bob, emil = (Person(browser, site, name) for name in ("alice", "bob", "emil"))
    found = search(alice, photo)
    expect(alice.page.get_by_role("heading", level=1)).to_contain_text("2 candidates wait to be examined")
    name = find_pseudonym(site.node, found, COLLINS)
    examine(alice, found, potential=name)
    alice.go(f"/searches/{found}")
    expect(alice.page.get_by_role("heading", level=1)).to_contain_text("wait to be examined")
    examine(bob, found, potential=name)

    alice.go(f"/searches/{found}")
    expect(alice.page.locator("#conclusion")).to_contain_text("A lead")
    first = alice.page.locator(".candidate").first
    expect(first).to_contain_text(name)
    expect(first).to_contain_text("Waits for the owner's check")
    expect(first).to_contain_text("There is no calibration for this gallery")
    for word in (COLLINS, "Grace"):
        assert word not in alice.page.content()

    emil.go("/")
    emil.page.get_by_role("link", name=f"Check the lead on {COLLINS}").last.click()
    expect(emil.page.locator(".comparison[data-ready]")).to_be_visible()
    emil.page.keyboard.press("o")
    expect(emil.page.locator("[data-command=overlay]")).to_have_attribute("aria-pressed", "true")
    for command in ("mark", "checklist", "conclusion"):
        expect(emil.page.locator(f"[data-command={command}]")).to_have_count(0)
    emil.page.get_by_label("Confirmed").check()
    emil.page.locator("#reason").fill("The patch and the collar are those of her last photo")
    emil.page.get_by_role("button", name="Answer").click()
    expect(emil.page.get_by_text("Confirmed by the owner")).to_be_visible()

    alice.go(f"/searches/{found}")
    first = alice.page.locator(".candidate").first
    expect(first).to_contain_text("Confirmed by the owner")
    expect(first).to_contain_text(f"DE:{COLLINS}")
    with alice.page.expect_download() as download:
        alice.page.get_by_role("button", name="Report, signed").click()
    document = verify_report(Path(download.value.path()).read_bytes()).document
    assert (document.outcome, document.examiners) == ("lead", ("alice", "bob"))
    (told,) = [candidate.lead for candidate in document.candidates if candidate.lead is not None]
    assert (told.state, dict(told.released)["number"]) == ("confirmed", f"DE:{COLLINS}")
    for person in (alice, bob, emil):
        person.close()


def test_the_way_that_ends_in_no_candidate(browser: Browser, site: Served, photo: Path) -> None:
    alice, bob = (Person(browser, site, name) for name in ("alice", "bob"))
    found = search(alice, photo)
    examine(bob, found, potential=None)
    examine(alice, found, potential=None)
    alice.go(f"/searches/{found}")
    expect(alice.page.locator("#conclusion")).to_contain_text("No candidate")
    expect(alice.page.locator(".candidate").first).to_contain_text("Looked at in the list, not taken further")
    with alice.page.expect_download() as download:
        alice.page.get_by_role("button", name="Report, signed").click()
    document = verify_report(Path(download.value.path()).read_bytes()).document
    assert document.outcome == "no-lead"
    assert {candidate.result for candidate in document.candidates} == {"no candidate"}
    for person in (alice, bob):
        person.close()


def test_a_disagreement_goes_to_the_supervisor(browser: Browser, site: Served, photo: Path) -> None:
    alice, bob, carol = (Person(browser, site, name) for name in ("alice", "bob", "carol"))
    found = search(alice, photo)
    name = find_pseudonym(site.node, found, COLLINS)
    examine(alice, found, potential=name)
    carol.go("/examinations")
    expect(carol.page.get_by_text("Nothing waits for your opinion")).to_be_visible()
    examine(bob, found, potential=None)
    carol.go("/board")
    expect(carol.page.locator("section", has_text="a third must look").locator("tbody tr")).to_have_count(1)
    examine(carol, found, potential=name)
    alice.go(f"/searches/{found}")
    expect(alice.page.locator("#conclusion")).to_contain_text("A lead")
    lines = alice.page.locator(".candidate").first.locator("li").all_inner_texts()
    assert [line.split()[0] for line in lines] == ["alice", "bob", "carol"]
    for person in (alice, bob, carol):
        person.close()


def test_nothing_that_reaches_the_second_examiner_tells_what_the_first_thought(
    browser: Browser, site: Served, photo: Path
) -> None:
    alice, bob = (Person(browser, site, name) for name in ("alice", "bob"))
    found = search(alice, photo)
    name = find_pseudonym(site.node, found, COLLINS)
    examine(alice, found, potential=name)
    with site.node.store.reading() as tx:
        record = searches.find_search(tx, found)
        held = examinations.find_of_search(tx, found)
        assert record is not None
        assert held is not None
        dealt = examinations.list_candidates(tx, held.id)
        (first,) = examinations.list_reviews(tx, held.id)
    secrets = [
        *SECRETS,
        "alice",
        first.id,
        *(str(candidate.subject) for candidate in dealt),
        *(str(candidate.reference) for candidate in dealt),
    ]
    scores = [candidate.score for candidate in record.candidates]
    received: list[tuple[str, bytes]] = []
    asked: list[str] = []

    def record_all(route: Route) -> None:
        if route.request.method == "POST" and route.request.is_navigation_request():
            # answered with nothing but where to go on
            route.continue_()
            return
        asked.append(route.request.url)
        answer = route.fetch()
        headers = "\n".join(f"{key}: {value}" for key, value in answer.headers.items())
        received.append((route.request.url, headers.encode() + b"\n" + answer.body()))
        route.fulfill(response=answer)

    bob.context.route("**/*", record_all)
    for path in ("/", "/examinations", f"/cases/{site.case}", "/searches", f"/searches/{found}"):
        bob.go(path)
    bob.page.get_by_role("button", name="Examine the candidates").click()
    bob.page.wait_for_url("**/examinations/*")
    own = bob.page.locator(".key").all_inner_texts()
    for pseudonym in own:
        bob.go(f"/examinations/{held.id}/candidates/{pseudonym}")
        expect(bob.page.locator(".comparison[data-ready]")).to_be_visible()
        bob.page.locator("#reason").fill("something of my own")
        expect(bob.page.locator("[data-status]")).to_have_text("Saved")
        bob.page.locator("#reason").fill("")
        expect(bob.page.locator("[data-status]")).to_have_text("Saved")
    assert len(received) > 30
    for address, data in received:
        said = data.decode("utf-8", "replace")
        # who searched stands in the case for everybody; nothing says that she examined
        for secret in [secret for secret in secrets if secret != "alice" or "/examinations" in address]:
            assert secret not in said, (address, secret)
            assert secret not in address
        if "/static/" in address or "jpeg" in said.lower()[:600]:
            continue
        for score in scores:
            assert f"{score:.3f}" not in said, address
        for word in ("potential-candidate", ">Rank", "Score</span>", "second opinion", "first opinion"):
            assert word not in said, (address, word)
    pictures = [url for url in asked if re.search(r"/candidates/C-\d+/face$", url)]
    # pictures are loaded in the person's own order, which chance made
    assert [url.rpartition("/candidates/")[2].partition("/")[0] for url in pictures[: len(own)]] == own
    cases = bob.page.request.get(f"{site.address}/api/v1/searches/{found}").json()
    assert {
        (candidate["rank"], candidate["score"], candidate["number"], candidate["record"])
        for candidate in cases["candidates"]
    } == {(None,) * 4}
    for person in (alice, bob):
        person.close()


def test_what_is_written_survives_whatever_happens_to_the_browser(browser: Browser, site: Served, photo: Path) -> None:
    alice = Person(browser, site, "alice")
    found = search(alice, photo)
    alice.page.get_by_role("button", name="Examine the candidates").click()
    alice.page.wait_for_url("**/examinations/*")
    address = f"/examinations/{find_examination(site, found)}/candidates/C-01"
    alice.go(address)
    page = alice.page
    expect(page.locator(".comparison[data-ready]")).to_be_visible()
    page.locator("[name='finding-nose'][value=differs]").check(force=True)
    page.locator("#note-nose").fill("a scar on the bridge")
    expect(page.locator("[data-status]")).to_have_text("Saved")
    # the browser is closed before anything more is saved by itself
    page.locator("#reason").fill("the nose differs")
    page.close(run_before_unload=False)
    alice.page = alice.context.new_page()
    alice.go(address)
    page = alice.page
    assert page.locator("[name='finding-nose'][value=differs]").is_checked()
    expect(page.locator("#note-nose")).to_have_value("a scar on the bridge")

    # the session ends in the middle
    alice.context.clear_cookies()
    page.locator("#reason").fill("the nose and the ears differ")
    expect(page.get_by_role("alert").filter(has_text="Your session ended")).to_be_visible()
    expect(page.locator("#reason")).to_have_value("the nose and the ears differ")
    alice.sign_in()
    page.get_by_role("button", name="Try again now").click()
    expect(page.locator("[data-status]")).to_have_text("Saved")

    # two tabs decide at once
    other = alice.context.new_page()
    other.goto(page.url)
    expect(other.locator(".comparison[data-ready]")).to_be_visible()
    page.locator("#reason").fill("from the first tab")
    expect(page.locator("[data-status]")).to_have_text("Saved")
    other.locator("#reason").fill("from the second tab")
    expect(other.get_by_role("alert").filter(has_text="Another tab")).to_be_visible()
    expect(other.locator("#reason")).to_have_value("from the second tab")
    other.close()
    page.reload()
    expect(page.locator("#reason")).to_have_value("from the first tab")

    # an opinion without its reasons is said beside its field
    page.locator("[name=conclusion][value=potential]").check()
    page.get_by_role("button", name="Record this opinion").click()
    expect(page.locator("#checklist-problem")).to_contain_text("needs the whole checklist")
    alice.complaints.clear()
    alice.close()


def test_a_comparison_by_keyboard_alone(browser: Browser, site: Served, photo: Path) -> None:
    alice = Person(browser, site, "alice")
    found = search(alice, photo)
    alice.page.get_by_role("button", name="Examine the candidates").press("Enter")
    alice.page.wait_for_url("**/examinations/*")
    which = find_examination(site, found)
    page, keys = alice.page, alice.page.keyboard
    alice.go(f"/examinations/{which}/candidates/C-01")
    expect(page.locator(".comparison[data-ready]")).to_be_visible()

    def pressed(command: str) -> bool:
        return page.locator(f"[data-command={command}]").get_attribute("aria-pressed") == "true"

    for key, command in (("w", "wipe"), ("b", "blink"), ("o", "overlay"), ("s", "side")):
        keys.press(key)
        assert pressed(command), command
    for key, command in (("g", "grid"), ("e", "edges"), ("l", "link"), ("a", "align"), ("x", "mirror"), ("z", "level")):
        before = pressed(command)
        keys.press(key)
        assert pressed(command) != before, command
        keys.press(key)
    zoom = page.locator("[data-shown=zoom]").inner_text()
    keys.press("+")
    expect(page.locator("[data-shown=zoom]")).not_to_have_text(zoom)
    exposure = page.locator("[data-shown=exposure]").inner_text()
    keys.press("i")
    expect(page.locator("[data-shown=exposure]")).not_to_have_text(exposure)
    keys.press("Shift+I")
    expect(page.locator("[data-shown=exposure]")).to_have_text(exposure)
    keys.press("?")
    expect(page.locator("#help")).to_be_visible()
    keys.press("Escape")
    expect(page.locator("#help")).to_be_hidden()

    # the same mark on both photos
    for side in ("p", "r"):
        keys.press(side)
        keys.press("m")
        keys.press("ArrowRight")
        keys.press("Enter")
    expect(page.locator("[data-marks] li")).to_have_count(1)
    expect(page.locator("[data-marks] button:disabled")).to_have_count(0)
    # a measure
    keys.press("d")
    keys.press("Enter")
    for _ in range(8):
        keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.locator("[data-announce]")).to_contain_text("of the distance between the eyes")
    # the checklist, top to bottom
    keys.press("j")
    for _ in Component:
        keys.press("1")
    expect(page.locator("[data-count]")).to_have_text("18 of 18 gone through")
    keys.press("Space")
    assert page.locator("[name=conclusion]:checked").get_attribute("value") == "potential"
    page.locator("#reason").focus()
    keys.type("Alike in every component")
    expect(page.locator("[data-status]")).to_have_text("Saved")
    page.get_by_role("button", name="Record this opinion").focus()
    keys.press("Enter")
    page.wait_for_url(f"**/examinations/{which}")
    expect(page.get_by_text("Potential candidate")).to_be_visible()
    alice.close()


def test_a_photo_of_forty_megapixels_is_compared(browser: Browser, site: Served, tmp_path: Path) -> None:
    from PIL import Image
    from tests.conftest import _packaged

    with Image.open(_packaged("scikit-image", "data/astronaut.png")) as opened:
        opened.convert("RGB").resize((6324, 6324)).save(tmp_path / "large.jpg", quality=85)
    alice = Person(browser, site, "alice")
    search(alice, tmp_path / "large.jpg")
    alice.page.get_by_role("button", name="Examine the candidates").click()
    alice.page.wait_for_url("**/examinations/*")
    alice.page.goto(f"{alice.page.url}/candidates/C-01")
    expect(alice.page.locator(".comparison[data-ready]")).to_be_visible(timeout=30_000)
    alice.close()
