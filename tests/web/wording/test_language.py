"""The languages of the pages: which one is spoken, and that French is whole."""

import html
import re
from pathlib import Path

import pytest
from markupsafe import Markup
from tests.accounts_site import Visited, visited  # noqa: F401 - fixtures are found by their names here
from tests.strings import CATALOGUES, WEB, extract_strings, list_entries, read_catalogue

from semblance.web.wording.language import LANGUAGES, SOURCE, _, choose_language, ngettext, speaking

HOLE = re.compile(r"%\(\w+\)[sd]|(?<!%)\{\w+(?::[^{}]*)?\}|</?\w+[^>]*>")
TRANSLATED = sorted(set(LANGUAGES) - {SOURCE})


@pytest.mark.parametrize(
    ("cookie", "accepted", "spoken"),
    [
        ("", "", "en"),
        ("", "fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        ("", "de, en;q=0.5, fr;q=0.7", "fr"),
        ("", "en-GB,fr;q=0.9", "en"),
        ("", "fr;q=0, en;q=0.1", "en"),
        ("", "fr;q=x, *;q=0.1", "en"),
        ("", ";;;,,q=,=\0", "en"),
        ("fr", "en", "fr"),
        ("en", "fr", "en"),
        ("xx", "fr", "fr"),
    ],
)
def test_the_choice_comes_before_the_browser_s_languages(cookie: str, accepted: str, spoken: str) -> None:
    assert choose_language(cookie, accepted) == spoken


def test_a_stranger_chooses_and_stays_where_they_were(visited: Visited) -> None:  # noqa: F811
    client = visited.open_client()
    assert '<html lang="en">' in client.get("/sign-in").text
    assert '<html lang="fr">' in client.get("/sign-in", headers={"accept-language": "fr-BE"}).text
    page = client.get("/sign-in?next=/cases%3Fstate%3Dopen").text
    assert 'name="next" value="/sign-in?next=/cases%3Fstate%3Dopen"' in page
    answer = client.post("/language", data={"language": "fr", "next": "/sign-in?next=/cases%3Fstate%3Dopen"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/cases%3Fstate%3Dopen")
    cookie = answer.headers["set-cookie"]
    assert "SameSite=strict" in cookie
    assert "HttpOnly" in cookie
    assert '<html lang="fr">' in client.get("/sign-in", headers={"accept-language": "en"}).text
    assert '<html lang="fr">' in client.get("/nothing").text, "error pages speak it, too"


@pytest.mark.parametrize("onward", ["https://evil.invalid/", "//evil.invalid", "/sign-in/back?code=1", "/sign-out"])
def test_the_choice_leads_nowhere_else(visited: Visited, onward: str) -> None:  # noqa: F811
    answer = visited.open_client().post("/language", data={"language": "xx", "next": onward})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "set-cookie" not in answer.headers


def test_holes_are_escaped_beside_markup() -> None:
    assert _("{a} & {b}", a="<i>", b="x") == "<i> & x"
    assert _("{a} & {b}", a="<i>", b=Markup("<b>x</b>")) == Markup("&lt;i&gt; &amp; <b>x</b>")
    assert ngettext("{n} face", "{n} faces", 12_000) == "12\u00a0000 faces"
    with speaking("xx"):
        assert _("Cases") == "Cases"


NAMES = frozenset({"· Semblance", "Semblance", "API", "SHA-256", "0–100"})  # noqa: RUF001


@pytest.mark.parametrize("path", sorted((WEB / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_no_template_holds_words_that_are_not_translated(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    hidden = (
        r"{% trans\b.*?{% endtrans %}|{% set \w+ %}.*?{% endset %}|{{.*?}}|{%.*?%}|{#.*?#}|<(code|script)\b.*?</\1>"
    )
    plain = re.sub(hidden, "\0", source, flags=re.DOTALL)
    shown = [text.strip() for text in re.split(r"<[^<>]*>|\0", plain)]
    named = re.findall(r'\b(?:aria-label|title|placeholder|alt|data-name)="([^"\0]+)"', plain)
    words = [text for text in (*shown, *named) if re.search(r"[A-Za-z]{2}", text) and text not in NAMES]
    assert [text for text in words if not text.startswith("aria-")] == []
    chosen = re.findall(r"{{[^}]*\bif\b[^}]*}}", source)
    bare = [text for text in chosen if re.search(r'"[A-Z]?[a-z]+( [a-z]+)+', re.sub(r"\b\w*_?\([^)]*\)", "", text))]
    assert bare == [], "what a condition chooses is a string, too"


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogue_is_whole(language: str) -> None:
    catalogue = read_catalogue(CATALOGUES / f"{language}.po")
    wanted = {(message.context, message.id) for message in list_entries(extract_strings())}
    held = {(message.context, message.id) for message in list_entries(catalogue)}
    assert wanted - held == set(), "run `make strings`, then translate what is empty"
    assert held - wanted == set(), "run `make strings`: these are no longer used"
    assert not catalogue.obsolete
    for message in list_entries(catalogue):
        assert not message.fuzzy, message.id
        assert message.string, f"{message.id!r} is not translated"
        assert all(message.string), f"{message.id!r} is not translated"


@pytest.mark.parametrize("language", TRANSLATED)
def test_holes_and_tags_are_the_same(language: str) -> None:
    for message in list_entries(read_catalogue(CATALOGUES / f"{language}.po")):
        sources = message.id if isinstance(message.id, tuple | list) else (message.id,)
        wanted = sorted(HOLE.findall(sources[-1]))
        for translated in message.string if isinstance(message.string, tuple | list) else (message.string,):
            found = sorted(HOLE.findall(translated or ""))
            assert found == wanted or (len(sources) > 1 and found == sorted(HOLE.findall(sources[0]))), message.id
            assert not re.search(r"[^\s][ ][:;?!»]|«[ ]", translated or ""), f"no-break spaces: {translated}"


SAID: tuple[tuple[str, str, dict[str, str], str], ...] = (
    ("", "/sign-in", {"name": "alice", "password": "wrong"}, "Le nom, le mot de passe ou le code n'est pas le bon"),
    ("alice", "/account/password", {"old": "x", "new": "a", "again": "b"}, "n'a pas été saisi deux fois"),
    ("alice", "/account/password", {"old": "x", "new": "a", "again": "a"}, "est trop court"),
    ("alice", "/account/tokens", {"label": "x"}, "Le dernier jour du jeton manque"),
    ("alice", "/account/tokens", {"label": "x", "until": "2026-01-01", "scope": "case.read"}, "indiquez un jour à"),
    ("ada", "/people", {"name": "X Y", "authority": "FR", "reason": "x y"}, "n'est pas un identifiant"),
    ("ada", "/people", {"name": "zoe", "authority": "FR", "reason": "x y"}, "Ajouter zoe (FR)\u00a0; aucun rôle."),
    ("ada", "/people/bob/grant", {"role": "examiner", "until": "2020-01-01", "reason": "x y"}, "est passé"),
    ("ada", "/people/bob/grant", {"role": "examiner", "until": "2060-01-01"}, "Indiquez pourquoi"),
    ("ada", "/people/bob/disable", {"reason": "They left"}, "Le compte est désactivé"),
    ("ada", "/people/bob/reset", {"reason": "They forgot"}, "attend une seconde personne"),
    ("ada", "/people/nobody/enable", {"reason": "x y"}, "Personne ne s'appelle"),
    ("ada", "/authorities", {"code": "1", "name": "x"}, "n'est pas un code d'autorité"),
    ("emil", "/records", {"kind": "yellow", "number": "1"}, "manque"),
    ("emil", "/records/x/edit", {}, "Il n'y a pas de fiche"),
    ("dora", "/requests", {"kind": "access"}, "Choisissez l'objet de la demande"),
    ("dora", "/requests", {"kind": "dispute", "received_on": "2020-01-01"}, "remonte à plus d'un an"),
    ("dora", "/ledger/verify", {}, "Vérifié"),
    ("alice", "/ledger/verify", {}, "ne détient pas actuellement"),
    ("mallory", "/people", {"name": "zoe"}, "Non autorisé"),
    ("carol", "/authorisations/x", {"decision": "grant"}, "toute décision a un motif"),
    ("carol", "/authorisations/x", {"decision": "grant", "reason": "x y"}, "Il n'y a pas d'autorisation"),
)  # fmt: skip


def test_what_was_done_and_what_went_wrong_is_said_in_french(visited: Visited) -> None:  # noqa: F811
    for who, path, form, said in SAID:
        answer = visited.open_client(who or None).post(path, data=form, headers={"accept-language": "fr"})
        page = html.unescape(answer.text).replace("\u2019", "'")
        assert '<html lang="fr">' in page, path
        assert said in page, (path, form)
        assert '<span lang="en">' not in page, (path, form)
