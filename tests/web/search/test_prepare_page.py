"""Preparing a probe in a real browser, searching with several photos and filters, handing several photos in."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from tests.site_fixtures import REASON, Served
from tests.web.test_browser import Watched, files  # noqa: F401 - fixtures are found by their names here


@pytest.fixture
def preparing(browser: Browser, site: Served, files: dict[str, Path]) -> Iterator[Watched]:  # noqa: F811
    """Return Alice's browser, in which a photo of two people is about to be prepared."""
    watched = Watched(browser, site)
    watched.submit(files["two.jpg"])
    watched.page.get_by_role("link", name="Prepare the photo").click()
    settle(watched.page)
    yield watched
    watched.close()


def settle(page: Page) -> None:
    """Wait until the picture shows the steps."""
    expect(page.locator(".prepare[data-ready]")).to_have_count(1)
    expect(page.locator("[data-stage][data-busy]")).to_have_count(0)


def read_address(page: Page) -> list[dict[str, object]]:
    found = parse_qs(urlsplit(page.url).query)["steps"][0]
    steps: list[dict[str, object]] = json.loads(found)
    return steps


def count(page: Page, steps: int) -> None:
    expect(page.locator("[data-list] li")).to_have_count(steps)
    settle(page)


def test_steps_by_keyboard_undone_redone_and_held(preparing: Watched) -> None:
    page = preparing.page
    expect(page.locator("[data-use]")).to_be_disabled()
    page.locator("body").press("]")
    count(page, 1)
    expect(page.locator("[data-say]")).to_contain_text("600 × 1024 pixels")  # noqa: RUF001
    page.locator("body").press("m")
    count(page, 2)
    page.locator("body").press("z")
    count(page, 1)
    page.locator("body").press("y")
    count(page, 2)
    page.locator("body").press("[")
    count(page, 3)
    page.get_by_role("button", name="Remove step 1: turn by 90°").press("Enter")
    count(page, 2)
    assert [step["step"] for step in read_address(page)] == ["mirror", "rotate"]
    # nothing is lost if the browser closes: the steps stand in the address
    page.reload()
    count(page, 2)
    page.get_by_role("button", name="Use for searching").press("Enter")
    expect(page.locator(".versions [aria-current]")).to_contain_text("Prepared 1: 2 steps, 2 faces found")
    expect(page.locator(".versions")).to_contain_text("For searching only; comparison always shows the original")
    page.get_by_role("link", name="The original").click()
    expect(page.locator(".versions [aria-current]")).to_have_text("The original")


def test_the_original_is_one_key_away(preparing: Watched) -> None:
    page = preparing.page
    page.locator("body").press("m")
    count(page, 1)
    page.keyboard.down("o")
    expect(page.locator("[data-original]")).to_be_visible()
    expect(page.locator("[data-picture]")).to_be_hidden()
    expect(page.locator("[data-badge]")).to_have_text("The original")
    page.keyboard.up("o")
    expect(page.locator("[data-picture]")).to_be_visible()
    page.get_by_role("button", name="Show the original").click()
    expect(page.locator("[data-original]")).to_be_visible()
    page.get_by_role("button", name="Show the original").click()
    expect(page.locator("[data-badge]")).to_have_text("Prepared: for searching only")


