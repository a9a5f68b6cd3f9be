"""A message: what is said to somebody, before it is put into words."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from string import Formatter
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from pydantic_core import CoreSchema, core_schema

Value: TypeAlias = "str | int | float | tuple[Value, ...] | Message | None"
"""What a hole is filled with: plain data, several of them, or a message of its own."""

VERBATIM: Final = "verbatim"
"""The identifier of a text that came from elsewhere, and is shown as it stands."""


@dataclass(frozen=True, slots=True, init=False)
class Message:
    """Something to be said: ``str()`` is the English sentence, pages put text and values into their own language.

    ``identifier`` is stable across releases. ``text`` has the holes of ``values``, as ``str.format`` writes them; a
    tuple is joined by commas, or by what its hole names (``{roles:or}``, ``{faults:;}``). What a hole is called says
    what its value is: ``{state}``, ``{kind}``, ``{roles}`` and the like have words of their own in each language.
    """

    identifier: str
    text: str = field(compare=False)
    values: Mapping[str, Value]

    def __init__(self, identifier: str, text: str, /, **values: object) -> None:
        object.__setattr__(self, "identifier", identifier)
        object.__setattr__(self, "text", text)
        plain = {name: make_value(value) for name, value in values.items()}
        object.__setattr__(self, "values", MappingProxyType(plain))

    def __str__(self) -> str:
        return ENGLISH.vformat(self.text, (), self.values)

    def __hash__(self) -> int:
        return hash((self.identifier, tuple(self.values.items())))

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> CoreSchema:
        """Let what programs are told hold messages; what the store keeps of one is written by ``stored``."""
        written = core_schema.plain_serializer_function_ser_schema(Message._write)
        return core_schema.is_instance_schema(Message, serialization=written)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: object, _handler: object) -> dict[str, Any]:
        texts = {"type": "string"}
        return {
            "type": "object",
            "title": "Message",
            "description": "``id`` is stable, ``text`` is the English sentence, ``values`` are what it speaks of.",
            "properties": {"id": texts, "text": texts, "values": {"type": "object"}},
            "required": ["id", "text", "values"],
        }

    def _write(self) -> dict[str, Any]:
        return {"id": self.identifier, "text": str(self), "values": write_values(self)}

    def __reduce__(self) -> tuple[Any, ...]:
        return rebuild_message, (self.identifier, self.text, dict(self.values))


def make_message(message: Message | str, text: str | None, values: Mapping[str, object]) -> Message:
    """Return the message as it is given: whole, or as identifier, text and values; a bare sentence is none."""
    if isinstance(message, Message):
        return message
    if text is None:
        raise TypeError(f"a message needs an identifier and a text, not only {message!r}")
    return Message(message, text, **values)


def write_sentence(message: Message) -> str:
    """Return an English message that begins small and has no end as a whole sentence."""
    text = str(message)
    return f"{text[:1].upper()}{text[1:]}."


def quote_text(text: str) -> Message:
    """Return a text that nobody translates as a message: what a person typed, what an older version stored."""
    return Message(VERBATIM, "{text}", text=text)


def rebuild_message(identifier: str, text: str, values: Mapping[str, object]) -> Message:
    """Return the message with these values."""
    return Message(identifier, text, **values)


def make_value(value: object) -> Value:
    """Return the value as plain data: an enumeration's own value, a day as ISO 8601 writes it, several as a tuple."""
    if isinstance(value, Enum):
        return make_value(value.value)
    if value is None or isinstance(value, str | int | float | Message):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return tuple(map(make_value, value))
    return str(value)


def write_values(message: Message) -> dict[str, Any]:
    """Return the values as what JSON can hold; messages among them by identifier and values."""
    return {name: _write_value(value) for name, value in message.values.items()}


def _write_value(value: Value) -> Any:
    if isinstance(value, Message):
        return {"id": value.identifier, "values": write_values(value)}
    return [_write_value(part) for part in value] if isinstance(value, tuple) else value


class MessageFormatter(Formatter):
    """Fills the holes of a text; other languages say values and join lists in their own way."""

    def format_field(self, value: Any, format_spec: str) -> str:
        """Return what stands in a hole."""
        if isinstance(value, tuple):
            joint = {"": ", ", ";": "; "}.get(format_spec, f" {format_spec} ")
            return joint.join(self.format_field(part, "") for part in value)
        if isinstance(value, str | Message):
            return escape_unprintable(str(value), breaks=True)
        return str(super().format_field(value, format_spec))


ENGLISH: Final = MessageFormatter()

_BREAKS: Final = frozenset("\n\t")
_JOINERS: Final = frozenset("\u200c\u200d")


def is_shown(character: str, *, breaks: bool) -> bool:
    """Return whether the character can be shown as it is; ``breaks`` lets line breaks and tabs pass."""
    if character.isprintable() or (breaks and character in _BREAKS):
        return True
    # other spaces are harmless, and some scripts write words with joiners
    return unicodedata.category(character) == "Zs" or character in _JOINERS


def escape_unprintable(text: str, *, breaks: bool = False) -> str:
    r"""Return the text with every character that cannot be printed in a visible escape: ``\x1b``, ``\u202e``.

    A terminal takes some of them for commands. ``breaks`` leaves line breaks and tabs as they are.
    """
    if text.isprintable():
        return text
    return "".join(
        character if is_shown(character, breaks=breaks) else character.encode("unicode_escape").decode("ascii")
        for character in text
    )
