"""Every page in a real browser, at laptop and phone width, light and dark: axe-core, and French.

With ``SEMBLANCE_SCREENSHOTS=FOLDER`` each page is left there as a picture, to be looked at.
"""

import os
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, expect
from tests.site_fixtures import Served
from tests.web.browsing import Person, browser  # noqa: F401 - a fixture
from tests.web.every_page import list_pages

SCREENSHOTS: Final = os.environ.get("SEMBLANCE_SCREENSHOTS", "")
_SIZES: Final = {1280: 800, 390: 844}


@pytest.fixture(scope="module")
def pages(site: Served, changed_copy: bytes) -> dict[str, tuple[str, ...]]:
    return list_pages(site, changed_copy)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_at_fault(
    browser: Browser,  # noqa: F811
    site: Served,
    pages: dict[str, tuple[str, ...]],
    width: int,
    scheme: Any,
) -> None:
    faults: list[str] = []
    for name, paths in pages.items():
        person = Person(browser, site, name, viewport={"width": width, "height": _SIZES[width]}, color_scheme=scheme)
        page = person.page
        for place, path in enumerate(paths):
            answer = page.goto(f"{site.address}{path}")
            assert answer is not None
            assert answer.status == 200, path
            if page.locator(".comparison").count():
                expect(page.locator(".comparison[data-ready]")).to_be_visible()
            if SCREENSHOTS:
                page.wait_for_load_state("networkidle")
                shown = f"{name}-{place:02}{path.replace('/', '-').replace('?', '-')[:24]}-{width}-{scheme}.png"
                page.screenshot(path=Path(SCREENSHOTS) / shown, full_page=True)
            page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
            wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            faults += [f"{path} is {wide} pixels too wide"] if wide > 0 else []
            faults += [f"{path} {one}" for one in person.find_violations()]
        person.close()
    assert faults == []
