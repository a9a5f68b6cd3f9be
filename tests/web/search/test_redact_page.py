"""Exporting a covered still in a real browser: by pointer, by numbers, without scripts, and only what was seen."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.site_fixtures import Served
from tests.web.test_browser import Watched, files  # noqa: F401 - fixtures are found by their names here

WHY = "For the station in Lyon, which looks for her"


@pytest.fixture(params=[True, False], ids=["with-scripts", "without-scripts"])
def exporting(
    request: pytest.FixtureRequest,
    browser: Browser,
    site: Served,
    files: dict[str, Path],  # noqa: F811
) -> Iterator[Watched]:
    """Return Alice's browser, in which a photo of two people is about to be exported."""
    watched = Watched(browser, site, java_script_enabled=request.param)
    watched.submit(files["two.jpg"])
    watched.page.get_by_role("link", name="Export a still with everyone else covered").click()
    yield watched
    watched.close()


def test_a_still_is_seen_and_confirmed_and_downloaded(exporting: Watched) -> None:
    page = exporting.page
    expect(page.get_by_role("heading", name="This would leave")).to_have_count(0)
    page.locator("#face-0").check()
    for edge, value in (("Left", "400"), ("Top", "500"), ("Width", "60"), ("Height", "50")):
        page.get_by_label(edge).fill(value)
    page.get_by_role("button", name="Preview what would leave").click()
    expect(page.get_by_role("heading", name="This would leave")).to_be_visible()
    expect(page.locator(".redact-still")).to_have_js_property("complete", value=True, timeout=30_000)
    assert page.locator(".redact-still").evaluate("(still) => still.naturalWidth") == 1024
    expect(page.locator("[data-confirm]")).to_contain_text("1 other face is covered.")
    expect(page.locator("[data-list]")).to_contain_text("60 × 50 at 400, 500")  # noqa: RUF001
    shown = page.locator("[data-confirm] dd.file").inner_text()
    page.get_by_label("Reason").fill(WHY)
    page.get_by_label("I have looked at the whole picture").check()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Confirm and download").click()
    assert hashlib.sha256(Path(waiting.value.path()).read_bytes()).hexdigest() == shown
    assert waiting.value.suggested_filename.startswith("R-")


def test_nothing_leaves_without_a_reason_or_of_what_was_not_seen(site: Served, two_faces: bytes) -> None:
    with site.open_client("alice") as client:
        submitted = client.post(f"/api/v1/cases/{site.case}/probes", files={"photo": ("two.jpg", two_faces)})
        address = f"/probes/{submitted.json()['probe']}/redact"
        form = {"face": "0", "serial": "0" * 32, "sha256": "0" * 64, "reason": WHY, "looked": "1"}
        headers = {"origin": site.address}
        for changed, said in (
            ({}, "not the picture that was confirmed"),
            ({"looked": ""}, "Look at the whole picture"),
            ({"reason": ""}, "Say why the picture leaves"),
        ):
            answer = client.post(address, data=form | changed, headers=headers)
            assert answer.headers["content-type"].startswith("text/html")
            assert said in answer.text
        faulty = client.get(f"{address}?face=0&preview=1&left=4&top=x&width=5&height=6")
        assert "is no box" in faulty.text
        outside = client.get(f"{address}?face=0&preview=1&box=5000,1,5001,2")
        assert "covers nothing of the photo" in outside.text


@pytest.mark.parametrize("exporting", [True], indirect=True, ids=["with-scripts"])
def test_a_box_is_drawn_with_the_pointer_and_taken_away(exporting: Watched) -> None:
    page = exporting.page
    photo = page.locator("svg.photo").bounding_box()
    assert photo is not None
    page.mouse.move(photo["x"] + 0.6 * photo["width"], photo["y"] + 0.9 * photo["height"])
    page.mouse.down()
    page.mouse.move(photo["x"] + 0.5 * photo["width"], photo["y"] + 0.5 * photo["height"], steps=4)
    page.mouse.up()
    expect(page.locator("[data-list] li")).to_have_count(1)
    expect(page.locator("svg.photo .cover")).to_have_count(1)
    left, top, right, bottom = map(float, page.locator("[data-list] input").input_value().split(","))
    assert (left, top, right, bottom) == pytest.approx((512, 300, 614, 540), abs=4)
    page.get_by_label("Left").fill("3")
    page.get_by_label("Top").fill("4")
    page.get_by_label("Width").fill("50")
    page.get_by_label("Height").fill("60")
    page.get_by_role("button", name="Add the box").press("Enter")
    expect(page.locator("svg.photo .cover")).to_have_count(2)
    page.locator("[data-list] input").first.uncheck()
    expect(page.locator("svg.photo .cover")).to_have_count(1)
    # a click still chooses a face
    page.locator("[data-face='1']").click()
    expect(page.locator("#face-1")).to_be_checked()
    page.get_by_role("button", name="Preview what would leave").click()
    expect(page.locator("[data-list] li")).to_have_count(1)
    expect(page.locator("[data-list] input")).to_have_value("3,4,53,64")
    exporting.check_views()
