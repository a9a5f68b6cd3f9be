"""What a process that decodes says in words is believed only where it is one of the sentences for its subject."""

from semblance.messages.message import VERBATIM, Message
from semblance.messages.stored import read_message, read_texts


def read_said(document: object, subjects: tuple[str, ...]) -> Message | None:
    """Return the message; None where it is none whose identifier begins with one of the subjects, or does not fit."""
    try:
        message = read_message(document) if isinstance(document, dict) else None
        if message is not None and _is_known(message, subjects) and str(message):
            return message
    except Exception:  # noqa: BLE001 - values that fit no sentence may fail in any way
        return None
    return None


def _is_known(message: Message, subjects: tuple[str, ...]) -> bool:
    values = [part for value in message.values.values() for part in (value if isinstance(value, tuple) else (value,))]
    inner = [value for value in values if isinstance(value, Message)]
    known = message.identifier == VERBATIM or (
        message.identifier.startswith(subjects) and message.identifier in read_texts()
    )
    return known and all(_is_known(value, subjects) for value in inner)
