"""Whether two records may be said to be of the same unknown person, or one be named after the other.

Nothing is linked or named without a lead that two people and the owner of the candidate's record agree on.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from semblance.cases.lead_check import Field, HeldLead, LeadState
from semblance.messages.message import Message
from semblance.terms.ids import AuthorityCode, ExaminationId, LeadId, LinkId, PairId, SubjectId
from semblance.terms.permission import Refusal
from semblance.terms.record import NAMELESS, RecordFacts, RecordState

NOMINAL: Final = frozenset({Field.NAMES, Field.BIRTH, Field.SEX, Field.NATIONALITIES, Field.DOCUMENTS})
"""What names somebody, of all that an owner may release."""


@dataclass(frozen=True, slots=True)
class RecordLink:
    """Two records of the same unknown person; ``first`` is the lesser id, and both may be gone since.

    ``linked_in`` and ``parted_in`` are the entries of the ledger that say why.
    """

    id: LinkId
    first: SubjectId
    second: SubjectId
    first_owner: AuthorityCode
    second_owner: AuthorityCode
    lead: LeadId
    linked_at: datetime
    linked_by: str
    linked_in: int
    parted_at: datetime | None = None
    parted_by: str | None = None
    parted_in: int | None = None

    def find_other(self, subject: SubjectId) -> SubjectId:
        """Return the record that this one is linked with."""
        return self.second if subject == self.first else self.first


class PairConclusion(StrEnum):
    """Why nobody is asked again whether two records are of the same person."""

    NO_LEAD = "no-lead"
    INCONCLUSIVE = "inconclusive"
    REFUTED = "refuted"
    NOT_RECONCILED = "not-reconciled"


@dataclass(frozen=True, slots=True)
class AnsweredPair:
    """Two records of which people said that they are not of the same person; ``first`` is the lesser id.

    ``examination`` is where people said so: an examination, or a pair of a missing person and somebody who was found.
    ``compared`` are keyed digests of the two photos that were compared, ``photos`` of all that both records held then:
    while they hold no other, nobody is asked again.
    """

    id: str
    first: SubjectId
    second: SubjectId
    conclusion: PairConclusion
    at: datetime
    examination: ExaminationId | PairId
    compared: tuple[str, ...]
    photos: tuple[str, ...]

    def find_other(self, subject: SubjectId) -> SubjectId:
        """Return the record that this one was compared with."""
        return self.second if subject == self.first else self.first


@dataclass(frozen=True, slots=True)
class LeadPair:
    """A lead between two records: the one that the probe was handed in from, and the candidate's; each with its facts.

    None stands for a record that is gone.
    """

    lead: HeldLead
    origin: SubjectId
    origin_facts: RecordFacts | None
    candidate_facts: RecordFacts | None

    def find_other(self, subject: SubjectId) -> SubjectId:
        """Return the record that this one was compared with."""
        return self.lead.subject if subject == self.origin else self.origin

    def is_known_to(self, authority: AuthorityCode) -> bool:
        """Return whether the authority owns one of the two records and may know of the other."""
        sides = (self.origin_facts, self.candidate_facts)
        owned = any(facts is not None and facts.owner == authority for facts in sides)
        return owned and all(facts is not None and facts.is_visible_to(authority) for facts in sides)


def check_link(pair: LeadPair, authority: AuthorityCode) -> Refusal | None:
    """Return why people of the authority cannot link the two records of the lead, or None.

    Who owns the candidate's record agreed by confirming the lead; who owns the other agrees by linking.
    """
    if refusal := _check_verified(pair):
        return refusal
    origin, candidate = pair.origin_facts, pair.candidate_facts
    assert origin is not None
    assert candidate is not None
    if not {origin.kind, candidate.kind} <= NAMELESS:
        return Refusal(
            "link.kinds", "only records of people whom nobody could name are linked; assign the name instead"
        )
    if authority != origin.owner:
        return Refusal(
            "link.agreement",
            "the lead was found from a record of {authority}; its people agree by linking",
            authority=origin.owner,
        )
    return None


def check_naming(
    pair: LeadPair, subject: SubjectId, released: frozenset[Field], wanted: frozenset[Field]
) -> Refusal | None:
    """Return why the fields cannot be assigned to the record of an unknown person, or None.

    ``released`` are the fields of the other record that its owner released to the record's owner.
    """
    if refusal := _check_verified(pair):
        return refusal
    named = pair.origin_facts
    if named is None or pair.origin != subject or named.kind not in NAMELESS:
        return Refusal(
            "naming.record",
            "a name is assigned to the unidentified record that was compared, after its search found a lead",
        )
    if missing := wanted - (released & NOMINAL):
        return Refusal(
            "naming.not-released",
            "{fields} were not released to you by the record's owner, or name nobody",
            field="fields",
            fields=sorted(missing),
        )
    if not wanted:
        return Refusal("naming.nothing", "nothing that names anybody was released to you", field="fields")
    return None


def _check_verified(pair: LeadPair) -> Refusal | None:
    if pair.lead.state is not LeadState.CONFIRMED:
        unverified = Message(
            "link.lead-unverified",
            "the lead is {state}; nothing is linked or named before its owner confirmed it",
            state=pair.lead.state,
        )
        return Refusal("link.not-verified", unverified)
    for facts in (pair.origin_facts, pair.candidate_facts):
        if facts is None or facts.state is not RecordState.ACTIVE:
            return Refusal("link.state", "one of the two records is not active any more")
    return None