def test_crop_by_dragging_and_by_numbers(preparing: Watched) -> None:
    page = preparing.page
    box = page.locator("[data-stage]").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.05 * box["width"], box["y"] + 0.1 * box["height"], steps=4)
    page.mouse.up()
    assert abs(int(page.get_by_label("Width").input_value()) - 205) <= 4
    page.get_by_label("Height").fill("200")
    page.get_by_label("Height").press("Enter")
    count(page, 1)
    (step,) = read_address(page)
    assert (step["step"], step["height"]) == ("crop", 200)
    page.get_by_label("Height").fill("999")
    page.get_by_role("button", name="Crop", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("reaches beyond the photo")
    count(page, 1)


def test_sliders_add_one_step_each_and_zero_takes_it_away(preparing: Watched) -> None:
    page = preparing.page
    page.get_by_role("slider", name="Exposure").fill("1")
    page.get_by_role("slider", name="Exposure").fill("1.5")
    count(page, 1)
    assert read_address(page) == [{"step": "expose", "stops": 1.5}]
    page.get_by_role("slider", name="Contrast").fill("1.2")
    count(page, 2)
    page.get_by_role("slider", name="Contrast").fill("1")
    count(page, 1)
    page.get_by_role("slider", name="Sharpen").fill("1")
    count(page, 2)
    page.get_by_role("slider", name="Radius").fill("3")
    settle(page)
    assert read_address(page)[-1] == {"step": "sharpen", "amount": 1, "radius": 3}
    count(page, 2)


def test_straightened_by_the_eyes_of_the_chosen_face(preparing: Watched) -> None:
    page = preparing.page
    page.get_by_role("slider", name="Degrees").fill("30")
    count(page, 1)
    page.get_by_label("Eyes of face").select_option("1")
    page.locator("body").press("s")
    count(page, 2)
    outlook = page.evaluate(
        "async (steps) => (await fetch(location.pathname.replace('prepare', 'prepared/outlook') + '?steps=' + "
        "encodeURIComponent(steps))).json()",
        json.dumps(read_address(page)),
    )
    (_, left), (_, right) = outlook["eyes"]["1"]
    assert abs(left - right) < 0.1


def test_single_keys_can_be_switched_off_and_do_not_work_in_fields(preparing: Watched) -> None:
    page = preparing.page
    page.get_by_label("Left", exact=True).press("m")
    page.get_by_text("Keys", exact=True).click()
    page.get_by_label("Single letters work as keys").uncheck()
    page.locator("body").press("m")
    page.get_by_role("button", name="Mirror").click()
    count(page, 1)
    page.get_by_label("Single letters work as keys").check()


def test_faulty_steps_in_the_address_begin_with_the_original(preparing: Watched) -> None:
    page = preparing.page
    page.goto(page.url.partition("?")[0] + '?steps=[{"step":"smile"}]')
    expect(page.get_by_role("alert")).to_contain_text("Step 1 is none that is known")
    count(page, 0)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")], ids=["laptop", "phone"])
def test_it_fits_and_breaks_no_rule_of_access(
    browser: Browser,
    site: Served,
    files: dict[str, Path],  # noqa: F811
    tmp_path: Path,
    width: int,
    scheme: str,
) -> None:
    watched = Watched(
        browser, site, viewport={"width": width, "height": 844}, color_scheme=scheme, has_touch=width < 500
    )
    page = watched.page
    watched.submit(files["two.jpg"])
    page.get_by_role("link", name="Prepare the photo").click()
    settle(page)
    page.get_by_role("button", name="Turn right").click()
    page.get_by_role("slider", name="Exposure").fill("0.5")
    count(page, 2)
    watched.check_width()
    assert Axe().run(page).response["violations"] == []
    page.screenshot(path=tmp_path / "prepare.png", full_page=True)
    page.get_by_role("button", name="Use for searching").click()
    page.get_by_text("Narrow the records that are searched").click()
    watched.check_width()
    assert Axe().run(page).response["violations"] == []
    page.screenshot(path=tmp_path / "probe.png", full_page=True)
    watched.close()


def test_a_prepared_version_is_searched_and_the_results_say_so(preparing: Watched) -> None:
    page = preparing.page
    page.get_by_label("Left", exact=True).fill("0")
    page.get_by_label("Width").fill("512")
    page.get_by_role("button", name="Crop", exact=True).click()
    count(page, 1)
    page.get_by_role("button", name="Use for searching").click()
    expect(page.get_by_role("heading", name="The face found")).to_be_visible()
    preparing.justify()
    preparing.search()
    expect(page.locator(".record")).to_contain_text("crop to 512 × 600 pixels")  # noqa: RUF001
    expect(page.locator(".record")).to_contain_text("For searching only; the original is compared")
    assert page.locator(".probe-panel img").get_attribute("src", timeout=2000) is not None


def test_several_photos_and_filters_in_one_search(
    client: httpx2.Client, site: Served, changed_copy: bytes, astronaut_path: Path, no_face: bytes
) -> None:
    handed = [
        ("photo", ("one.jpg", changed_copy)),
        ("photo", ("two.png", astronaut_path.read_bytes())),
        ("photo", ("letter.jpg", b"Dear Sir or Madam")),
        ("photo", ("cat.png", no_face)),
    ]
    case = client.post(f"/cases/{site.case}/probes", files=handed)
    assert case.status_code == 200
    assert "3 of 4 photos were handed in. These could not be taken:" in case.text
    assert re.findall(r"<li>(letter\.jpg[^<]*)</li>", case.text)
    assert client.post(f"/cases/{site.case}/probes", files=handed[:2]).headers["location"] == f"/cases/{site.case}"
    found = dict(reversed(re.findall(r'href="(/probes/[0-9a-f]+)">.*?class="key">([^<]+)<', case.text)))
    addresses = {name: address for address, name in found.items()}
    page = client.get(addresses["one.jpg"]).text
    other = addresses["two.png"].rpartition("/")[2]
    assert f'value="{other}:0"' in page
    assert "No face was found in it." in page
    data = {"face": "0", "reason": REASON, "also": f"{other}:0", "oldest": "60", "sex": "female", "nationality": "us"}
    answer = client.post(f"{addresses['one.jpg']}/search", data=data)
    assert answer.status_code == 303
    result = client.get(answer.headers["location"]).text
    assert "two.png, face 0" in result
    for narrowed in ("age in years: up to 60", "sex as recorded: female", "nationality: US"):
        assert narrowed in result
    for wrong, words in (
        ({"oldest": "old"}, "is no age"),
        ({"youngest": "50", "oldest": "40"}, "swap the ages"),
        ({"nationality": "1"}, "is no country code"),
        ({"sex": "not known"}, "always searched"),
        ({"kinds": "purple"}, "none of the choices"),
    ):
        refused = client.post(f"{addresses['one.jpg']}/search", data={**data, **wrong})
        assert refused.status_code == 422
        assert words in refused.text
        # what was written stays, and so does what was ticked
        assert REASON in refused.text
        assert re.search(f'value="{other}:0" checked', refused.text)
    twice = client.post(f"{addresses['one.jpg']}/search", data={**data, "also": [f"{other}:0", f"{other}:1"]})
    assert twice.status_code == 409
    assert "named twice" in twice.text
    red = client.post(f"{addresses['one.jpg']}/search", data={**data, "kinds": "red"})
    assert red.status_code == 403
    assert "does not look among records of red" in red.text


def test_several_photos_are_dropped_at_once(
    browser: Browser,
    site: Served,
    files: dict[str, Path],  # noqa: F811
) -> None:
    watched = Watched(browser, site)
    page = watched.page
    page.goto(f"{site.address}/cases/{site.case}")
    page.set_input_files("#photo", [files["probe.jpg"], files["letter.jpg"]])
    expect(page.locator("[data-files] li")).to_have_count(2)
    page.get_by_role("button", name="Find the faces").click()
    expect(page.get_by_role("alert")).to_contain_text("1 of 2 photos were handed in")
    expect(page.get_by_role("alert")).to_contain_text("letter.jpg")
    watched.close()


def test_on_a_touch_screen_dragging_is_switched_on(
    browser: Browser,
    site: Served,
    files: dict[str, Path],  # noqa: F811
) -> None:
    watched = Watched(browser, site, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = watched.page
    watched.submit(files["two.jpg"])
    page.get_by_role("link", name="Prepare the photo").click()
    settle(page)
    script = """(stage) => {
      const box = stage.getBoundingClientRect();
      const at = (x, y) => ({ clientX: box.left + x * box.width, clientY: box.top + y * box.height });
      const common = { pointerId: 7, pointerType: "touch", button: 0, bubbles: true };
      stage.setPointerCapture = () => {};
      stage.dispatchEvent(new PointerEvent("pointerdown", { ...common, ...at(0.1, 0.1) }));
      stage.dispatchEvent(new PointerEvent("pointermove", { ...common, ...at(0.6, 0.6) }));
      stage.dispatchEvent(new PointerEvent("pointerup", { ...common, ...at(0.6, 0.6) }));
    }"""
    stage = page.locator("[data-stage]")
    stage.evaluate(script)
    expect(page.get_by_label("Width")).to_have_value("1024")
    page.get_by_role("button", name="Drag with a finger").tap()
    stage.evaluate(script)
    assert abs(int(page.get_by_label("Width").input_value()) - 512) <= 4
    page.get_by_role("button", name="Crop", exact=True).tap()
    count(page, 1)
    watched.close()
