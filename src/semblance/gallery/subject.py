"""Subjects, and the keys that people give them."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from semblance.terms.authority import AuthorityCode
from semblance.terms.ids import SubjectId

KEY_LENGTH_CAP: Final = 200


@dataclass(frozen=True, slots=True)
class Subject:
    """A person of whom photos are held.

    ``key`` is the number under which the owner holds the record, unique for each owner; ``id`` is random and stays in
    search records after the subject was erased.
    """

    id: SubjectId
    owner: AuthorityCode
    key: str
    created_at: datetime
    created_by: str


def normalise_key(key: str) -> str:
    """Return the key in Unicode normal form C without outer white space, so that one name is one subject everywhere."""
    return unicodedata.normalize("NFC", key).strip()


def find_key_fault(key: str) -> str | None:
    """Return in words what is wrong with a normalised subject key, or None."""
    if not key:
        return "the subject has no name"
    if len(key) > KEY_LENGTH_CAP:
        return f"the subject's name has {len(key)} characters; {KEY_LENGTH_CAP} are allowed"
    if not key.isprintable():
        return f"the subject's name {key!r} contains characters that cannot be printed"
    return None
