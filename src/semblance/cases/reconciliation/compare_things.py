"""What somebody wore, and what could be compared elsewhere; none of it excludes."""

import re
from typing import Final

from semblance.cases.reconciliation.side import Answer, Side, Verdict, say_nothing
from semblance.messages.message import Message
from semblance.terms.description import Existence

_WORD: Final = re.compile(r"[^\W\d_]{4,}")
"""Shorter words are articles and the like in most languages."""


def compare_clothing(missing: Side, found: Side) -> Answer:
    """Agree where both name it with a word in common."""
    return _share_words(missing.description.clothing, found.description.clothing)


def compare_jewellery(missing: Side, found: Side) -> Answer:
    """Agree where both name it with a word in common."""
    return _share_words(missing.description.jewellery, found.description.jewellery)


def _share_words(missing: tuple[str, ...], found: tuple[str, ...]) -> Answer:
    if not missing or not found:
        return say_nothing()
    before, after = (set(_WORD.findall(" ".join(lines).casefold())) for lines in (missing, found))
    if shared := sorted(before & after):
        return Answer(Verdict.AGREES, Message("reconciliation.words-shared", "both name: {words}", words=shared))
    return Answer(
        Verdict.NOTHING,
        Message("reconciliation.words-differ", "no word in common; people change, and languages differ"),
    )


def compare_fingerprints(missing: Side, found: Side) -> Answer:
    """Say whether fingerprints of both could be compared; that is done elsewhere."""
    return _tell(missing.description.fingerprints, found.description.fingerprints)


def compare_dna(missing: Side, found: Side) -> Answer:
    """Say whether DNA of both could be compared; that is done elsewhere."""
    return _tell(missing.description.dna, found.description.dna)


def _tell(missing: Existence | None, found: Existence | None) -> Answer:
    if missing is None or found is None:
        return say_nothing()
    if missing is found is Existence.EXISTS:
        exist = Message("reconciliation.comparable", "exist on both sides: have them compared")
        return Answer(Verdict.NOTHING, exist)
    return Answer(Verdict.NOTHING, Message("reconciliation.not-comparable", "do not exist on both sides"))
