"""A face followed through a video in a browser: from the submission to the answer of a search."""

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.cast import ALICE
from tests.filmed_site import Filmed, do_jobs, follow_film, submit_film
from tests.site_fixtures import COLLINS, HOPPER, REASON, Served
from tests.web.browsing import Person
from tests.workflows.searching import conclude

from semblance.exchange.report.bundle import DOCUMENT
from semblance.store import examinations, searches
from semblance.terms.ids import SearchId
from semblance.workflows.examination.make_report import make_report

FRAME = 1 / 25


@pytest.fixture(scope="module")
def filmed(site: Served, astronaut_path: Path, hopper_path: Path) -> Filmed:
    return submit_film(site, (astronaut_path, hopper_path))


def read_time(page: Page) -> float:
    minutes, seconds = page.locator("[data-time]").inner_text().split(":")
    return 60 * int(minutes) + float(seconds)


def expect_time(page: Page, seconds: float) -> None:
    # each batch of frames starts a decoder
    expect(page.locator("[data-time]")).to_have_text(f"0:{seconds:05.2f}", timeout=20_000)


def test_a_face_is_followed_picked_and_searched(browser: Browser, site: Served, filmed: Filmed) -> None:
    alice = Person(browser, site, "alice")
    page = alice.page
    alice.go(f"/submissions/{filmed.submission}")
    page.get_by_role("link", name="Look at it and follow a face platform 3.mp4").click()
    expect(page.get_by_text("only the track that you pick is ever searched")).to_be_visible()
    expect_time(page, 0)
    expect(page.locator("[data-sight]")).to_have_text("–")  # noqa: RUF001 - nobody was looked for yet
    page.get_by_role("button", name="Follow the faces").click()
    expect(page.get_by_role("heading", name="The faces are being followed")).to_be_visible()
    do_jobs(site)
    # nobody loads the page again: it sees that it is done
    expect(page.locator("#row-1")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name="Hand in as a probe")).to_be_visible()
    _step_by_keys(page)
    _choose_and_jump(page)
    assert alice.find_violations() == []
    _pick(page, site)
    alice.close()


def _step_by_keys(page: Page) -> None:
    page.locator("[data-screen]").focus()
    page.keyboard.press("Home")
    expect_time(page, 0)
    first = page.locator("[data-name]").inner_text()
    assert re.fullmatch(r"0@\d+x1/\d+#[0-9a-f]{64}", first)
    page.keyboard.press("ArrowRight")
    expect_time(page, FRAME)
    assert page.locator("[data-name]").inner_text() != first
    page.keyboard.press("Shift+ArrowRight")
    expect_time(page, 1 + FRAME)
    page.keyboard.press("ArrowLeft")
    expect_time(page, 1)
    # none is lost, however fast they come
    for _press in range(5):
        page.keyboard.press("ArrowRight")
    expect_time(page, 1 + 5 * FRAME)
    page.keyboard.press("End")
    expect_time(page, 39 * FRAME)
    page.keyboard.press("]")
    expect(page.locator("[data-speed]")).to_have_value("1.5")
    page.keyboard.press("Home")
    expect_time(page, 0)
    page.keyboard.press("Space")
    expect(page.locator("[data-playing]")).to_have_text("Pause")
    # it ends by itself at the last frame
    expect(page.locator("[data-playing]")).to_have_text("Play", timeout=30_000)
    expect_time(page, 39 * FRAME)


def _choose_and_jump(page: Page) -> None:
    page.locator("#row-2").click()
    expect(page.locator("#chosen h2")).to_have_text("Track 2")
    expect(page).to_have_url(re.compile(r"track=2$"))
    face = page.locator("#chosen .sheet a").first
    seconds = float(face.get_attribute("data-at") or "")
    face.click()
    expect_time(page, seconds)
    expect(page.locator("[data-screen]")).to_be_focused()
    expect(page.locator("[data-sight] [aria-pressed=true]")).to_have_text("2")
    bars = page.locator("[data-bars]").first
    bars.click(position={"x": bars.evaluate("bars => bars.clientWidth") / 2, "y": 5})
    expect(page.locator("[data-time]")).not_to_have_text(f"0:{seconds:05.2f}")
    assert abs(read_time(page) - 0.78) <= 2 * FRAME


def _pick(page: Page, site: Served) -> None:
    page.locator("#row-1").click()
    expect(page.locator("#chosen h2")).to_have_text("Track 1")
    page.get_by_role("button", name="Hand in as a probe").click()
    expect(page.locator("h1")).to_contain_text("platform 3.mp4")
    page.get_by_text("of track 1 of a video").click()
    links = page.locator(".track-origin li a")
    frames = links.count()
    assert frames > 1
    expect(links.first).to_have_attribute("href", re.compile(r"/tracks\?track=1&at="))
    page.get_by_label("Reason").fill(REASON)
    page.get_by_role("button", name="Search the gallery").click()
    page.wait_for_url("**/searches/*")
    expect(page.get_by_text("of track 1 of a video")).to_be_visible()
    with site.node.store.reading() as tx:
        record = searches.find_search(tx, SearchId(page.url.rpartition("/")[2]))
    assert record is not None
    assert record.frames == frames
    # who walks first through the film is one of the two who are enrolled
    assert record.candidates[0].subject in {site.find_record(COLLINS), site.find_record(HOPPER)}
    conclude(site.node, record.search)
    with site.node.store.reading() as tx:
        examination = examinations.find_of_search(tx, record.search)
    assert examination is not None
    _check_report(make_report(site.node, ALICE, examination.id).data, frames)


def _check_report(data: bytes, frames: int) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as report:
        probe = json.loads(report.read(DOCUMENT))["probe"]
    assert (probe["video"], probe["track in the video"]) == ("platform 3.mp4", "1")
    named = [words for name, words in probe.items() if re.fullmatch(r"frame \d+ of it", name)]
    assert len(named) == frames
    assert all(re.fullmatch(r"at \d\.\d{3} s, 0@\d+x1/\d+#[0-9a-f]{64}", words) for words in named)


def test_without_scripts_a_track_is_chosen_seen_and_picked(browser: Browser, site: Served, filmed: Filmed) -> None:
    alice = Person(browser, site, "alice", java_script_enabled=False)
    page = alice.page
    alice.go(filmed.page)
    if not page.locator("#row-2").count():
        follow_film(site, filmed)
        page.reload()
    page.locator("#row-2").click()
    expect(page.locator("#chosen h2")).to_have_text("Track 2")
    page.locator("#chosen .spans a").first.click()
    expect(page.get_by_alt_text("The frame at the time that was asked for")).to_be_visible()
    expect(page.locator("img.screen")).to_have_js_property("naturalWidth", 640)
    page.get_by_role("button", name="Hand in as a probe").click()
    expect(page.locator("h1")).to_contain_text("platform 3.mp4")
    alice.close()
