"""Signing in with a second factor in a real browser: by keyboard, on a phone, under the pages' own security policy."""

import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyotp
import pytest
import uvicorn
from playwright.sync_api import Browser, expect, sync_playwright
from tests.accounts import PASSWORD
from tests.accounts_site import Visited, visited  # noqa: F401 - fixtures are found by their names here

from semblance.people.account_rules import AccountRules
from semblance.server.site import make_site, open_socket

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium is installed on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def address(visited: Visited) -> Iterator[str]:  # noqa: F811
    """Serve the site on a loopback port, with a second factor required."""
    node = replace(visited.node, accounts=AccountRules())
    listening = open_socket("127.0.0.1", 0)
    listening.listen()
    server = uvicorn.Server(uvicorn.Config(make_site(node, visited.settings), log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=20)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scripts", [True, False])
def test_from_the_sign_in_page_to_the_account(browser: Browser, address: str, width: int, *, scripts: bool) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844}, java_script_enabled=scripts)
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{address}/account")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    # the name has the focus: no mouse is needed
    page.keyboard.type("alice")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Set up the second factor")).to_be_visible()
    assert not _scrolls_sideways(page, scripts=scripts)
    page.get_by_text("Type the key instead").click()
    key = page.locator(".key-text code").inner_text().replace(" ", "")
    totp = pyotp.TOTP(key)
    page.get_by_label("Code from the app").fill(totp.now())
    page.keyboard.press("Enter")
    expect(page.locator(".codes li")).to_have_count(10)
    paper = page.locator(".codes li").first.inner_text()
    page.get_by_role("link", name="I have kept them").click()
    page.goto(f"{address}/account")
    expect(page.get_by_text("10 codes on paper left")).to_be_visible()
    assert not _scrolls_sideways(page, scripts=scripts)
    page.get_by_role("button", name="Sign out").first.click()
    page.get_by_label("Name").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code").fill(paper)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{address}/account")
    expect(page.get_by_text("9 codes on paper left")).to_be_visible()
    assert complaints == []
    context.close()


def _scrolls_sideways(page: Any, *, scripts: bool) -> bool:
    return scripts and page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
