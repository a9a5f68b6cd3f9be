"""Exporting a covered clip in a real browser: asked for, watched to its end, a box drawn, confirmed, thrown away."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.cast import ALICE
from tests.site_fixtures import Served
from tests.web.every_page import make_clips
from tests.web.test_browser import Watched
from tests.workflows.redaction.street import work

from semblance.terms.ids import ClipId
from semblance.workflows.redaction.export_clip import read_clip

WHY = "For the station in Lyon, which looks for him"


@pytest.fixture(scope="module")
def filmed(site: Served) -> tuple[str, ClipId]:
    """Return where a followed video lies, and a clip of it that is to be watched."""
    film, whole, _waiting = make_clips(site)
    # nothing of it is left to others' workers
    assert work(site.node)
    return film, whole


@pytest.fixture
def watched(browser: Browser, site: Served) -> Iterator[Watched]:
    watched = Watched(browser, site)
    yield watched
    watched.close()


def test_a_clip_is_asked_for_watched_and_confirmed(watched: Watched, site: Served, filmed: tuple[str, ClipId]) -> None:
    page = watched.page
    page.goto(f"{watched.address}{filmed[0]}/tracks/1/clip")
    expect(page.get_by_label("To", exact=True)).to_have_value("2.50")
    page.get_by_label("To", exact=True).fill("0.6")
    for label, value in (("Left", "230"), ("Top", "70"), ("Width", "90"), ("Height", "100"), ("To second", "0.2")):
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Add the box").click()
    expect(page.locator("form .plain-list")).to_contain_text("90 × 100 at 230, 70, from the beginning to 0.20 s")  # noqa: RUF001
    expect(page.get_by_label("To", exact=True)).to_have_value("0.6")
    page.get_by_role("button", name="Make the clip").click()
    expect(page.get_by_role("heading", name="The clip is being made")).to_be_visible()
    assert work(site.node)
    page.get_by_role("link", name="Look again").click()
    film, tick = page.locator("video"), page.get_by_label("I have watched the whole clip")
    expect(tick).to_be_disabled()
    film.evaluate("(film) => film.play()")
    expect(tick).to_be_enabled(timeout=20_000)
    tick.check()
    page.get_by_label("Reason").fill(WHY)
    shown = page.locator(".redact-facts dd").nth(1).inner_text()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Confirm and download").click()
    assert hashlib.sha256(Path(waiting.value.path()).read_bytes()).hexdigest() == shown
    assert waiting.value.suggested_filename.endswith(".mp4")


def test_a_box_is_drawn_where_somebody_is_still_seen(watched: Watched, filmed: tuple[str, ClipId]) -> None:
    page = watched.page
    page.goto(f"{watched.address}/clips/{filmed[1]}")
    expect(page.locator("video")).to_have_js_property("readyState", value=4, timeout=20_000)
    page.get_by_role("button", name="Draw the box over the picture").click()
    page.locator("video").scroll_into_view_if_needed()
    area = page.locator(".redact-sheet").bounding_box()
    assert area is not None
    page.mouse.move(area["x"] + area["width"] / 4, area["y"] + 20)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] / 2, area["y"] + 90)
    page.mouse.up()
    assert float(page.locator("#box-left").input_value()) == pytest.approx(80, abs=2)
    assert float(page.locator("#box-width").input_value()) == pytest.approx(80, abs=2)
    assert float(page.locator("#box-last").input_value()) == pytest.approx(1.0, abs=0.05)
    page.get_by_role("button", name="Cover it, too").click()
    expect(page.get_by_role("heading", name="Whoever was missed")).to_be_visible()
    # the one that it was made with, and the new one
    expect(page.locator("form .plain-list li")).to_have_count(2)


def test_nothing_leaves_without_a_reason_or_of_what_was_not_watched(site: Served, filmed: tuple[str, ClipId]) -> None:
    made = read_clip(site.node, ALICE, filmed[1]).clip.made
    assert made is not None
    form, headers = {"sha256": made.sha256, "reason": WHY, "watched": "1"}, {"origin": site.address}
    with site.open_client("alice") as client:
        for changed, said in (
            ({"sha256": "0" * 64}, "not the clip that was confirmed"),
            ({"watched": ""}, "Watch the whole clip"),
            ({"reason": ""}, "Say why the clip leaves"),
        ):
            answer = client.post(f"/clips/{filmed[1]}", data=form | changed, headers=headers)
            assert answer.headers["content-type"].startswith("text/html")
            assert said in answer.text
        faulty = client.get(f"{filmed[0]}/tracks/1/clip?number=4&number=x&number=5&number=6")
        assert "is no box" in faulty.text
        outside = client.post(f"{filmed[0]}/tracks/1/clip", data={"start": "90", "end": "91"}, headers=headers)
        assert "is not seen in that part" in outside.text
        part = client.get(f"/clips/{filmed[1]}/video", headers={"range": "bytes=10-19"})
        whole = client.get(f"/clips/{filmed[1]}/video")
        assert (part.status_code, part.headers["content-range"]) == (206, f"bytes 10-19/{made.size}")
        assert part.content == whole.content[10:20]
        assert hashlib.sha256(whole.content).hexdigest() == made.sha256
        gone = client.post(f"/clips/{filmed[1]}/discard", headers=headers)
        assert gone.headers["location"] == f"{filmed[0]}/tracks/1/clip"
        assert client.get(f"/clips/{filmed[1]}").status_code == 404
