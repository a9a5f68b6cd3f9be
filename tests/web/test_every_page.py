"""Every page in a real browser, at laptop and phone width, light and dark: axe-core, and French.

With ``SEMBLANCE_SCREENSHOTS=FOLDER`` each page is left there as a picture, to be looked at.
"""

import os
import re
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, expect
from tests.web.browsing import Person, iterate_views
from tests.web.every_page import EveryPage

SCREENSHOTS: Final = os.environ.get("SEMBLANCE_SCREENSHOTS", "")
PEOPLE: Final = ("alice", "carol", "emil", "dora", "ada")
_ONLY_COLOURS: Final = re.compile(r"prefers-color-scheme: dark\) \{\s*:root \{\s*(--[a-z-]+: #[0-9a-f]{6};\s*)+\}\s*\}")
_FIND_CUT_OFF: Final = """
    [...document.querySelectorAll(".panel.flush *")].filter((part) =>
        part.getBoundingClientRect().right > part.closest(".panel.flush").getBoundingClientRect().right
    ).map((part) => `${part.tagName} ${part.textContent.trim().slice(0, 40)}`)
"""
"""What reaches beyond the panel that it stands in, where nobody can see it."""


@pytest.mark.parametrize("name", PEOPLE)
def test_axe_finds_nothing_at_fault(browser: Browser, every_page: EveryPage, name: str) -> None:
    faults: list[str] = []
    person = Person(browser, every_page.site, name)
    page = person.page
    for place, path in enumerate(every_page.pages[name]):
        answer = page.goto(f"{every_page.site.address}{path}")
        assert answer is not None
        assert answer.status == 200, path
        if page.locator(".comparison").count():
            expect(page.locator(".comparison[data-ready]")).to_be_visible()
        if page.locator("#viewer").count():
            expect(page.locator("#viewer[data-ready]")).to_be_visible(timeout=20_000)
        for width, scheme in iterate_views(page):
            if SCREENSHOTS:
                page.wait_for_load_state("networkidle")
                shown = f"{name}-{place:02}{path.replace('/', '-').replace('?', '-')[:24]}-{width}-{scheme}.png"
                page.screenshot(path=Path(SCREENSHOTS) / shown, full_page=True)
            page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
            wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            faults += [f"{path} is {wide} pixels too wide at {width}"] if wide > 0 else []
            faults += [f"{path} at {width} cuts off {panel}" for panel in page.evaluate(_FIND_CUT_OFF)]
            found = person.find_violations(colours_only=scheme == "dark")
            faults += [f"{path} at {width}, {scheme}: {fault}" for fault in found]
            if SCREENSHOTS:
                page.evaluate("for (const one of document.querySelectorAll('details')) one.open = false")
    person.close()
    assert faults == []


def test_the_dark_scheme_changes_nothing_but_colours() -> None:
    """So that what is no matter of colours need not be looked at again in the dark."""
    found = 0
    for path in files("semblance.web").joinpath("static").iterdir():
        if path.name.endswith(".css"):
            for place in re.finditer("prefers-color-scheme", text := path.read_text(encoding="utf-8")):
                found += 1
                assert _ONLY_COLOURS.match(text, place.start()), path.name
    assert found == 1


def test_every_page_is_somebodys(every_page: EveryPage) -> None:
    assert set(every_page.pages) == set(PEOPLE)


def test_a_standing_search_that_waits_stands_on_the_start_page_of_who_may_decide(every_page: EveryPage) -> None:
    for name, shown in (("carol", True), ("alice", False)):
        with every_page.site.open_client(name) as client:
            assert ("Authorise the standing search in case" in client.get("/").text) == shown
