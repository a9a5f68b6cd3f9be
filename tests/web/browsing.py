"""A real browser, and pages whose console is listened to."""

import shutil
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from tests.accounts import open_session_of
from tests.site_fixtures import Served

View = tuple[int, Literal["light", "dark"]]
VIEWS: Final[tuple[View, ...]] = ((1280, "light"), (1280, "dark"), (390, "dark"), (390, "light"))
"""A laptop and a phone, by day and by night: widths in CSS pixels, and schemes."""
WIDTHS_AND_SCHEMES: Final = (VIEWS[0], VIEWS[2])
"""Each width and each scheme once: fitting does not depend on colours, nor colours on the width."""
_COLOURS: Final = ("color-contrast", "link-in-text-block")
"""The rules of axe-core that ask for colours; all others judge the dark scheme as they do the light one."""
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_STATUS_NOISE = "Failed to load resource: the server responded with a status of"

# a machine that does much at once takes its time, and whatever is wrong is wrong after that, too
expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium is installed on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


def iterate_views(page: Page, views: Sequence[View] = VIEWS) -> Iterator[View]:
    """Give the page each width and scheme in turn, without loading it again."""
    for width, scheme in views:
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)
        yield width, scheme


class Person:
    """Somebody of the cast in a browser of their own; a policy violation or a script's error fails the test."""

    def __init__(self, browser: Browser, site: Served, name: str, **options: Any) -> None:
        self.site, self.name = site, name
        self.context: BrowserContext = browser.new_context(accept_downloads=True, **options)
        self.sign_in()
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def sign_in(self) -> None:
        secret = open_session_of(self.site.node, self.name)
        self.context.add_cookies([{"name": self.site.cookie, "value": secret, "url": self.site.address}])

    def go(self, path: str) -> None:
        self.page.goto(f"{self.site.address}{path}")

    def find_violations(self, *, colours_only: bool = False) -> list[str]:
        """Return what axe-core finds at fault on the page."""
        options: dict[str, Any] = {"resultTypes": ["violations"]}
        if colours_only:
            options["runOnly"] = _COLOURS
        found = Axe().run(self.page, options=options).response["violations"]
        return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]]

    def close(self) -> None:
        self.context.close()
        assert self.complaints == []

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_STATUS_NOISE):
            self.complaints.append(message.text)
