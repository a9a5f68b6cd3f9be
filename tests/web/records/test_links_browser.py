"""The pages of an unknown person's record: made from a photo of a case, linked after a verified lead, parted again."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.site_fixtures import Served, serve_site
from tests.web.browsing import Person
from tests.web.every_page import tie_records


@pytest.fixture(scope="module")
def own_site(
    tmp_path_factory: pytest.TempPathFactory, astronaut_path: Path, hopper_path: Path, two_faces: bytes
) -> Iterator[Served]:
    """Return a site of its own, in whose gallery nobody else looks."""
    with serve_site(tmp_path_factory, astronaut_path, hopper_path, two_faces) as served:
        yield served


def test_a_record_is_made_linked_and_parted(browser: Browser, own_site: Served) -> None:
    record, probe = tie_records(own_site)
    emil = Person(browser, own_site, "emil")
    page = emil.page
    emil.go(f"/unknowns/new?probe={probe}")
    page.get_by_label("How it was obtained").fill("the station's camera")
    page.get_by_label("Circumstances").fill("Does not speak")
    page.get_by_label("Legal basis").fill("RPD, article 88")
    page.get_by_label("Held until").fill((own_site.node.clock() + timedelta(days=90)).date().isoformat())
    page.get_by_label("No, it is neutral").check()
    page.get_by_label("Reason").fill("Nobody could say who it is")
    page.get_by_role("button", name="Make the record").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("U-DE-")
    emil.go(f"/records/{record}")
    expect(page.get_by_text("Pseudonym")).to_be_visible()
    linked = page.locator("#links")
    expect(linked).to_contain_text("The scar is the same")
    linked.get_by_text("Part the two records").click()
    linked.get_by_label("Reason").fill("The tattoos differ")
    linked.get_by_role("button", name="Part").click()
    expect(linked.locator(".verdict", has_text="parted")).to_be_visible()
    expect(linked).to_contain_text("The tattoos differ")
    page.get_by_role("button", name="Link the two records").first.click()
    page.locator("form[action$='/link']").first.get_by_label("Reason").fill("They are the same after all")
    page.get_by_role("button", name="Link the two records").first.click()
    expect(linked).to_contain_text("They are the same after all")
    emil.close()
