"""The comparison page in a real browser: tools, checklist and conclusion by keyboard, and nothing that gets lost."""

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, expect, sync_playwright
from tests.web.comparison_harness import EMPTY, Comparison, Shot, open_shots, serve

from semblance.cases.opinion import Component

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
NOISE = ("Failed to load resource", "Blocked attempt to show a 'beforeunload'")
REASON = "The ears and the scar above the brow correspond."


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium is installed on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def shots(astronaut_path: Path, hopper_path: Path) -> dict[str, Shot]:
    return open_shots(astronaut_path, hopper_path)


@pytest.fixture(scope="module")
def served(shots: dict[str, Shot]) -> Iterator[Comparison]:
    with serve(Comparison(shots)) as comparison:
        yield comparison


@pytest.fixture
def node(served: Comparison) -> Comparison:
    served.draft, served.version, served.fault, served.turn = dict(EMPTY), 0, None, served.turn + 1
    served.posted, served.recorded, served.form, served.closed = [], None, {}, False
    return served


class Workbench:
    """One tab with the comparison open; a policy violation or a script's error fails the test."""

    def __init__(self, browser: Browser, node: Comparison, **options: Any) -> None:
        self.node = node
        self.context: BrowserContext = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.open()

    def open(self) -> None:
        self.page.goto(self.node.address)
        self.wait()

    def wait(self) -> None:
        self.page.locator(".comparison[data-ready]").wait_for()

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(NOISE):
            self.complaints.append(message.text)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def expect_status(self, words: str | re.Pattern[str]) -> None:
        expect(self.page.locator("[data-status]")).to_have_text(words)

    def expect_trouble(self, words: str) -> None:
        expect(self.page.locator("[data-trouble-words]")).to_contain_text(words)

    def pressed(self, command: str) -> str | None:
        return self.page.locator(f"[data-command={command}]").get_attribute("aria-pressed")

    def picture(self, key: str) -> str:
        """Return everything that a pane shows, as text to compare."""
        return str(
            self.page.evaluate(
                """async (key) => {
                  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
                  const all = [...document.querySelectorAll(`[data-photo=${key}] canvas`)];
                  return all.map((canvas) => canvas.toDataURL()).join(" ");
                }""",
                key,
            )
        )

    def view(self) -> dict[str, Any]:
        self.expect_status("Saved")
        view: dict[str, Any] = json.loads(self.node.draft["view"])
        return view

    def close(self) -> None:
        self.context.close()
        assert self.complaints == []


@pytest.fixture
def workbench(browser: Browser, node: Comparison) -> Iterator[Workbench]:
    workbench = Workbench(browser, node)
    yield workbench
    workbench.close()


def test_the_eyes_of_both_photos_lie_at_the_same_place(workbench: Workbench) -> None:
    workbench.press("a", "a")
    workbench.press("p", "r")
    places = {}
    view = workbench.view()
    for key in ("probe", "reference"):
        shot = workbench.node.shots[key]
        (ax, ay), (bx, by) = shot.left_eye, shot.right_eye
        places[key] = workbench.page.evaluate(
            """async ([key, view, left, right]) => {
              const { findPlacement, apply } = await import("/static/compare/geometry.js");
              const { Photo } = await import("/static/compare/photo.js");
              const pair = {};
              for (const figure of document.querySelectorAll("[data-photo]")) {
                const photo = new Photo(figure);
                pair[photo.key] = photo;
              }
              const matrix = findPlacement(pair[key], pair, view, { width: 400, height: 500 });
              return [left, right].map(([x, y]) => apply(matrix, { x, y }));
            }""",
            [key, view, [ax, ay], [bx, by]],
        )
    for probe, reference in zip(places["probe"], places["reference"], strict=True):
        assert abs(probe["x"] - reference["x"]) < 0.01
        assert abs(probe["y"] - reference["y"]) < 0.01


