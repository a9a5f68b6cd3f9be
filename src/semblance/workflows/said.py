"""Nothing is done for no reason, and what is said about it can be kept and shown."""

from semblance.errors import PolicyError, UnusableText
from semblance.terms.text import REASON_LENGTH_CAP, find_text_fault, says_nothing


def require_reason(reason: str, sentence: str) -> None:
    """Raise PolicyError with the sentence where no reason is given, UnusableText where it cannot be kept."""
    fault = find_text_fault(reason, cap=REASON_LENGTH_CAP, breaks=True)
    if fault is not None:
        raise UnusableText(f"The reason {fault}; write it anew.")
    if says_nothing(reason):
        raise PolicyError(sentence)
