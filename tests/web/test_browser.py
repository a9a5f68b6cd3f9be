"""The pages in a real browser: with scripts, without, by keyboard, on a phone, in the dark."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect
from tests.accounts import open_session_of
from tests.site_fixtures import CASE, CREW, REASON, Served
from tests.web.browsing import WIDTHS_AND_SCHEMES, iterate_views

_STATUS_NOISE = "Failed to load resource: the server responded with a status of"


class Watched:
    """A page whose console is listened to; a policy violation or a script's error fails the test."""

    def __init__(self, browser: Browser, site: Served, name: str = "alice", **options: Any) -> None:
        self.site, self.address = site, site.address
        self.context: BrowserContext = browser.new_context(**options)
        secret = open_session_of(site.node, name)
        self.context.add_cookies([{"name": site.cookie, "value": secret, "url": site.address}])
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_STATUS_NOISE):
            self.complaints.append(message.text)

    def submit(self, path: Path) -> None:
        self.page.goto(f"{self.address}/cases/{self.site.case}")
        self.page.set_input_files("#photo", path)
        self.page.get_by_role("button", name="Find the faces").click()

    def justify(self, reason: str = REASON) -> None:
        self.page.get_by_label("Reason").fill(reason)

    def search(self) -> None:
        self.page.get_by_role("button", name="Search the gallery").click()

    def check_width(self) -> None:
        self.page.wait_for_load_state("load")
        inner, outer = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert inner <= outer, f"{self.page.url} scrolls sideways"

    def check_views(self) -> None:
        for _ in iterate_views(self.page, WIDTHS_AND_SCHEMES):
            self.check_width()
            assert self.page.evaluate(CONTRAST) == [], self.page.url

    def close(self) -> None:
        self.context.close()
        assert self.complaints == []


@pytest.fixture
def watched(browser: Browser, site: Served) -> Iterator[Watched]:
    watched = Watched(browser, site)
    yield watched
    watched.close()


@pytest.fixture
def files(
    tmp_path: Path, changed_copy: bytes, two_faces: bytes, twenty_faces: bytes, no_face: bytes
) -> dict[str, Path]:
    made = {"probe.jpg": changed_copy, "two.jpg": two_faces, "twenty.jpg": twenty_faces, "cat.png": no_face}
    made["letter.jpg"] = b"Dear Sir or Madam,\n"
    for name, data in made.items():
        (tmp_path / name).write_bytes(data)
    return {name: tmp_path / name for name in made}


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_from_a_photo_to_candidates(browser: Browser, site: Served, files: dict[str, Path], scripts: bool) -> None:
    watched = Watched(browser, site, java_script_enabled=scripts)
    page = watched.page
    watched.submit(files["two.jpg"])
    expect(page.get_by_role("heading", name="2 faces found: choose the one in question")).to_be_visible()
    assert page.locator("input[name=face]:checked").count() == 0
    page.locator("[data-face]").first.click()
    assert page.locator("input[name=face]:checked").count() == 1
    watched.justify()
    watched.search()
    expect(page.get_by_role("heading", level=1)).to_contain_text("candidates wait to be examined")
    expect(page.locator("main")).to_contain_text("Every match is a lead, not an identity.")
    page.get_by_role("button", name="Examine the candidates").click()
    expect(page.locator(".candidate")).to_have_count(2)
    if scripts:
        for image in page.locator("img").all():
            image.scroll_into_view_if_needed()
            expect(image).to_have_js_property("complete", value=True)
            assert image.evaluate("(one) => one.naturalWidth > 0")
    watched.close()


def test_a_search_stands_in_the_list(watched: Watched, files: dict[str, Path]) -> None:
    watched.submit(files["probe.jpg"])
    watched.justify()
    watched.search()
    watched.page.get_by_role("link", name="Searches", exact=True).click()
    expect(watched.page.locator("tbody tr").first).to_contain_text(CASE)
    expect(watched.page.locator("tbody tr").first).to_contain_text("being examined")


def test_choosing_by_box_keeps_what_was_written(watched: Watched, files: dict[str, Path]) -> None:
    watched.submit(files["two.jpg"])
    watched.justify()
    watched.page.locator("[data-face='1']").click()
    expect(watched.page.locator("#face-1")).to_be_checked()
    expect(watched.page.locator("[data-box='1']")).to_have_class("face chosen")
    expect(watched.page.get_by_label("Reason")).to_have_value(REASON)


def test_a_reason_that_says_nothing_is_refused(watched: Watched, files: dict[str, Path]) -> None:
    watched.submit(files["probe.jpg"])
    watched.justify(reason="x")
    watched.search()
    expect(watched.page.get_by_role("alert")).to_contain_text("Refused: reason")
    watched.page.get_by_label("Reason").fill(REASON)
    watched.search()
    expect(watched.page.get_by_role("heading", level=1)).to_contain_text("candidates")


def test_an_empty_reason_does_not_leave_the_browser(watched: Watched, files: dict[str, Path]) -> None:
    watched.submit(files["probe.jpg"])
    watched.justify(reason="")
    watched.search()
    assert watched.page.evaluate("document.activeElement.id") == "reason"


def test_twenty_faces(watched: Watched, files: dict[str, Path]) -> None:
    watched.submit(files["twenty.jpg"])
    expect(watched.page.locator("legend").first).to_contain_text("20 faces found")
    assert watched.page.locator("[data-box]").count() == 20