@pytest.mark.parametrize(
    ("keys", "photos"),
    [
        ("g", ("probe", "reference")),
        ("e", ("probe", "reference")),
        ("+", ("probe", "reference")),
        ("-", ("probe", "reference")),
        ("9", ("probe", "reference")),
        ("1", ("probe", "reference")),
        ("a", ("reference",)),
        ("z", ("probe",)),
        ("x", ("probe",)),
        ("t", ("probe",)),
        (".", ("probe",)),
        ("i", ("probe",)),
        ("c", ("probe",)),
    ],
)
def test_a_tool_changes_what_is_seen_and_another_press_or_a_reset_takes_it_back(
    workbench: Workbench, keys: str, photos: tuple[str, ...]
) -> None:
    workbench.press("0")
    before = {key: workbench.picture(key) for key in ("probe", "reference")}
    workbench.press(keys)
    for key in photos:
        assert workbench.picture(key) != before[key], f"{keys} does nothing to the {key}"
    if set(photos) == {"probe"} and keys != "z":
        assert workbench.picture("reference") == before["reference"]
    workbench.press(keys if keys in "geaz" else "y", "0")
    assert workbench.picture("probe") == before["probe"]


def test_arrangements_and_their_settings(workbench: Workbench) -> None:
    page = workbench.page
    workbench.press("w")
    assert workbench.pressed("wipe") == "true"
    assert workbench.pressed("side") == "false"
    reference = page.locator("[data-photo=reference] .picture")
    expect(reference).to_have_css("clip-path", "inset(0px 0px 0px 50%)")
    workbench.press("]", "]", "v")
    expect(reference).to_have_css("clip-path", "inset(54% 0px 0px)")
    workbench.press("o", "[")
    expect(reference).to_have_css("opacity", "0.48")
    expect(reference).to_have_css("clip-path", "none")
    workbench.press("b", "k")
    expect(page.locator("[data-command=pause]")).to_have_attribute("aria-pressed", "true")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    was = reference.is_visible()
    workbench.press("n")
    expect(reference).to_be_visible(visible=not was)
    view = workbench.view()
    assert (view["mode"], view["wipe"], view["down"], view["opacity"]) == ("blink", 54, True, 48)
    assert workbench.node.draft["conclusion"] is None
    assert workbench.node.draft["checklist"] == {}


def test_blinking_is_never_faster_than_three_times_a_second(workbench: Workbench) -> None:
    workbench.press("b")
    slider = workbench.page.locator("[data-slider=interval]")
    assert float(str(slider.get_attribute("min"))) >= 1000 / 3
    for _ in range(60):
        workbench.press("[")
    expect(slider).to_have_value(str(slider.get_attribute("min")))


def test_blinking_waits_for_who_asked_for_less_motion(browser: Browser, node: Comparison) -> None:
    workbench = Workbench(browser, node, reduced_motion="reduce")
    workbench.press("b")
    assert workbench.pressed("pause") == "true"
    reference = workbench.page.locator("[data-photo=reference] .picture")
    before = reference.is_visible()
    workbench.page.wait_for_timeout(900)
    assert reference.is_visible() == before
    workbench.press("k")
    expect(reference).to_be_visible(visible=not before)
    workbench.close()


def test_linked_photos_move_together_and_unlinked_ones_do_not(workbench: Workbench) -> None:
    def where(key: str) -> tuple[float, float]:
        photo = workbench.view()["photos"][key]
        return photo["x"], photo["zoom"]

    workbench.press("p", "g")
    before = where("reference")
    workbench.press("Shift+ArrowLeft", "+")
    together = where("reference")
    assert together == where("probe")
    assert together[0] < before[0]
    assert together[1] > before[1]
    workbench.press("l", "Shift+ArrowLeft", "+")
    assert where("reference") == together
    assert where("probe") != together


def test_a_measure_by_keyboard_is_told_as_a_share_of_the_distance_between_the_eyes(workbench: Workbench) -> None:
    workbench.press("p", "d", "Enter")
    for _ in range(30):
        workbench.press("ArrowRight")
    workbench.press("Enter")
    measured = workbench.view()["photos"]["probe"]["measure"]
    pixels = measured["to"]["x"] - measured["from"]["x"]
    assert pixels > 0
    reading = workbench.page.locator("[data-photo=probe] [data-reading]")
    words = reading.inner_text()
    found = re.search(r"([\d.]+) px, ([\d.]+) of the distance", words)
    assert found, words
    (ax, ay), (bx, by) = workbench.node.shots["probe"].left_eye, workbench.node.shots["probe"].right_eye
    eyes = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
    assert float(found[2]) == pytest.approx(float(found[1]) / eyes, abs=0.003)
    workbench.press("Escape", "p")
    workbench.press("Delete")
    expect(reading).not_to_contain_text("px")


