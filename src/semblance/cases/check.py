"""Whether somebody may do something: the one place where roles, records and the policy meet.

There is no anonymous search: every search says who searches, in which case, for what purpose and why.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from semblance.cases.policy import ActionRule, Policy, Whose
from semblance.messages.message import Message
from semblance.terms.ids import AuthorityCode
from semblance.terms.permission import Action, Actor, Means, Permit, Purpose, Refusal
from semblance.terms.record import RecordFacts, RecordKind, RecordStanding, RecordState
from semblance.terms.search import EVERYBODY, Narrowing
from semblance.terms.text import REASON_LENGTH_CAP, find_text_fault, says_nothing

NOT_OPEN: Final = Refusal("policy.restriction", "there is no such thing here, or it is not open to this authority")
"""How what another authority must not know of is refused: what does not exist is refused in the same words."""


def check_action(
    policy: Policy,
    actor: Actor,
    action: Action,
    *,
    record: RecordStanding | None = None,
    owner: AuthorityCode | None = None,
) -> Permit | Refusal:
    """Return whether the actor may do the action to the record, or to a case or person of the authority ``owner``.

    Rules are asked in a fixed order, and the first that forbids answers: the authority's admission, the token's scope,
    the role, whose it is, the record's state.
    """
    rule = policy.actions.get(action)
    if not actor.admitted:
        return Refusal(
            "authority.not-admitted",
            "the authority {authority} is not admitted to act on this node",
            authority=actor.authority,
        )
    if not actor.reaches(action):
        return Refusal("token.scope", "the token that was used does not allow {action}", action=action)
    if rule is None:
        return Refusal("policy.action", "the policy of this node allows nobody to do {action}", action=action)
    if not rule.roles & actor.roles:
        return Refusal(
            "policy.role",
            "{action} needs the role {roles:or}, which {person} does not hold now",
            action=action,
            roles=sorted(rule.roles),
            person=actor.name,
        )
    if refusal := _refuse_foreign(rule, actor, action, record, owner):
        return refusal
    if record is not None and record.state not in rule.states:
        return Refusal(
            "policy.state", "{action} is not possible while the record is {state}", action=action, state=record.state
        )
    return Permit(f"actions.{action.value}")


def find_searchable(
    policy: Policy, purpose: Purpose, authority: AuthorityCode, today: date, narrowed: Narrowing = EVERYBODY
) -> Callable[[RecordFacts], bool]:
    """Return the test that a record must pass to be a candidate of a search."""
    kinds = policy.purposes[purpose].kinds if purpose in policy.purposes else frozenset()
    return admit_kinds(kinds & narrowed.kinds if narrowed.kinds else kinds, authority, today)


def admit_kinds(kinds: frozenset[RecordKind], authority: AuthorityCode, today: date) -> Callable[[RecordFacts], bool]:
    """Return the test that a record is active, in time, of one of the kinds, and visible to the authority."""
    return lambda record: record.kind in kinds and is_open(record, authority, today)


def is_open(record: RecordFacts, authority: AuthorityCode, today: date) -> bool:
    """Return whether a record is active, in time, and visible to the authority."""
    return record.state is RecordState.ACTIVE and record.retain_until >= today and record.is_visible_to(authority)


def check_compared(policy: Policy, purpose: Purpose, record: RecordFacts) -> Refusal | None:
    """Return why photos of the record may not be handed in as probes for the purpose, or None."""
    rule = policy.purposes.get(purpose)
    if rule is not None and record.kind in rule.compared:
        return None
    return Refusal(
        "policy.compared",
        "for {purpose} the policy compares no photos of records of the kind {kind} with others",
        field="record",
        purpose=purpose,
        kind=record.kind,
    )


def _refuse_foreign(
    rule: ActionRule, actor: Actor, action: Action, record: RecordStanding | None, owner: AuthorityCode | None
) -> Refusal | None:
    if actor.means is Means.WORKER:
        return None
    owned_by = record.owner if record is not None else owner
    if owned_by is None or owned_by == actor.authority:
        return None
    if rule.whose is Whose.OWN:
        return Refusal(
            "policy.owner",
            "{action} is for the people of {authority}, the authority that owns it",
            action=action,
            authority=owned_by,
        )
    hidden = rule.whose is Whose.VISIBLE if record is None else not record.is_visible_to(actor.authority)
    return NOT_OPEN if hidden else None


@dataclass(frozen=True, slots=True)
class Justification:
    """What somebody says about the search that they want to make; nothing is checked yet.

    ``purpose`` is the value of a Purpose; it is text here because a wrong one is refused and recorded, too.
    """

    person: str
    case: str
    purpose: str
    reason: str


_LEAST_REASON: Final = 10
_EMPTY_WORDS: Final = frozenset({"test", "tests", "testing", "none", "n/a", "reason", "search", "because"})


def check_justification(
    justification: Justification, allowed: Collection[Purpose] = tuple(Purpose)
) -> Permit | Refusal:
    """Return a permit where every field is there and means something, else the first rule that forbids the search.

    ``allowed`` are the purposes that a search may have on the node.
    """
    fields = (
        ("person", justification.person, Message("justification.who", "who searches")),
        ("case", justification.case, Message("justification.case", "the case that the search belongs to")),
        ("purpose", justification.purpose, Message("justification.purpose", "the purpose of the search")),
        ("reason", justification.reason, Message("justification.why", "why this search is needed")),
    )
    for name, text, meaning in fields:
        if fault := _find_fault(text):
            faulty = Message(
                "justification.faulty", "{field} {fault}: say {meaning}", field=name, fault=fault, meaning=meaning
            )
            return Refusal(f"justification.{name}", faulty, field=name)
    if justification.purpose.strip() not in set(Purpose):
        unknown = Message(
            "justification.purpose-unknown",
            "purpose '{text}' is not one of: {purposes}",
            text=justification.purpose,
            purposes=allowed,
        )
        return Refusal("justification.purpose", unknown, field="purpose")
    purpose = Purpose(justification.purpose.strip())
    if purpose not in allowed:
        return Refusal(
            "node.purpose",
            "this node is not used for the purpose '{purpose}', only for: {purposes}",
            field="purpose",
            purpose=purpose,
            purposes=allowed,
        )
    if not _says_something(justification.reason):
        empty = Message(
            "justification.reason-empty",
            "reason '{reason}' does not say why: write at least two words and {least} characters about why "
            "this search is needed",
            reason=justification.reason.strip(),
            least=_LEAST_REASON,
        )
        return Refusal("justification.reason", empty, field="reason")
    return Permit("justification")


def _find_fault(text: str) -> Message | None:
    if says_nothing(text):
        return Message("text.missing", "is missing")
    return find_text_fault(text, cap=REASON_LENGTH_CAP, breaks=True)


def _says_something(reason: str) -> bool:
    words = [word.strip(".,;:!?-'\"()").casefold() for word in reason.split()]
    # scripts without spaces between words say much in one "word"
    spaceless = any(ord(character) >= 0x0E00 for character in reason)
    telling = [word for word in words if word and word not in _EMPTY_WORDS]
    if spaceless:
        return bool(telling)
    letters = {character for character in reason.casefold() if character.isalnum()}
    return len(reason.strip()) >= _LEAST_REASON and len(words) >= 2 and bool(telling) and len(letters) >= 3
