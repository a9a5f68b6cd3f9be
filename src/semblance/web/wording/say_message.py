"""Messages from below the pages, put into the language of the request."""

from collections.abc import Sequence
from string import Formatter
from typing import Final

from markupsafe import Markup, escape

from semblance.cases.lead_check import Field
from semblance.cases.opinion import Component
from semblance.edge.failures import tell_failure
from semblance.errors import OpinionInvalid, RefusedByPolicy, SemblanceError
from semblance.messages.message import VERBATIM, Message, Value, escape_unprintable
from semblance.terms.record import RecordKind
from semblance.web.wording.field_labels import name_field
from semblance.web.wording.language import SOURCE, _, get_spoken, has_translation
from semblance.web.wording.words import COMPONENT_WORDS, FIELD_WORDS, say_kind, say_value

_VALUES: Final = frozenset(
    {
        *("conclusion", "purpose", "purposes", "state", "kind", "kinds", "mode", "role", "roles", "sex", "status"),
        *("colours", "other_colours", "mark_kind", "body_place", "evidence"),
    }
)
"""Holes that hold values of the store, which have words of their own."""
_KINDS: Final = frozenset({"kind", "kinds"})
_FIELDS: Final = frozenset({"field", "fields"})
"""Holes that hold names of fields."""


def say_message(message: Message) -> str:
    """Return a message in the language of the request; what has no translation stays English, and is marked so."""
    if get_spoken().language == SOURCE or message.identifier == VERBATIM:
        return str(message)
    if not has_translation(message.text):
        return Markup('<span lang="en">{}</span>').format(str(message))
    parts = []
    for literal, name, spec, _conversion in Formatter().parse(_(message.text)):
        parts.append(literal)
        if name is not None:
            parts.append(_say_hole(name, message.values[name], spec or ""))
    return _join("", parts)


def say_plainly(message: Message) -> str:
    """Return a message for a script, which writes it as text: no markup."""
    said = say_message(message)
    return said.striptags() if isinstance(said, Markup) else said


def say_sentence(message: Message) -> str:
    """Return a message that begins small and has no end as a whole sentence."""
    said = say_message(message)
    if isinstance(said, Markup):
        return Markup("{}{}.").format(said[:1] if said[:1] in "<&" else said[:1].upper(), said[1:])
    return f"{said[:1].upper()}{said[1:]}."


def say_error(error: SemblanceError) -> str:
    """Return what whoever asks is told of an error, as a whole sentence."""
    said_small = isinstance(error, OpinionInvalid | RefusedByPolicy)
    return say_sentence(error.message) if said_small else say_message(tell_failure(error))


def _say_hole(name: str, value: Value, spec: str) -> str:
    if isinstance(value, tuple):
        words = {"or": _("or"), "and": _("and")}
        joints = {"": ", ", ";": "; "} | {name: f" {word} " for name, word in words.items()}
        return _join(joints[spec], [_say_hole(name, part, "") for part in value])
    if isinstance(value, Message):
        return say_message(value)
    if isinstance(value, str):
        if name == "component" and value in set(Component):
            return _lower(_(COMPONENT_WORDS[Component(value)][0]))
        if name in _KINDS and value in set(RecordKind):
            return _lower(say_kind(RecordKind(value)))
        if name == "released" and value in set(Field):
            return _lower(_(FIELD_WORDS[Field(value)]))
        if name in _VALUES:
            return _lower(say_value(value))
        return _lower(name_field(value)) if name in _FIELDS else escape_unprintable(value, breaks=True)
    return format(value, spec)


def _join(joint: str, parts: Sequence[str]) -> str:
    # markup only where something in it is markup: all else is escaped then
    return escape(joint).join(parts) if any(isinstance(part, Markup) for part in parts) else joint.join(parts)


def _lower(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"