def test_marks_pair_up_move_and_go(workbench: Workbench) -> None:
    page = workbench.page
    workbench.press("m", "p", "Enter", *["ArrowDown"] * 40, "Enter", "r", "Enter", *["ArrowDown"] * 40, "Enter")
    workbench.expect_status("Saved")
    assert [mark["number"] for mark in workbench.node.draft["marks"]] == [1, 2]
    assert all(mark["probe"] and mark["reference"] for mark in workbench.node.draft["marks"])
    before = workbench.node.draft["marks"][1]["reference"]
    workbench.press("Enter", *["ArrowRight"] * 10, "Enter")
    workbench.expect_status("Saved")
    after = workbench.node.draft["marks"][1]["reference"]
    assert after["x"] > before["x"]
    workbench.press("Delete")
    expect(page.locator("[data-marks] li").nth(1)).to_contain_text("Reference: not marked")
    page.get_by_role("button", name="Remove mark 1").click()
    workbench.expect_status("Saved")
    assert [mark["number"] for mark in workbench.node.draft["marks"]] == [2]


def test_marks_and_divider_by_mouse(workbench: Workbench) -> None:
    page = workbench.page
    page.get_by_role("button", name="Mark", exact=True).click()
    box = page.locator("[data-photo=probe] [data-glass]").bounding_box()
    assert box
    page.mouse.click(box["x"] + 100, box["y"] + 100)
    workbench.expect_status("Saved")
    first = workbench.node.draft["marks"][0]["probe"]
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 150, steps=4)
    page.mouse.up()
    expect(page.locator("[data-status]")).to_have_text("Saved")
    page.wait_for_timeout(700)
    workbench.expect_status("Saved")
    assert workbench.node.draft["marks"][0]["probe"]["x"] > first["x"]
    workbench.press("w")
    wide = page.locator(".panes").bounding_box()
    assert wide
    page.mouse.move(wide["x"] + wide["width"] / 2, wide["y"] + 50)
    page.mouse.down()
    page.mouse.move(wide["x"] + wide["width"] / 4, wide["y"] + 50, steps=4)
    page.mouse.up()
    expect(page.locator("[data-slider=wipe]")).to_have_value("25")


def test_two_fingers_zoom(browser: Browser, node: Comparison) -> None:
    workbench = Workbench(browser, node, has_touch=True, viewport={"width": 390, "height": 844})
    box = workbench.page.locator("[data-photo=probe] [data-glass]").bounding_box()
    assert box
    x, y = box["x"] + 80, box["y"] + 100
    before = workbench.page.locator("[data-shown=zoom]").inner_text()
    session = workbench.context.new_cdp_session(workbench.page)
    for kind, apart in (("Start", 20), ("Move", 30), ("Move", 40)):
        points = [{"x": x - apart, "y": y, "id": 1}, {"x": x + apart, "y": y, "id": 2}]
        session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(workbench.page.locator("[data-shown=zoom]")).not_to_have_text(before)
    now, then = (int(text.split()[0]) for text in (workbench.page.locator("[data-shown=zoom]").inner_text(), before))
    assert 1.7 < now / then < 2.3
    workbench.close()


def test_single_keys_leave_text_fields_alone_and_can_be_switched_off(workbench: Workbench) -> None:
    page = workbench.page
    page.locator("#reason").focus()
    page.keyboard.type("wgb?1")
    expect(page.locator("#reason")).to_have_value("wgb?1")
    assert workbench.pressed("wipe") == "false"
    page.evaluate("document.activeElement.blur()")
    workbench.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.locator("[data-letters]").uncheck()
    workbench.press("Escape", "w")
    assert workbench.pressed("wipe") == "false"
    page.locator("[data-photo=probe] [data-glass]").focus()
    workbench.press("w")
    assert workbench.pressed("wipe") == "true"


def test_a_whole_comparison_by_keyboard_alone(workbench: Workbench) -> None:
    page = workbench.page
    workbench.press("w", "s", "m", "p", "Enter", "r", "Enter", "j")
    for _ in range(len(Component) - 1):
        workbench.press("1")
    workbench.press("2")
    page.keyboard.type("The light comes from the other side.")
    workbench.press("Tab")
    page.keyboard.type("1")
    expect(page.locator("[data-count]")).to_have_text("18 of 18 gone through")
    workbench.press("Shift+Tab", "Shift+Tab", "u", "Space")
    expect(page.locator("[data-needs]")).to_have_text("A reason")
    workbench.press("Tab")
    assert page.evaluate("document.activeElement.id") == "reason"
    page.keyboard.type(REASON)
    expect(page.locator("[data-needs]")).to_have_text("Nothing is missing")
    workbench.press("Tab", "Enter")
    page.wait_for_url("**/next")
    recorded = workbench.node.recorded
    assert recorded is not None
    assert recorded["conclusion"] == "potential"
    assert recorded["reason"] == REASON
    assert list(recorded["checklist"]) == [component.value for component in Component]
    assert recorded["checklist"]["alterations"] == {
        "finding": "differs",
        "note": "The light comes from the other side.",
        "marks": [1],
    }
    assert [mark["number"] for mark in recorded["marks"]] == [1]


