"""Cases: what every search belongs to, and what a case must say of itself."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from pydantic import ConfigDict, with_config

from semblance.cases.policy import Policy
from semblance.messages.message import Message
from semblance.terms.ids import AuthorityCode, CaseId
from semblance.terms.permission import Permit, Purpose, Refusal
from semblance.terms.text import REASON_LENGTH_CAP, find_text_fault, says_nothing

_SHORT: Final = 200


class CaseState(StrEnum):
    """Where a case stands: only in an open one is anything done; an erased one has left its number of searches only."""

    OPEN = "open"
    CLOSED = "closed"
    EXPIRED = "expired"
    ERASED = "erased"


class Category(StrEnum):
    """Which part the person in question plays in the case (Directive (EU) 2016/680, article 6)."""

    SUSPECT = "suspect"
    CONVICTED = "convicted"
    VICTIM = "victim"
    WITNESS = "witness"
    MISSING = "missing"
    UNIDENTIFIED = "unidentified"


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True)
class CaseDraft:
    """What somebody says when they open a case; nothing is checked yet.

    ``offence`` is what is investigated, ``link`` the report or record of a missing or unidentified person that the
    case belongs to: one of the two is needed, as the purpose demands. ``aim`` says what finding the person is for.
    """

    number: str
    purpose: Purpose
    category: Category
    aim: str
    offence: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A case of one authority; ``last_act_at`` is when something was last done in it.

    Of an erased case number, aim, offence and link are empty texts.
    """

    id: CaseId
    authority: AuthorityCode
    draft: CaseDraft
    state: CaseState
    opened_at: datetime
    opened_by: str
    last_act_at: datetime

    @property
    def number(self) -> str:
        return self.draft.number


def check_case(draft: CaseDraft, policy: Policy) -> Permit | Refusal:
    """Return a permit where the case says what its purpose demands, else the first rule that it fails."""
    for name, text, cap, needed in (
        ("number", draft.number, _SHORT, True),
        ("aim", draft.aim, REASON_LENGTH_CAP, True),
        ("offence", draft.offence, REASON_LENGTH_CAP, draft.purpose is Purpose.WANTED_PERSON),
        ("link", draft.link, REASON_LENGTH_CAP, draft.purpose is Purpose.MISSING_PERSON),
    ):
        if needed and says_nothing(text):
            missing = Message(
                "case.field-missing",
                "the case does not say its {field}, which a {purpose} case needs",
                field=name,
                purpose=draft.purpose,
            )
            return Refusal(f"case.{name}", missing, field=name)
        if fault := find_text_fault(text, cap=cap, breaks=name != "number"):
            faulty = Message("case.field-faulty", "the {field} of the case {fault}", field=name, fault=fault)
            return Refusal(f"case.{name}", faulty, field=name)
    if says_nothing(draft.offence) and says_nothing(draft.link) and draft.purpose is not Purpose.DEMONSTRATION:
        return Refusal(
            "case.link", "the case names neither an offence nor a missing or unidentified person", field="link"
        )
    if draft.purpose not in policy.purposes:
        return Refusal(
            "policy.purpose",
            "the policy allows no search for {purpose}, only for: {purposes}",
            field="purpose",
            purpose=draft.purpose,
            purposes=policy.purposes,
        )
    return Permit(f"purposes.{draft.purpose.value}")
