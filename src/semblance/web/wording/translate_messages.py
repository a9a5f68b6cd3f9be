"""Sentences that come from below the pages: refusals, faults and errors, which the ledger and the API keep in English.

A page in another language finds the English pattern that the sentence was made from, and says it in its own words. What
no pattern fits stays English, and is marked as English for whoever has it read aloud.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from markupsafe import Markup

from semblance.cases.checklist import Component
from semblance.web.wording.field_labels import name_field
from semblance.web.wording.language import SOURCE, _, get_spoken
from semblance.web.wording.messages import CHANGES, REASONS, SENTENCES
from semblance.web.wording.words import COMPONENT_WORDS, say_value

_HOLE: Final = re.compile(r"\\?\{(\w+)\\?\}")
_FIELD: Final = re.compile(r"([a-z_]+(?:\.[a-z_]+)?)(?:\[\d+\])?[\w.\[\]]*: (.+)", re.DOTALL)
_WORD: Final = re.compile(r"[A-Za-z][\w-]*")
_SENTENCES: Final = frozenset({"fault", "faults", "meaning"})
"""Holes that hold sentences themselves."""
_VALUES: Final = frozenset({"purpose", "purposes", "state", "kind", "mode", "role", "roles"})
"""Holes that hold values of the store, one or several, which have words of their own."""
_ANYTHING: Final = _SENTENCES | {"text", "reason", "why", "name"}
"""Holes in which a semicolon may stand; where it stood in others, two sentences would be taken for one."""
_LONGEST: Final = 1_000
_MOST_PARTS: Final = 100
_PARTS_OF_ONE: Final = 4
"""What is longer stays English: it quotes more than it says, and matching would cost more than it is worth."""
_FIELDS: Final = frozenset({"field", "fields"})
"""Holes that hold names of fields."""


def say_below(text: str) -> str:
    """Return a sentence from below in the language of the request: as it is in English, marked where nothing fits."""
    if get_spoken().language == SOURCE or not text:
        return text
    found = _translate(text)
    return _mark_english(text) if found is None else found


def say_reason(reason: str) -> str:
    """Return the reason of an act: in the language of the request where the node gave it, else as somebody typed it."""
    return _say_from(REASONS, reason)


def say_change(value: str) -> str:
    """Return what a version of a record says of its answer or of its restriction."""
    return _say_from(CHANGES, value)


def _say_from(sentences: tuple[str, ...], text: str) -> str:
    found = None if get_spoken().language == SOURCE or len(text) > _LONGEST else find_pattern(text, sentences)
    return text if found is None else _(found[0], **found[1])


def find_pattern(text: str, sentences: tuple[str, ...] = SENTENCES) -> tuple[str, dict[str, str]] | None:
    """Return the pattern that a sentence was made from, and what stands in its holes; None where there is none."""
    for pattern, sentence in _open_patterns(sentences):
        found = pattern.fullmatch(text)
        if found is not None:
            return sentence, found.groupdict()
    return None


@cache
def _open_patterns(sentences: tuple[str, ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    # what says the most by itself comes first: "{name} {fault}" would take nearly everything
    ordered = sorted(sentences, key=lambda sentence: -len(_HOLE.sub("", sentence)))
    return tuple((re.compile(_write_expression(sentence), re.DOTALL), sentence) for sentence in ordered)


def _write_expression(sentence: str) -> str:
    return _HOLE.sub(lambda hole: f"(?P<{hole[1]}>{'.' if hole[1] in _ANYTHING else '[^;]'}+?)", re.escape(sentence))


def _translate(text: str) -> str | None:
    found = _translate_one(text)
    return _translate_list(text.split("; ")) if found is None else found


def _translate_one(text: str) -> str | None:
    if len(text) > _LONGEST:
        return None
    named = _FIELD.fullmatch(text)
    inner = None if named is None else _translate_one(named[2])
    if named is not None and inner is not None:
        return _("{field}: {fault}", field=name_field(named[1]), fault=inner)
    found = find_pattern(text)
    if found is not None:
        sentence, holes = found
        return _(sentence, **{name: _fill(name, value) for name, value in holes.items()})
    if text.endswith("."):
        # what is a fragment below was made a sentence where it was raised
        inner = _translate_one(f"{text[:1].lower()}{text[1:-1]}")
        return None if inner is None else _raise_first(inner) + "."
    return None


def _translate_list(parts: list[str]) -> str | None:
    """Return several sentences in a row, each of which may hold semicolons of its own."""
    if not 1 < len(parts) <= _MOST_PARTS:
        return None
    said: dict[int, str] = {}
    for start in range(len(parts) - 1, -1, -1):
        for end in range(min(start + _PARTS_OF_ONE, len(parts)), start, -1):
            first = _translate_one("; ".join(parts[start:end])) if end == len(parts) or end in said else None
            if first is not None:
                said[start] = first if end == len(parts) else _("{one}; {other}", one=first, other=said[end])
                break
    return said.get(0)


def _mark_english(text: str) -> Markup:
    return Markup('<span lang="en">{}</span>').format(text)


def _raise_first(text: str) -> str:
    if isinstance(text, Markup):
        return text if text[:1] in "<&" else Markup("{}{}").format(text[:1].upper(), text[1:])
    return f"{text[:1].upper()}{text[1:]}"


def _fill(name: str, value: str) -> str:
    if name == "faults":
        return say_below(value)
    if name in _SENTENCES:
        found = _translate_one(value)
        return _mark_english(value) if found is None else found
    if name == "component" and value in set(Component):
        return _say_word(value, lambda one: _(COMPONENT_WORDS[Component(one)][0]))
    if name in _VALUES:
        whole = _(value)
        return whole if whole != value else _WORD.sub(lambda word: _say_word(word[0], say_value), value)
    if name in _FIELDS:
        return _WORD.sub(lambda word: _say_word(word[0], name_field), value)
    return value


def _say_word(word: str, say: Callable[[str], str]) -> str:
    if word == "or":
        return _("or")
    said = say(word)
    return f"{said[:1].lower()}{said[1:]}"
