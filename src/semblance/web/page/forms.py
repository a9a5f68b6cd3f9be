"""What a form's fields say."""

from datetime import date

from semblance.errors import IntakeError
from semblance.messages.message import Message


def read_number(text: str) -> int | None:
    """Return the whole number that a field holds, or None where it holds none that could be meant."""
    # no list here has a thousand million entries, and int() refuses what is thousands of digits long
    return int(text) if text.isdecimal() and len(text) < 10 else None


def read_day(text: str, what: Message) -> date:
    """Return the day that a field holds; raises IntakeError, which calls the field ``what``."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise IntakeError("form.no-day", "{what} is missing or no day; write it as 2027-01-31.", what=what) from None
