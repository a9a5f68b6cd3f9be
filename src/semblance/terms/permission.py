"""Who acts, what may be asked for, and the answer of every check.

``workflows.permission`` records a refusal and raises it. Roles, actions and purposes are closed sets: the same words in
the policy, in the ledger and in a token's scope. What each role may do stands in the policy.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from semblance.messages.message import Message
from semblance.terms.ids import AuthorityCode


class Purpose(StrEnum):
    """The closed set of purposes; which kinds of record each may search stands in the policy."""

    WANTED_PERSON = "wanted-person"
    MISSING_PERSON = "missing-person"
    UNIDENTIFIED_PERSON = "unidentified-person"
    UNIDENTIFIED_BODY = "unidentified-body"
    DEMONSTRATION = "demonstration"


class Action(StrEnum):
    """Every act that a permission can cover. The worker's acts are the policy's own and need none."""

    RECORD_CREATE = "record.create"
    RECORD_READ = "record.read"
    RECORD_EDIT = "record.edit"
    RECORD_PUBLISH = "record.publish"
    RECORD_WITHDRAW = "record.withdraw"
    RECORD_DISPUTE = "record.dispute"
    RECORD_DECIDE = "record.decide"
    RECORD_EXTEND = "record.extend"
    RECORD_ERASE = "record.erase"
    RECORD_EXPORT = "record.export"
    UNKNOWN_MAKE = "unknown.make"
    UNKNOWN_COMPARE = "unknown.compare"
    UNKNOWN_LINK = "unknown.link"
    UNKNOWN_PART = "unknown.part"
    UNKNOWN_NAME = "unknown.name"
    PHOTO_ENROL = "photo.enrol"
    PHOTO_CHOOSE = "photo.choose-face"
    CASE_OPEN = "case.open"
    CASE_READ = "case.read"
    CASE_CLOSE = "case.close"
    PROBE_SUBMIT = "probe.submit"
    PROBE_PREPARE = "probe.prepare"
    SUBMISSION_MAKE = "submission.make"
    SUBMISSION_READ = "submission.read"
    SUBMISSION_ERASE = "submission.erase"
    VIDEO_FOLLOW = "video.follow"
    REDACTION_EXPORT = "redaction.export"
    GALLERY_SEARCH = "gallery.search"
    CANDIDATE_EXAMINE = "candidate.examine"
    DIFFERENCE_DECIDE = "difference.decide"
    LEAD_VERIFY = "lead.verify"
    REPORT_MAKE = "report.make"
    BOARD_READ = "board.read"
    EXAMINER_REVIEW = "examiner.review"
    EXAMINER_SUSPEND = "examiner.suspend"
    CALIBRATION_MAKE = "calibration.make"
    AUTHORISATION_GRANT = "authorisation.grant"
    AUTHORISATION_REFUSE = "authorisation.refuse"
    STANDING_ASK = "standing.ask"
    STANDING_GRANT = "standing.grant"
    STANDING_REFUSE = "standing.refuse"
    STANDING_STOP = "standing.stop"
    PAIR_EXAMINE = "pair.examine"
    PAIR_CONCLUDE = "pair.conclude"
    SUBJECT_ACCESS = "subject.access"
    POLICY_READ = "policy.read"
    POLICY_REPLACE = "policy.replace"
    PERSON_READ = "person.read"
    PERSON_MANAGE = "person.manage"
    AUTHORITY_MANAGE = "authority.manage"
    TOKEN_MAKE = "token.make"  # noqa: S105 - the word, not one of them
    LEDGER_READ = "ledger.read"
    LEDGER_ACCEPT = "ledger.accept-restored"
    JOB_READ = "job.read"
    JOB_OVERSEE = "job.oversee"
    KEY_ROTATE = "key.rotate"
    MODEL_CHANGE = "model.change"


@dataclass(frozen=True, slots=True)
class Permit:
    """The act may be done; ``rule`` is the one that allows it, stable for programs."""

    rule: str


@dataclass(frozen=True, slots=True, init=False)
class Refusal:
    """The act may not be done; ``rule`` is stable for programs, ``field`` is what of the request it is about.

    Made from a message, or from its text and values; its identifier is the rule then, and the field fills its hole.
    """

    rule: str
    message: Message
    field: str | None = None

    def __init__(self, rule: str, message: Message | str, /, *, field: str | None = None, **values: object) -> None:
        object.__setattr__(self, "rule", rule)
        if field is not None and isinstance(message, str) and "{field}" in message:
            values["field"] = field
        found = message if isinstance(message, Message) else Message(rule, message, **values)
        object.__setattr__(self, "message", found)
        object.__setattr__(self, "field", field)

    @property
    def reason(self) -> str:
        """Return the English sentence, which begins small and has no end."""
        return str(self.message)


class Role(StrEnum):
    """The closed set of roles; what each may do stands in the policy, not here."""

    EXAMINER = "examiner"
    SUPERVISOR = "supervisor"
    RECORDS_OFFICER = "records-officer"
    DATA_PROTECTION_OFFICER = "data-protection-officer"
    ADMINISTRATOR = "administrator"


PersonId = NewType("PersonId", str)


class Means(StrEnum):
    """How it was established who acts."""

    SESSION = "session"
    TOKEN = "token"  # noqa: S105 - the word, not one of them
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody whose identity was established, as every workflow takes them.

    ``name`` is the account's login name, as the ledger says it. ``roles`` are those in force at this moment: an expired
    role, or an examiner's without valid training, is not among them. ``admitted`` is False where the person's authority
    is registered here but not admitted to act. ``scope`` narrows what an API token may do; None narrows nothing.
    """

    person: PersonId
    name: str
    authority: AuthorityCode
    roles: frozenset[Role]
    means: Means = Means.SESSION
    admitted: bool = True
    scope: frozenset[Action] | None = None

    def reaches(self, action: Action) -> bool:
        """Return whether the token that is used, where one is, allows the action; roles are not asked."""
        return self.scope is None or action in self.scope
