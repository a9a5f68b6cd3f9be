"""Submissions in a browser: the form, an upload that is cut off and goes on, probes handed in, erasure."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, expect
from tests.site_fixtures import Served
from tests.web.browsing import Person
from tests.workflows.submissions.conftest import zip_up


def begin(page: Page, site: Served) -> None:
    page.goto(f"{site.address}/cases/{site.case}")
    page.get_by_role("link", name="Submit videos or many photos").click()
    page.get_by_label("Source").select_option("company")
    page.get_by_label("Authority or organisation").fill("Police judiciaire, Lyon")
    page.get_by_label("How they were obtained").fill("Cameras of the station")
    page.get_by_label("Legal basis").fill("Code of criminal procedure, article 60-1")
    latest = page.get_by_label("Review date").get_attribute("max") or ""
    page.get_by_label("Review date").fill(latest)
    page.get_by_role("button", name="Go on to the files").click()
    expect(page.get_by_text("name the company that it comes from")).to_be_visible()
    page.get_by_label("Company", exact=True).fill("Metro de Lyon")
    page.get_by_role("button", name="Go on to the files").click()
    expect(page.get_by_text("No file has arrived yet")).to_be_visible()


def erase(page: Page) -> None:
    page.get_by_text("Erase the submission").first.click()
    page.locator("#erase_reason").fill("Not needed any more")
    page.get_by_role("button", name="Erase the submission").click()
    expect(page.get_by_role("heading", name="Submission erased")).to_be_visible()


def test_an_upload_goes_on_after_the_network_and_a_reload(
    browser: Browser, site: Served, tmp_path: Path, changed_copy: bytes
) -> None:
    alice = Person(browser, site, "alice")
    page = alice.page
    begin(page, site)
    card = tmp_path / "card.zip"
    card.write_bytes(zip_up(**{"DCIM/IMG_1.jpg": changed_copy, "DCIM/Thumbs.db": b"x" * 2_500_000}))
    sent: list[str] = []
    page.route("**/chunks/*", _break(sent))
    page.locator("#file").set_input_files(card)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("The connection is lost")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.unroute("**/chunks/*")
    page.reload()
    expect(page.get_by_text("Not all of it has arrived")).to_be_visible()
    page.on("request", lambda request: sent.append(request.url) if "/chunks/" in request.url else None)
    sent.clear()
    page.locator("#file").set_input_files(card)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Unpacked")).to_be_visible(timeout=20_000)
    # the first piece again, which tells another file of that name, and the two that had not come
    assert sorted(url.rpartition("/")[2] for url in sent) == ["0", "1", "2"]
    page.get_by_role("button", name="Hand in as a probe").click()
    expect(page.locator("h1")).to_contain_text("IMG_1.jpg")
    page.goto(f"{site.address}/cases/{site.case}")
    page.get_by_role("cell", name="Metro de Lyon").first.locator("xpath=..").get_by_role("link").click()
    erase(page)
    alice.complaints = [said for said in alice.complaints if "ERR_" not in said]
    alice.close()


def _break(sent: list[str]) -> Callable[[Route], None]:
    """Return what lets the first piece through and no other."""

    def answer(route: Route) -> None:
        sent.append(route.request.url)
        if route.request.url.endswith("/0"):
            route.continue_()
        else:
            route.abort()

    return answer


def test_without_scripts_small_files_are_sent_whole(
    browser: Browser, site: Served, tmp_path: Path, changed_copy: bytes
) -> None:
    alice = Person(browser, site, "alice", java_script_enabled=False)
    page = alice.page
    begin(page, site)
    photo, letter = tmp_path / "front.jpg", tmp_path / "letter.txt"
    photo.write_bytes(changed_copy)
    letter.write_bytes(b"Dear Sir or Madam,\n")
    page.locator("#file").set_input_files([photo, letter])
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("These could not be taken:")).to_be_visible()
    expect(page.get_by_text("letter.txt is text; submit photos")).to_be_visible()
    expect(page.get_by_role("cell", name="front.jpg")).to_be_visible()
    erase(page)
    alice.close()
