"""The language in which a page speaks: English in the source, others from ``locale/*.po``, chosen for each request."""

import io
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from markupsafe import Markup, escape
from starlette.requests import cookie_parser

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
App = Callable[[Scope, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]

SOURCE: Final = "en"
LANGUAGES: Final = {"en": "English", "fr": "Français"}
"""Each language by its code (BCP 47), called as its speakers call it; each but English has ``locale/CODE.po``."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is spoken in the request at hand, and the page that it asked for ("/" where it was no plain page)."""

    language: str = SOURCE
    page: str = "/"


_spoken: ContextVar[Spoken] = ContextVar("spoken", default=Spoken())  # noqa: B039 - it is frozen


def get_spoken() -> Spoken:
    """Return the language and the page of the request at hand; English outside of any."""
    return _spoken.get()


@contextmanager
def speaking(language: str, page: str = "/") -> Iterator[None]:
    """Speak another language for as long as the block lasts."""
    token = _spoken.set(Spoken(language, page))
    try:
        yield
    finally:
        _spoken.reset(token)


def N_(text: str) -> str:  # noqa: N802 - gettext's own name, which the extraction looks for
    """Mark a text of a table for translation, and return it as it is; ``_`` translates it when it is shown."""
    return text


def _(text: str, /, **holes: object) -> str:
    """Return the text in the language of the request, its ``{named}`` holes filled.

    A hole that holds markup makes the whole of it markup, with everything else escaped.
    """
    return _fill(open_catalogue(get_spoken().language).ugettext(text), holes)


def ngettext(one: str, many: str, n: int, /, **holes: object) -> str:
    """Return the text in the number that the language has for ``n``; ``{n}`` is the number with its thousands apart."""
    chosen = open_catalogue(get_spoken().language).ungettext(one, many, n)
    return _fill(chosen, {"n": say_number(n), **holes})


def pgettext(context: str, text: str, /, **holes: object) -> str:
    """Return the text where one English word has several meanings; ``context`` tells the translator which is meant."""
    return _fill(str(open_catalogue(get_spoken().language).pgettext(context, text)), holes)


def say_number(number: int) -> str:
    """Return a whole number with its thousands apart."""
    return f"{number:,}".replace(",", "\u00a0")


def _fill(text: str, holes: dict[str, object]) -> str:
    if not holes:
        return text
    if any(isinstance(value, Markup) for value in holes.values()):
        return escape(text).format(**holes)
    return text.format(**holes)


@cache
def open_catalogue(language: str) -> NullTranslations:
    """Return the translations of a language, read once; English has none, and is its own."""
    if language == SOURCE or language not in LANGUAGES:
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, _read_catalogue(language))
    compiled.seek(0)
    return Translations(compiled)


def has_translation(text: str) -> bool:
    """Return whether the language of the request has an entry for the text, be it the same word there."""
    entry = _read_catalogue(get_spoken().language).get(text)
    return entry is not None and bool(entry.string)


@cache
def _read_catalogue(language: str) -> Catalog:
    with (files("semblance.web") / "locale" / f"{language}.po").open("rb") as source:
        return read_po(source, locale=language)


def choose_language(cookie: str, accepted: str) -> str:
    """Return the language to speak: what was chosen on a page, else the first that the browser asks for, else English.

    ``accepted`` is the header Accept-Language (RFC 9110, section 12.5.4).
    """
    if cookie in LANGUAGES:
        return cookie
    wanted = []
    for place, part in enumerate(accepted[:1_000].split(",")):
        tag, _semicolon, parameter = part.partition(";")
        name, _equals, weight = parameter.partition("=")
        try:
            rank = float(weight) if name.strip().lower() == "q" else 1.0
        except ValueError:
            continue
        language = tag.strip().lower().partition("-")[0]
        if rank > 0 and language in LANGUAGES:
            wanted.append((-rank, place, language))
    return min(wanted)[2] if wanted else SOURCE


class SpeakLanguage:
    """Wraps the whole site, and sets for each request in which language its page speaks."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(
        self, scope: Scope, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        """Hand the request on; the threads that answer it see its language, too."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        language = choose_language(_read_cookie(headers), headers.get("accept-language", ""))
        with speaking(language, _find_page(scope)):
            await self._app(scope, receive, send)


def name_language_cookie(host: str) -> str:
    """Return what the cookie is called: by its port, since browsers share cookies among all ports of a machine."""
    port = host.rpartition(":")[2]
    return f"semblance-language-{port}" if port.isdecimal() else "semblance-language"


def _read_cookie(headers: dict[str, str]) -> str:
    return cookie_parser(headers.get("cookie", "")).get(name_language_cookie(headers.get("host", "")), "")


def _find_page(scope: Scope) -> str:
    if scope["method"] not in {"GET", "HEAD"}:
        return "/"
    path = bytes(scope.get("raw_path") or b"/").decode("latin-1").partition("?")[0]
    query = bytes(scope.get("query_string") or b"").decode("latin-1")
    return f"{path}?{query}" if query else path
