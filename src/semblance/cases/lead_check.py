"""The owner's check of a lead: whether it is a false positive, and which fields of the record move to whom."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from semblance.messages.message import Message
from semblance.terms.ids import AuthorityCode, ExaminationId, LeadId, SubjectId
from semblance.terms.permission import Refusal
from semblance.terms.text import REASON_LENGTH_CAP, find_text_fault, says_nothing


class LeadState(StrEnum):
    """What became of a lead. ``unanswered``: its owner let the time go by; ``erased``: the record is gone."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNANSWERED = "unanswered"
    ERASED = "erased"


class Field(StrEnum):
    """What an owner may release of its record, each by itself."""

    NUMBER = "number"
    KIND = "kind"
    NAMES = "names"
    BIRTH = "birth"
    SEX = "sex"
    NATIONALITIES = "nationalities"
    DOCUMENTS = "documents"
    CIRCUMSTANCES = "circumstances"
    WARNING = "warning"
    LEGAL_BASIS = "legal-basis"


RELEASED_BY_DEFAULT: Final = frozenset({Field.NUMBER, Field.KIND})


@dataclass(frozen=True, slots=True)
class HeldLead:
    """A lead as it is held; ``authority`` searched, ``owner`` holds the record.

    ``due_at`` is until when the owner should have checked. An unanswered one can still be answered.
    """

    id: LeadId
    examination: ExaminationId
    pseudonym: str
    subject: SubjectId
    authority: AuthorityCode
    owner: AuthorityCode
    state: LeadState
    made_at: datetime
    due_at: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class OwnerAnswer:
    """What an owner answers: confirmed or refuted, why, which fields it releases and to which authorities."""

    confirmed: bool
    reason: str
    fields: frozenset[Field] = frozenset()
    recipients: frozenset[AuthorityCode] = frozenset()


def check_answer(answer: OwnerAnswer, examiners: Collection[str], person: str) -> Refusal | None:
    """Return why the answer cannot be given, or None: it needs a reason, and another person than searched or examined.

    Nothing is released of a record that is not of the person in the probe.
    """
    if person in examiners:
        return Refusal(
            "lead.same-person",
            "{person} searched or examined here; another person must check the lead",
            field="answer",
            person=person,
        )
    if says_nothing(answer.reason):
        return Refusal("lead.reason", "say why the lead is confirmed or refuted", field="reason")
    if fault := find_text_fault(answer.reason, cap=REASON_LENGTH_CAP, breaks=True):
        unusable = Message("lead.reason-unusable", "the reason {fault}", fault=fault)
        return Refusal("lead.reason", unusable, field="reason")
    if not answer.confirmed and (answer.fields or answer.recipients):
        return Refusal("lead.release", "nothing is released of a record that the lead is not about", field="answer")
    if answer.fields and not answer.recipients:
        unaddressed = Message("lead.recipients-missing", "say to which authority the fields are released")
        return Refusal("lead.release", unaddressed, field="recipients")
    if answer.recipients and not answer.fields:
        empty = Message("lead.fields-missing", "say which fields are released, or name no authority")
        return Refusal("lead.release", empty, field="fields")
    return None