def test_what_is_missing_is_said_at_its_field(workbench: Workbench) -> None:
    workbench.press("u", "Space")
    workbench.page.get_by_role("button", name="Record this opinion").click()
    expect(workbench.page.locator("#reason-problem")).to_have_text("say in a sentence what the conclusion rests on")
    assert workbench.page.evaluate("document.activeElement.id") == "reason"
    assert workbench.node.recorded is None


def test_nothing_is_lost_on_reload(workbench: Workbench) -> None:
    page = workbench.page
    workbench.press("m", "p", "Enter", "w", "j", "1", "2")
    page.keyboard.type("Wider.")
    page.locator("#reason").fill(REASON)
    page.locator("[name=conclusion][value=inconclusive]").check()
    page.locator("[name=grounds][value=pose]").check()
    # at once, before the pause after which it would be saved
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    workbench.wait()
    page.reload()
    workbench.wait()
    expect(page.locator("#reason")).to_have_value(REASON)
    expect(page.locator("#note-outline")).to_have_value("Wider.")
    expect(page.locator("[name=finding-skin][value=corresponds]")).to_be_checked()
    expect(page.locator("[name=grounds][value=pose]")).to_be_checked()
    expect(page.locator("[name=conclusion][value=inconclusive]")).to_be_checked()
    expect(page.locator("[data-marks] li")).to_have_count(1)
    assert workbench.pressed("wipe") == "true"


def test_a_tab_that_is_closed_at_once_has_saved(workbench: Workbench) -> None:
    workbench.page.locator("#reason").fill(REASON)
    workbench.page.close()
    again = workbench.context.new_page()
    again.wait_for_timeout(300)
    assert workbench.node.draft["reason"] == REASON


def test_a_link_waits_until_everything_is_saved(workbench: Workbench) -> None:
    workbench.page.locator("#reason").fill(REASON)
    workbench.page.get_by_role("link", name="Next").click()
    workbench.page.wait_for_url("**/next")
    assert workbench.node.draft["reason"] == REASON


def test_who_leaves_what_cannot_be_saved_is_warned(workbench: Workbench) -> None:
    page = workbench.page
    workbench.node.fault = "401"
    page.locator("#reason").focus()
    page.keyboard.type("Wider.")
    workbench.expect_trouble("Your session ended")
    warned: list[str] = []

    def stay(dialog: Dialog) -> None:
        warned.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_role("link", name="Next").click(no_wait_after=True)
    page.wait_for_timeout(200)
    assert warned == ["beforeunload"]
    expect(page.locator("#reason")).to_have_value("Wider.")


def test_full_screen_keeps_the_photos_and_the_checklist(workbench: Workbench) -> None:
    workbench.press("f")
    expect(workbench.page.locator("[data-command=screen]")).to_have_attribute("aria-pressed", "true")
    expect(workbench.page.locator("#checklist-title")).to_be_visible()
    workbench.press("f")
    expect(workbench.page.locator("[data-command=screen]")).to_have_attribute("aria-pressed", "false")


def test_a_note_without_a_finding_is_kept(workbench: Workbench) -> None:
    page = workbench.page
    workbench.press("j", "2")
    page.keyboard.type("Perhaps.")
    page.locator("#component-skin [data-clear]").click()
    workbench.expect_status("Not saved yet")
    workbench.expect_status("Saved")
    assert "skin" not in workbench.node.draft["checklist"]
    workbench.open()
    expect(page.locator("#note-skin")).to_have_value("Perhaps.")
    expect(page.locator("[name=finding-skin]:checked")).to_have_count(0)


