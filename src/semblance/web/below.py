"""Sentences that come from below the pages: refusals, faults and errors, which the ledger and the API keep in English.

A page in another language finds the English pattern that the sentence was made from, and says it in its own words. What
no pattern fits stays English, and is marked as English for whoever has it read aloud.
"""

import re
from functools import cache
from typing import Final

from markupsafe import Markup

from semblance.terms.permission import Refusal
from semblance.web.language import SOURCE, _, get_spoken
from semblance.web.sentences_below import SENTENCES
from semblance.web.words import say_value

_HOLE: Final = re.compile(r"\\?\{(\w+)\\?\}")
_FIELD: Final = re.compile(r"([a-z_]+(?:\.[a-z_]+)?)(?:\[\d+\])?[\w.\[\]]*: (.+)", re.DOTALL)
_SENTENCES: Final = frozenset({"fault", "faults", "more"})
"""Holes that hold sentences themselves."""
_VALUES: Final = frozenset({"purpose", "purposes", "state", "kind", "role", "roles", "field", "fields", "component"})
"""Holes that hold values of the store, one or several, which have words of their own."""


def say_below(text: str) -> str:
    """Return a sentence from below in the language of the request: as it is in English, marked where nothing fits."""
    if get_spoken().language == SOURCE or not text:
        return text
    found = _translate(text)
    return Markup('<span lang="en">{}</span>').format(text) if found is None else found


def say_refusal(refusal: Refusal) -> str:
    """Return why something was refused, as a whole sentence."""
    return say_below(f"{refusal.reason[:1].upper()}{refusal.reason[1:]}.")


def find_pattern(text: str) -> tuple[str, dict[str, str]] | None:
    """Return the pattern that a sentence was made from, and what stands in its holes; None where there is none."""
    for pattern, sentence in _open_patterns():
        found = pattern.fullmatch(text)
        if found is not None:
            return sentence, found.groupdict()
    return None


@cache
def _open_patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    # what says the most by itself comes first: "{name} {fault}" would take nearly everything
    ordered = sorted(SENTENCES, key=lambda sentence: -len(_HOLE.sub("", sentence)))
    return tuple((re.compile(_write_expression(sentence), re.DOTALL), sentence) for sentence in ordered)


def _write_expression(sentence: str) -> str:
    return _HOLE.sub(lambda hole: f"(?P<{hole[1]}>.+?)", re.escape(sentence))


def _translate(text: str) -> str | None:
    found = find_pattern(text)
    if found is not None:
        sentence, holes = found
        return _(sentence, **{name: _fill(name, value) for name, value in holes.items()})
    if text.endswith(".") and text[:1].isupper():
        inner = _translate(f"{text[:1].lower()}{text[1:-1]}")
        return None if inner is None else _raise_first(inner) + "."
    named = _FIELD.fullmatch(text)
    if named is not None:
        inner = _translate(named[2])
        field = say_value(named[1].rpartition(".")[2])
        return None if inner is None else _("{field}: {fault}", field=field, fault=inner)
    return _translate_list(text.split("; ")) if "; " in text else None


def _translate_list(parts: list[str]) -> str | None:
    """Return several sentences in a row, each of which may hold semicolons of its own."""
    for taken in range(len(parts) - 1, 0, -1):
        first = _translate("; ".join(parts[:taken]))
        rest = None if first is None else _translate("; ".join(parts[taken:]))
        if first is not None and rest is not None:
            return _("{one}; {other}", one=first, other=rest)
    return None


def _raise_first(text: str) -> str:
    if isinstance(text, Markup):
        return text if text[:1] in "<&" else Markup("{}{}").format(text[:1].upper(), text[1:])
    return f"{text[:1].upper()}{text[1:]}"


def _fill(name: str, value: str) -> str:
    if name in _SENTENCES:
        return say_below(value)
    if name in _VALUES:
        return re.sub(r"[A-Za-z][\w-]*(?: known)?", lambda word: _say_word(word[0]), value)
    return value


def _say_word(word: str) -> str:
    return _("or") if word == "or" else say_value(word).lower()
