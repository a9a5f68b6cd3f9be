"""Subjects, the keys that people give them, and how many of them a gallery has."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from semblance.messages.message import Message
from semblance.terms.ids import AuthorityCode, PackDigest, SubjectId

KEY_LENGTH_CAP: Final = 200


@dataclass(frozen=True, slots=True)
class Subject:
    """A person whose photos are stored.

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


def find_key_fault(key: str) -> Message | None:
    """Return what is wrong with a normalised subject key, or None."""
    if not key:
        return Message("subject.no-name", "the subject has no name")
    if len(key) > KEY_LENGTH_CAP:
        return Message(
            "subject.name-too-long",
            "the subject's name has {n} characters; {most} are allowed",
            n=len(key),
            most=KEY_LENGTH_CAP,
        )
    if not key.isprintable():
        return Message(
            "subject.name-unprintable", "the subject's name {text} contains characters that cannot be printed", text=key
        )
    return None


@dataclass(frozen=True, slots=True)
class GalleryState:
    """Counts and version of the gallery.

    ``version`` rises by one with every reference that is added or removed. ``pack`` is the digest of the pack that
    made all templates, None before the first.
    """

    version: int
    pack: PackDigest | None
    subjects: int
    references: int