@pytest.mark.parametrize("fault", ["401", "signed-out"])
def test_a_session_that_ends_costs_nothing(workbench: Workbench, fault: str) -> None:
    page = workbench.page
    workbench.node.fault = fault
    page.locator("#reason").fill(REASON)
    workbench.expect_trouble("Your session ended")
    workbench.expect_status("Not saved")
    link = page.get_by_role("link", name="Sign in in a new tab")
    assert (link.get_attribute("href"), link.get_attribute("target")) == ("/sign-in", "_blank")
    expect(page.locator("#reason")).to_have_value(REASON)
    workbench.press("g")
    page.locator("#reason").fill(f"{REASON} And the chin.")
    assert workbench.node.posted == []
    workbench.node.fault = None
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    workbench.expect_status("Saved")
    assert workbench.node.draft["reason"] == f"{REASON} And the chin."
    expect(page.locator("[data-trouble]")).to_be_hidden()


def test_recording_after_the_session_ended_loses_nothing(workbench: Workbench) -> None:
    page = workbench.page
    page.locator("#reason").fill(REASON)
    workbench.press("Tab")
    page.locator("[name=conclusion][value=no-candidate]").check()
    workbench.expect_status("Saved")
    workbench.node.fault = "401"
    page.get_by_role("button", name="Record this opinion").click()
    workbench.expect_trouble("Your session ended")
    workbench.node.fault = None
    page.get_by_role("button", name="Try again now").click()
    workbench.expect_status("Saved")
    page.get_by_role("button", name="Record this opinion").click()
    page.wait_for_url("**/next")
    assert workbench.node.recorded is not None
    assert workbench.node.recorded["version"] == workbench.node.version


def test_another_tab_that_saved_stops_this_one(workbench: Workbench) -> None:
    page = workbench.page
    workbench.node.version = 7
    page.locator("#reason").fill(REASON)
    workbench.expect_trouble("Another tab saved this.")
    page.locator("#reason").fill("More.")
    page.wait_for_timeout(900)
    assert workbench.node.posted == []
    expect(page.locator("#reason")).to_have_value("More.")
    page.get_by_role("button", name="Load what was saved").click()
    workbench.wait()
    expect(page.locator("#reason")).to_have_value("")


def test_a_photo_that_was_deleted_is_said(workbench: Workbench) -> None:
    workbench.node.fault = "gone"
    workbench.page.locator("#reason").fill(REASON)
    workbench.expect_trouble("The probe was deleted on 3 May.")
    expect(workbench.page.locator("#reason")).to_have_value(REASON)


def test_a_node_that_cannot_be_reached_is_tried_again(workbench: Workbench) -> None:
    workbench.node.fault = "broken"
    workbench.page.locator("#reason").fill(REASON)
    workbench.expect_trouble("The node cannot be reached.")
    workbench.node.fault = None
    workbench.page.get_by_role("button", name="Try again now").click()
    workbench.expect_status("Saved")
    workbench.page.context.set_offline(True)
    workbench.page.locator("#reason").fill("More.")
    workbench.expect_trouble("The node cannot be reached.")
    workbench.page.context.set_offline(False)
    workbench.expect_status("Saved")
    assert workbench.node.draft["reason"] == "More."


def test_a_closed_comparison_is_read_only(browser: Browser, node: Comparison) -> None:
    node.closed = True
    workbench = Workbench(browser, node)
    workbench.press("m", "p", "Enter", "g")
    assert workbench.pressed("grid") == "true"
    expect(workbench.page.locator("[data-marks] li")).to_have_count(0)
    expect(workbench.page.get_by_role("button", name="Record this opinion")).to_have_count(0)
    expect(workbench.page.locator("[name=finding-skin]").first).to_be_disabled()
    workbench.page.wait_for_timeout(800)
    assert node.posted == []
    workbench.close()


def test_a_file_that_is_dropped_does_not_replace_the_page(workbench: Workbench) -> None:
    workbench.page.evaluate("""() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(["x"], "letter.txt"));
      document.querySelector(".panes").dispatchEvent(
        new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }""")
    expect(workbench.page.locator("[data-announce]")).to_contain_text("Photos are added in the case")


