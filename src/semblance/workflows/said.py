"""Nothing is done by nobody or for no reason, and what is said about it can be kept and shown."""

from semblance.errors import PolicyError, UnusableText
from semblance.terms.text import PERSON_LENGTH_CAP, REASON_LENGTH_CAP, find_text_fault, says_nothing


def require_person(person: str, sentence: str) -> None:
    """Raise PolicyError with the sentence where nobody is named, UnusableText where the name cannot be kept."""
    _require(person, "person", sentence, find_text_fault(person, cap=PERSON_LENGTH_CAP))


def require_reason(reason: str, sentence: str) -> None:
    """Raise PolicyError with the sentence where no reason is given, UnusableText where it cannot be kept."""
    _require(reason, "reason", sentence, find_text_fault(reason, cap=REASON_LENGTH_CAP, breaks=True))


def _require(text: str, name: str, sentence: str, fault: str | None) -> None:
    if fault is not None:
        raise UnusableText(f"The {name} {fault}; write it anew.")
    if says_nothing(text):
        raise PolicyError(sentence)
