"""Missing and found in a browser: two people judge the faces, each alone, then see what else is known; an officer
concludes, fills in what is known of a body from a table, and prints it.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.cast import EMIL
from tests.site_fixtures import COLLINS, Served, serve_site
from tests.web.browsing import Person
from tests.workflows.reconciling import add_body, add_missing, allow

from semblance.cases.examination import ExaminationState
from semblance.cases.opinion import Component
from semblance.store import reconciliations
from semblance.workflows.reconciliation.offer_pairs import offer_pairs
from semblance.workflows.records.read_record import read_photo, read_record

_KNOWN = "What else is known"
_SAME = "Nose, ears and brows correspond in every detail that can be seen"


@pytest.fixture(scope="module")
def own_site(
    tmp_path_factory: pytest.TempPathFactory, astronaut_path: Path, hopper_path: Path, two_faces: bytes
) -> Iterator[Served]:
    """Return a site of its own, in which one missing person was offered beside one body."""
    with serve_site(tmp_path_factory, astronaut_path, hopper_path, two_faces) as served:
        (stored,) = read_record(served.node, EMIL, served.find_record(COLLINS)).photos
        photo = read_photo(served.node, EMIL, stored.id).data
        allow(served.node)
        add_missing(served.node, "FR/missing", photo)
        add_body(served.node, "DE/body", photo + b"\0")
        assert sum(offer_pairs(served.node)) == 1
        yield served


def test_two_people_judge_the_faces_alone_and_an_officer_concludes_by_other_evidence(
    browser: Browser, own_site: Served
) -> None:
    for name in ("alice", "bob"):
        person = Person(browser, own_site, name)
        page = person.page
        person.go("/reconciliation")
        page.locator("table.records a").click()
        expect(page.locator(".comparison[data-ready]")).to_be_visible()
        for hidden in (_KNOWN, "Outcome"):
            expect(page.get_by_role("heading", name=hidden)).to_have_count(0)
        expect(page.get_by_role("link", name="Record of who was found")).to_have_count(0)
        expect(page.locator("main")).not_to_contain_text(_SAME)
        # a conclusion without its reasons is refused, and loses nothing of what was written
        page.get_by_role("radio", name="Potential candidate").check()
        page.get_by_role("textbox", name="Reason").fill(_SAME)
        page.get_by_role("button", name="Record this opinion").click()
        expect(page.locator("#problem")).to_be_visible()
        expect(page.get_by_role("textbox", name="Reason")).to_have_value(_SAME)
        for component in Component:
            page.locator(f"[name=finding-{component.value}][value=corresponds]").check()
        page.get_by_role("button", name="Record this opinion").click()
        expect(page.get_by_role("heading", name=_KNOWN)).to_be_visible()
        known = page.locator("section", has=page.get_by_role("heading", name=_KNOWN))
        expect(known).to_contain_text("Dates")
        expect(page.get_by_role("button", name="Record this opinion")).to_have_count(0)
        assert person.find_violations() == []
        person.go("/reconciliation")
        expect(page.locator("main")).to_contain_text("No pair waits for you.")
        person.close()
    emil = Person(browser, own_site, "emil")
    page = emil.page
    emil.go("/reconciliation")
    expect(page.locator("table.records")).to_contain_text("Waits for an officer")
    page.locator("table.records a").click()
    for shown in ("Opinion of alice", "Opinion of bob", _KNOWN):
        expect(page.locator("main")).to_contain_text(shown)
    # who concludes by evidence must know whose records these are; who judges the faces must not
    expect(page.get_by_role("link", name="Record of who was found")).to_be_visible()
    page.get_by_role("radio", name="Dental").check()
    page.get_by_role("textbox", name="Reason").fill("Odontologist's report 12: fillings of 16 and 26 are the same")
    page.get_by_role("button", name="Record the outcome").click()
    expect(page.locator("main")).to_contain_text("Odontologist's report 12")
    expect(page.locator(".comparison-head")).to_contain_text("Reconciled by dental comparison")
    expect(page.get_by_role("button", name="Record the outcome")).to_have_count(0)
    assert emil.find_violations() == []
    emil.close()
    with own_site.node.store.reading() as tx:
        (pair,) = reconciliations.list_pairs(tx, None, states=[ExaminationState.LEAD], limit=9)
    assert (pair.evidence, pair.decided_by) == ("dental", "emil")


def test_an_officer_fills_in_a_body_from_a_table_and_prints_its_sheet(browser: Browser, own_site: Served) -> None:
    emil = Person(browser, own_site, "emil")
    page = emil.page
    emil.go("/records")
    page.get_by_role("link", name="Bodies from a table").click()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download the template").click()
    template = downloading.value.path().read_text(encoding="utf-8-sig")

    def hand_in(number: str, *, replaced: str = "blue") -> None:
        table = template.replace("# example", number).replace(",blue,", f",{replaced},")
        page.locator("#table").set_input_files({"name": "b.csv", "mimeType": "text/csv", "buffer": table.encode()})
        page.locator("#reason").fill("The odontologist's report came in")
        page.get_by_role("button", name="Check all, and write").click()

    hand_in("DE/body", replaced="pink")
    expect(page.get_by_role("alert")).to_contain_text("line 3, DE/body: description.eyes")
    assert emil.find_violations() == []
    hand_in("DE/body")
    expect(page.get_by_role("status")).to_contain_text("1 record was changed.")
    page.get_by_role("link", name="DE/body").click()
    page.get_by_role("link", name="Sheet to print").click()
    sheet = page.locator(".body-sheet")
    for words in ("Left arm, Tattoo, an anchor", "wedding ring, inscribed A. 1999", "Teeth (FDI)"):
        expect(sheet).to_contain_text(words)
    assert emil.find_violations() == []
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    # A4 in points, to the nearest
    (box,) = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert [round(float(side)) for side in box] == [595, 842]
    emil.close()
