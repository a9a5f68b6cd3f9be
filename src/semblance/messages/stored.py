"""Messages as they are stored: identifier and values; the sentence is made when they are read."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Final

from pydantic import PlainSerializer, PlainValidator

from semblance.messages.message import VERBATIM, Message, Value, quote_text, rebuild_message, write_values

CATALOGUE: Final = "catalogue.json"
"""Every identifier with its English text, as the code declares them; what is retired stays, since stores hold it."""


def write_message(message: Message) -> dict[str, Any]:
    """Return identifier and values as what JSON can hold."""
    return {"id": message.identifier, "values": write_values(message)}


def read_message(document: Mapping[str, Any] | str | Message) -> Message:
    """Return the message that was written; a bare text, as older versions stored it, comes back as it stands."""
    if isinstance(document, Message):
        return document
    if isinstance(document, str):
        return quote_text(document)
    identifier, values = document["id"], {name: _read(value) for name, value in document["values"].items()}
    if identifier == VERBATIM:
        return rebuild_message(identifier, "{text}", values)
    # written by a newer version: its identifier and its values are all that can be said
    unknown = " ".join([identifier, *(f"{{{name}}}" for name in values)])
    return rebuild_message(identifier, read_texts().get(identifier, unknown), values)


def dump_message(message: Message) -> str:
    """Return the message as a column of text holds it."""
    return json.dumps(write_message(message), ensure_ascii=False)


def load_message(text: str) -> Message:
    """Return the message of such a column; a bare sentence, as older versions stored it, comes back as it stands."""
    return read_message(json.loads(text)) if text.startswith("{") else quote_text(text)


@cache
def read_texts() -> Mapping[str, str]:
    """Return the English text of every message that can have been stored."""
    texts: dict[str, str] = json.loads((files("semblance.messages") / CATALOGUE).read_text(encoding="utf-8"))
    return texts


StoredMessage = Annotated[Message, PlainValidator(read_message), PlainSerializer(write_message)]
"""A field of what the store writes as JSON."""


def _read(value: Any) -> Value:
    if isinstance(value, dict):
        return read_message(value)
    return tuple(map(_read, value)) if isinstance(value, list) else value