def test_no_face_and_no_photo(watched: Watched, files: dict[str, Path]) -> None:
    watched.submit(files["cat.png"])
    expect(watched.page.get_by_role("heading", name="No face was found")).to_be_visible()
    watched.submit(files["letter.jpg"])
    expect(watched.page.get_by_role("alert")).to_contain_text("letter.jpg")


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_a_photo_that_is_dropped_or_pasted(watched: Watched, site: Served, files: dict[str, Path], event: str) -> None:
    watched.page.goto(f"{watched.address}/cases/{site.case}")
    script = """async ([event, bytes]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(bytes)], "moved.jpg", { type: "image/jpeg" }));
      const form = document.querySelector("[data-upload]");
      if (event === "drop") form.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true }));
      else window.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer }));
    }"""
    watched.page.evaluate(script, [event, list(files["probe.jpg"].read_bytes())])
    expect(watched.page.get_by_role("heading", level=1)).to_have_text("Probe moved.jpg")


def test_a_file_that_is_too_large_is_said_before_it_is_sent(watched: Watched, tmp_path: Path) -> None:
    (tmp_path / "large.tif").write_bytes(b"II*\0" + bytes(41_000_000))
    watched.page.goto(f"{watched.address}/cases/{watched.site.case}")
    watched.page.set_input_files("#photo", tmp_path / "large.tif")
    expect(watched.page.get_by_role("status")).to_contain_text("40 MB are allowed")


def test_a_file_that_is_too_large_is_a_page_without_scripts(browser: Browser, site: Served, tmp_path: Path) -> None:
    (tmp_path / "large.tif").write_bytes(b"II*\0" + bytes(41_000_000))
    watched = Watched(browser, site, java_script_enabled=False)
    watched.submit(tmp_path / "large.tif")
    expect(watched.page.get_by_role("heading", level=1)).to_have_text("Too large")
    watched.close()


def test_the_keyboard_is_enough(watched: Watched, files: dict[str, Path]) -> None:
    page = watched.page
    watched.submit(files["two.jpg"])
    expect(page.get_by_role("heading", level=1)).to_have_text("Probe two.jpg")
    page.wait_for_load_state("load")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("[data-face='1']").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#face-1")).to_be_checked()
    page.locator("#face-1").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#face-0")).to_be_checked()
    outline = page.evaluate("getComputedStyle(document.activeElement.closest('.pick')).outlineStyle")
    assert outline == "solid"


def test_a_page_elsewhere_cannot_send_a_form_here(watched: Watched, site: Served) -> None:
    before = len(site.open_client("alice").get(f"/api/v1/cases/{site.case}").json()["probes"])
    port = site.address.rpartition(":")[2]
    # the same machine by its other name is another site to a browser
    watched.page.route("http://elsewhere.localhost/**", lambda route: route.fulfill(
        content_type="text/html", body=f"<form method=post action=http://127.0.0.1:{port}/cases><button>Go</button></form>"
    ))  # fmt: skip
    watched.page.goto("http://elsewhere.localhost/")
    watched.page.get_by_role("button").click()
    expect(watched.page.get_by_role("heading", level=1)).to_have_text("Not allowed")
    assert len(site.open_client("alice").get(f"/api/v1/cases/{site.case}").json()["probes"]) == before


def test_every_page_fits_and_can_be_read(browser: Browser, site: Served, files: dict[str, Path]) -> None:
    watched = Watched(browser, site)
    watched.submit(files["twenty.jpg"])
    watched.check_views()
    watched.submit(files["probe.jpg"])
    watched.page.locator("summary").first.click()
    watched.check_views()
    watched.justify()
    watched.search()
    watched.page.wait_for_url("**/searches/*")
    watched.check_views()
    _check_pages(
        watched,
        (
            "",
            "cases",
            "cases/new",
            f"cases/{site.case}",
            "searches",
            "examinations",
            "policy",
            "account",
            "nothing",
            "api",
        ),
    )
    watched.close()
    record = f"records/{site.find_record(CREW)}"
    for name, paths in (
        ("carol", ("", "authorisations", "board")),
        ("emil", ("", "leads", "records", "records/new?kind=red", record, f"{record}/edit", f"{record}/history")),
        ("dora", ("oversight", "requests", "ledger")),
        ("ada", ("people",)),
    ):
        watched = Watched(browser, site, name)
        _check_pages(watched, paths)
        watched.close()


def _check_pages(watched: Watched, paths: tuple[str, ...]) -> None:
    for path in paths:
        answer = watched.page.goto(f"{watched.address}/{path}")
        assert answer is not None
        assert answer.status == (404 if path == "nothing" else 200), path
        watched.check_views()


CONTRAST = """() => {
  const read = (colour) => {
    const [r, g, b, a] = colour.match(/[\\d.]+/g).map(Number);
    return { r, g, b, a: a === undefined ? 1 : a };
  };
  const light = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *:not(svg *)")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || element.closest(".away, .skip, details:not([open])")) continue;
    const style = getComputedStyle(element);
    let behind = element;
    while (behind && read(getComputedStyle(behind).backgroundColor).a === 0) behind = behind.parentElement;
    if (!behind) continue;
    const [a, b] = [light(read(style.color)), light(read(getComputedStyle(behind).backgroundColor))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(`${element.tagName} ${element.className} ${ratio.toFixed(2)}`);
  }
  return faint;
}"""
"""Finds text whose contrast is below 4.5 : 1 (WCAG 2.2, success criterion 1.4.3)."""
