"""Every page in a real browser, at laptop and phone width, light and dark: axe-core, and French.

With ``SEMBLANCE_SCREENSHOTS=FOLDER`` each page is left there as a picture, to be looked at.
"""

import os
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, expect
from tests.site_fixtures import Served
from tests.web.browsing import Person, iterate_views
from tests.web.every_page import list_pages

SCREENSHOTS: Final = os.environ.get("SEMBLANCE_SCREENSHOTS", "")
PEOPLE: Final = ("alice", "carol", "emil", "dora", "ada")
_FIND_CUT_OFF: Final = """
    [...document.querySelectorAll(".panel.flush *")].filter((part) =>
        part.getBoundingClientRect().right > part.closest(".panel.flush").getBoundingClientRect().right
    ).map((part) => `${part.tagName} ${part.textContent.trim().slice(0, 40)}`)
"""
"""What reaches beyond the panel that it stands in, where nobody can see it."""


@pytest.fixture(scope="module")
def pages(site: Served, changed_copy: bytes) -> dict[str, tuple[str, ...]]:
    return list_pages(site, changed_copy)


@pytest.mark.parametrize("name", PEOPLE)
def test_axe_finds_nothing_at_fault(
    browser: Browser, site: Served, pages: dict[str, tuple[str, ...]], name: str
) -> None:
    faults: list[str] = []
    person = Person(browser, site, name)
    page = person.page
    for place, path in enumerate(pages[name]):
        answer = page.goto(f"{site.address}{path}")
        assert answer is not None
        assert answer.status == 200, path
        if page.locator(".comparison").count():
            expect(page.locator(".comparison[data-ready]")).to_be_visible()
        for width, scheme in iterate_views(page):
            if SCREENSHOTS:
                page.wait_for_load_state("networkidle")
                shown = f"{name}-{place:02}{path.replace('/', '-').replace('?', '-')[:24]}-{width}-{scheme}.png"
                page.screenshot(path=Path(SCREENSHOTS) / shown, full_page=True)
            page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
            wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            faults += [f"{path} is {wide} pixels too wide at {width}"] if wide > 0 else []
            faults += [f"{path} at {width} cuts off {panel}" for panel in page.evaluate(_FIND_CUT_OFF)]
            faults += [f"{path} at {width}, {scheme}: {fault}" for fault in person.find_violations()]
            if SCREENSHOTS:
                page.evaluate("for (const one of document.querySelectorAll('details')) one.open = false")
    person.close()
    assert faults == []


def test_every_page_is_somebodys(pages: dict[str, tuple[str, ...]]) -> None:
    assert set(pages) == set(PEOPLE)
