"""The pages in French in a real browser: they fit, can be read, and show no English."""

import re
from typing import Any, Final

from playwright.sync_api import Browser, expect
from tests.site_fixtures import Served
from tests.strings import CATALOGUES, list_entries, read_catalogue
from tests.web.every_page import EveryPage
from tests.web.test_browser import Watched

from semblance.terms.samples import QualityMeasure

READ_TEXTS: Final = """() => {
  const texts = [document.title];
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!parent.closest("script, style, code, pre, [lang=en]")) texts.push(walker.currentNode.textContent);
  }
  for (const element of document.querySelectorAll("*:not([lang=en])")) {
    for (const name of ["aria-label", "title", "placeholder", "alt", "data-name"]) {
      if (element.hasAttribute(name)) texts.push(element.getAttribute(name));
    }
  }
  return texts.map((text) => text.replace(/[ \\t\\n]+/g, " ").trim()).filter((text) => text);
}"""
"""Everything on a page that is read or read aloud."""


def _list_english() -> frozenset[str]:
    """Return the strings that are said otherwise in French."""
    found: set[str] = set()
    for message in list_entries(read_catalogue(CATALOGUES / "fr.po")):
        sources = message.id if isinstance(message.id, tuple | list) else (message.id,)
        french = message.string if isinstance(message.string, tuple | list) else (message.string,)
        found |= {source for source in sources if source not in french}
    # what is French as well, with another meaning
    said_in_french = {text for message in list_entries(read_catalogue(CATALOGUES / "fr.po")) for text in _says(message)}
    return frozenset(found - said_in_french)


def _says(message: Any) -> tuple[str, ...]:
    whole = tuple(message.string) if isinstance(message.string, tuple | list) else (message.string,)
    # between tags stand texts of their own
    return (*whole, *(part for text in whole for part in re.split(r"<[^<>]*>", text)))


# the standard's own names of components are titles beside their French ones
ENGLISH: Final = _list_english() - {measure.value for measure in QualityMeasure}


def _match_filled() -> re.Pattern[str]:
    """Return what matches every string with something in its holes; those of little but holes are left out."""
    patterns = []
    for text in ENGLISH:
        parts = HOLE.split(text)
        if len(parts) > 1 and "<" not in text and sum(len(word) > 3 for word in "".join(parts).split()) > 1:
            patterns.append(".+?".join(map(re.escape, parts)))
    return re.compile("|".join(patterns), re.DOTALL)


HOLE: Final = re.compile(r"%\(\w+\)s|\{\w+\}")
FILLED: Final = _match_filled()


def _check(watched: Watched, *paths: str) -> None:
    for path in paths:
        watched.page.goto(f"{watched.address}/{path}")
        watched.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert watched.page.evaluate("document.documentElement.lang") == "fr", path
        texts = watched.page.evaluate(READ_TEXTS)
        assert len(texts) > 8, path
        assert [text for text in texts if text in ENGLISH or FILLED.fullmatch(text)] == [], path
        watched.check_views()


def test_every_page_fits_in_french_and_shows_no_english(browser: Browser, every_page: EveryPage) -> None:
    site = every_page.site
    pages = {name: tuple(path[1:] for path in paths) for name, paths in every_page.pages.items()}
    pages |= {"alice": (*pages["alice"], "nothing"), "dora": (*pages["dora"], "records/nothing")}
    options: dict[str, Any] = {"locale": "fr-FR"}
    for name, paths in pages.items():
        watched = Watched(browser, site, name, **options)
        _check(watched, *paths)
        watched.close()
    stranger = Watched(browser, site, **options)
    stranger.context.clear_cookies()
    _check(stranger, "sign-in")
    stranger.page.get_by_role("button", name="English").click()
    expect(stranger.page.get_by_role("heading", level=1)).to_have_text("Sign in")
    stranger.page.get_by_role("button", name="Français").click()
    expect(stranger.page.get_by_role("heading", level=1)).to_have_text("Se connecter")
    stranger.close()


def test_scripts_say_what_the_page_holds(browser: Browser, site: Served) -> None:
    watched = Watched(browser, site, locale="fr-FR")
    watched.page.goto(f"{watched.address}/policy")
    said = watched.page.evaluate("""async () => {
      const { say } = await import("/static/say.js");
      const form = document.querySelector("form");
      form.dataset.sayTooLarge = "{name} : {size} Mo, {unknown}";
      form.dataset.sayMarks = "{n} marques";
      form.dataset.sayMarksOne = "{n} marque";
      const button = form.querySelector("button");
      return [say(button, "tooLarge", { name: "a.jpg", size: 0 }), ...[0, 1, 2].map((n) => say(form, "marks", { n }))];
    }""")
    # zero is one of the singular numbers in French
    assert said == ["a.jpg : 0 Mo, {unknown}", "0 marque", "1 marque", "2 marques"]
    watched.close()