def test_without_scripts_it_is_a_form(browser: Browser, node: Comparison) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(node.address)
    for key in ("probe", "reference"):
        box = page.locator(f"[data-photo={key}] img").bounding_box()
        assert box
        assert min(box["width"], box["height"]) > 200
    expect(page.locator(".toolbar")).to_be_hidden()
    page.locator("[name=finding-nose][value=differs]").check(force=True)
    page.locator("#note-nose").fill("Broader.")
    page.locator("[name=conclusion][value=no-candidate]").check()
    page.locator("#reason").fill(REASON)
    page.get_by_role("button", name="Record this opinion").click()
    expect(page.get_by_role("heading", name="Recorded")).to_be_visible()
    assert node.form["finding-nose"] == ["differs"]
    assert node.form["note-nose"] == ["Broader."]
    assert node.form["conclusion"] == ["no-candidate"]
    assert node.form["version"] == ["0"]
    context.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_violation_of_wcag(browser: Browser, node: Comparison, width: int, scheme: Any) -> None:
    workbench = Workbench(browser, node, viewport={"width": width, "height": 844}, color_scheme=scheme)
    page = workbench.page
    workbench.press("m", "p", "Enter", "w", "j", "1", "2")
    workbench.node.fault = "401"
    page.locator("#reason").fill(REASON)
    workbench.expect_trouble("Your session ended")
    page.locator("[name=conclusion][value=inconclusive]").check()
    page.get_by_role("button", name="Mark", exact=True).blur()
    inner, outer = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert inner <= outer
    for opened in (False, True):
        if opened:
            page.evaluate("document.querySelector('#help').showModal()")
        results = Axe().run(page, options={"resultTypes": ["violations"]})
        assert results.violations_count == 0, results.generate_report()
    workbench.close()


FRAMES = """async (kind) => {
  const gaps = [];
  const seen = new Set();
  const [zoom, handle] = ["[data-shown=zoom]", ".handle"].map((one) => document.querySelector(one));
  const glass = document.querySelector("[data-photo=probe] [data-glass]");
  const { left, top, width, height } = glass.getBoundingClientRect();
  const slider = document.querySelector("[data-slider=wipe]");
  let last = await new Promise(requestAnimationFrame);
  for (let at = 0; at < 150; at += 1) {
    if (kind === "wipe") {
      slider.value = 50 + 45 * Math.sin(at / 10);
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    } else {
      glass.dispatchEvent(new WheelEvent("wheel", {
        deltaY: at % 60 < 30 ? -40 : 40, clientX: left + width / 2, clientY: top + height / 3,
        bubbles: true, cancelable: true }));
    }
    const now = await new Promise(requestAnimationFrame);
    gaps.push(now - last);
    seen.add(`${zoom.textContent} ${handle.style.transform}`);
    last = now;
  }
  gaps.sort((a, b) => a - b);
  return { median: gaps[75], ninety: gaps[135], worst: gaps[149], late: gaps.filter((gap) => gap > 25).length,
    seen: seen.size };
}"""


@pytest.mark.skipif(os.environ.get("SEMBLANCE_TEST_TIMING") != "1", reason="timings only where they are asked for")
def test_two_24_megapixel_photos_are_there_within_a_second_and_move_60_times_a_second(
    browser: Browser, shots: dict[str, Shot], capsys: pytest.CaptureFixture[str]
) -> None:
    large = {key: shot.enlarge(10 if key == "probe" else 9) for key, shot in shots.items()}
    with serve(Comparison(large)) as node:
        told = {}
        for turn in ("pictures made for the first time", "pictures kept"):
            workbench = Workbench(browser, node)
            told[turn] = workbench.page.evaluate("performance.now()")
            told[f"{turn}, ready at"] = workbench.page.evaluate("performance.getEntriesByName('ready')[0].startTime")
            if turn == "pictures made for the first time":
                workbench.close()
        frames = {"zoom": workbench.page.evaluate(FRAMES, "zoom")}
        workbench.press("w")
        frames["wipe"] = workbench.page.evaluate(FRAMES, "wipe")
        frames["zoom while wiped"] = workbench.page.evaluate(FRAMES, "zoom")
        workbench.close()
        workbench = Workbench(browser, node, viewport={"width": 1920, "height": 1080})
        frames["zoom, large screen"] = workbench.page.evaluate(FRAMES, "zoom")
        workbench.press("w")
        frames["wipe, large screen"] = workbench.page.evaluate(FRAMES, "wipe")
        workbench.close()
    with capsys.disabled():
        sys.stdout.write(f"\n{told}\n{frames}\n")
    assert told["pictures kept, ready at"] < 1000
    for name, gaps in frames.items():
        assert gaps["ninety"] < 20, (name, gaps)
        assert gaps["seen"] > 20, f"{name} moved nothing"
