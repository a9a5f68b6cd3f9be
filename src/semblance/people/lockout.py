"""What wrong tries cost: a pause that grows, and in the end an administrator's help."""

from datetime import timedelta
from typing import Final

FREE_TRIES: Final = 5
WRONG_CODES: Final = 10
"""So many wrong codes of the second factor, the password being right, lock the account until it is unlocked."""

_FIRST: Final = timedelta(minutes=1)
_LONGEST: Final = timedelta(hours=1)


def find_pause(wrong: int) -> timedelta | None:
    """Return how long nobody can sign in after so many wrong tries in a row; None before the fifth."""
    if wrong < FREE_TRIES:
        return None
    doubled: timedelta = _FIRST * 2 ** min(wrong - FREE_TRIES, 10)
    return min(doubled, _LONGEST)
