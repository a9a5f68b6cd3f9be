"""No anonymous search: every search says who searches, in which case, for what purpose and why."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from semblance.messages.message import Message
from semblance.terms.permission import Permit, Purpose, Refusal
from semblance.terms.text import REASON_LENGTH_CAP, find_text_fault, says_nothing


@dataclass(frozen=True, slots=True)
class Justification:
    """What somebody says about the search that they want to make; nothing is checked yet.

    ``purpose`` is the value of a Purpose; it is text here because a wrong one is refused and recorded, too.
    """

    person: str
    case: str
    purpose: str
    reason: str


_LEAST_REASON: Final = 10
_EMPTY_WORDS: Final = frozenset({"test", "tests", "testing", "none", "n/a", "reason", "search", "because"})


def check_justification(
    justification: Justification, allowed: Collection[Purpose] = tuple(Purpose)
) -> Permit | Refusal:
    """Return a permit where every field is there and means something, else the first rule that forbids the search.

    ``allowed`` are the purposes that a search may have on the node.
    """
    fields = (
        ("person", justification.person, Message("justification.who", "who searches")),
        ("case", justification.case, Message("justification.case", "the case that the search belongs to")),
        ("purpose", justification.purpose, Message("justification.purpose", "the purpose of the search")),
        ("reason", justification.reason, Message("justification.why", "why this search is needed")),
    )
    for name, text, meaning in fields:
        if fault := _find_fault(text):
            faulty = Message(
                "justification.faulty", "{field} {fault}: say {meaning}", field=name, fault=fault, meaning=meaning
            )
            return Refusal(f"justification.{name}", faulty, field=name)
    if justification.purpose.strip() not in set(Purpose):
        unknown = Message(
            "justification.purpose-unknown",
            "purpose '{text}' is not one of: {purposes}",
            text=justification.purpose,
            purposes=allowed,
        )
        return Refusal("justification.purpose", unknown, field="purpose")
    purpose = Purpose(justification.purpose.strip())
    if purpose not in allowed:
        return Refusal(
            "node.purpose",
            "this node is not used for the purpose '{purpose}', only for: {purposes}",
            field="purpose",
            purpose=purpose,
            purposes=allowed,
        )
    if not _says_something(justification.reason):
        empty = Message(
            "justification.reason-empty",
            "reason '{reason}' does not say why: write at least two words and {least} characters about why "
            "this search is needed",
            reason=justification.reason.strip(),
            least=_LEAST_REASON,
        )
        return Refusal("justification.reason", empty, field="reason")
    return Permit("justification")


def _find_fault(text: str) -> Message | None:
    if says_nothing(text):
        return Message("text.missing", "is missing")
    return find_text_fault(text, cap=REASON_LENGTH_CAP, breaks=True)


def _says_something(reason: str) -> bool:
    words = [word.strip(".,;:!?-'\"()").casefold() for word in reason.split()]
    # scripts without spaces between words say much in one "word"
    spaceless = any(ord(character) >= 0x0E00 for character in reason)
    telling = [word for word in words if word and word not in _EMPTY_WORDS]
    if spaceless:
        return bool(telling)
    letters = {character for character in reason.casefold() if character.isalnum()}
    return len(reason.strip()) >= _LEAST_REASON and len(words) >= 2 and bool(telling) and len(letters) >= 3
