"""A missing person and somebody who was found, who look alike: two people judge the faces, and an officer concludes.

The opinions are those of an examination, under its rules. They end in what people think of two faces; whether it is the
same person is an officer's act, with the evidence named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from semblance.cases.examination import OPEN_STATES, ExaminationState, ExaminedCandidate, conclude_examination
from semblance.cases.opinion import Opinion
from semblance.cases.policy import Policy
from semblance.messages.message import Message
from semblance.terms.ids import AuthorityCode, PairId, ReferenceId, SubjectId
from semblance.terms.permission import Refusal
from semblance.terms.record import RecordFacts, RecordState
from semblance.terms.text import REASON_LENGTH_CAP, find_text_fault, says_nothing


class Evidence(StrEnum):
    """What a reconciliation rests on; ``none``: the two are not reconciled. The face is none of them."""

    FINGERPRINTS = "fingerprints"
    DENTAL = "dental"
    DNA = "dna"
    OTHER = "other"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class FoundPair:
    """A pair and what became of it; ``newest`` is the place of its newest photo in the order of enrolment.

    Of an erased record the id is empty.
    """

    id: PairId
    missing: SubjectId
    found: SubjectId
    missing_reference: ReferenceId
    found_reference: ReferenceId
    missing_owner: AuthorityCode
    found_owner: AuthorityCode
    newest: int
    state: ExaminationState
    offered_at: datetime
    concluded_at: datetime | None = None
    evidence: Evidence | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None

    @property
    def is_open(self) -> bool:
        """Return whether people still judge the faces."""
        return self.state in OPEN_STATES

    @property
    def is_settled(self) -> bool:
        """Return whether it is offered again only with a new photo."""
        return self.state is not ExaminationState.LAPSED


ENDS_IN: Final = (ExaminationState.LEAD, ExaminationState.INCONCLUSIVE)
"""What faces came to where an officer is asked for other evidence."""


def conclude_faces(pair: FoundPair, opinions: tuple[Opinion, ...]) -> ExaminationState:
    """Return what the opinions on the faces come to."""
    candidate = ExaminedCandidate(pair.id, pair.found, pair.found_reference, known_non_mate=False)
    return conclude_examination((candidate,), {pair.id: opinions}, len(opinions))[0]


def may_pair(policy: Policy, missing: RecordFacts, found: RecordFacts, today: date) -> bool:
    """Return whether two records may be compared now: active, of authorities that take part, each open to the other."""
    rule = policy.reconciliation
    kinds = policy.purposes[rule.purpose].kinds if rule.purpose in policy.purposes else frozenset()
    return all(
        record.state is RecordState.ACTIVE
        and record.retain_until >= today
        and record.kind in kinds
        and record.owner in rule.authorities
        and record.is_visible_to(other.owner)
        for record, other in ((missing, found), (found, missing))
    )


def check_outcome(pair: FoundPair, reason: str) -> Refusal | None:
    """Return why the outcome cannot be recorded, or None: people judged the faces first, and it is recorded once."""
    if pair.is_open:
        early = Message("pair.faces-first", "the faces are still judged; nothing is concluded before")
        return Refusal("pair.faces-first", early, field="evidence")
    if pair.state is ExaminationState.LAPSED:
        over = Message("pair.lapsed", "one of the records is not open any more; nothing is concluded")
        return Refusal("pair.lapsed", over, field="evidence")
    if pair.evidence is not None:
        return Refusal(
            "pair.decided",
            "{person} has recorded the outcome already: {evidence}",
            field="evidence",
            person=pair.decided_by,
            evidence=pair.evidence,
        )
    if says_nothing(reason):
        missing = Message("pair.reason-missing", "say which evidence it is, and who gave it")
        return Refusal("pair.reason", missing, field="reason")
    if fault := find_text_fault(reason, cap=REASON_LENGTH_CAP, breaks=True):
        return Refusal(
            "pair.reason", Message("pair.reason-unusable", "the reason {fault}", fault=fault), field="reason"
        )
    return None


Known = Mapping[tuple[SubjectId, SubjectId], int]
"""Pairs that were offered and not lapsed, each with its newest photo's place; missing first."""


def is_offered_again(known: Known, missing: SubjectId, found: SubjectId, newest: int) -> bool:
    """Return whether a pair is new, or has a photo that nobody saw when it was offered."""
    return newest > known.get((missing, found), -1)
