"""Take in the record that a photo came with, or make one from the terms of the whole enrolment."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from semblance.audit.entry import Touched, Verb
from semblance.cases.check import check_action
from semblance.cases.policy import Policy
from semblance.gallery.record import PublishAnswer, Record, RecordDraft, RecordTerms, RecordVersion
from semblance.gallery.record_faults import find_missing
from semblance.messages.message import Message
from semblance.store import records, subjects
from semblance.store.engine import Transaction
from semblance.terms.ids import SubjectId
from semblance.terms.permission import Action, Actor, Refusal
from semblance.terms.record import RecordKind, RecordState
from semblance.workflows.permission import Permitted, log_act

IMPORTED: Final = Message("records.imported", "taken in with its photos")
_REASONS: Final = (IMPORTED, "taken in with its photos")
"""How versions made by an import say so; the text is what older versions of the program wrote."""

NOT_NEUTRAL: Final = Refusal(
    "publish.article-3",
    "a record that is political, military, religious or racial in character is not published "
    "(Constitution of INTERPOL, article 3)",
)


def take_record(
    tx: Transaction,
    actor: Actor,
    draft: RecordDraft | str,
    terms: RecordTerms,
    *,
    subject: SubjectId | None,
    policy: Policy,
    now: datetime,
) -> SubjectId:
    """Return the subject of the draft, with its record made, or changed where the draft says something new.

    ``subject`` is None where there is no record of that number yet. ``draft`` may be a number alone: then the terms say
    the rest. A record that the policy does not let be changed as it stands stays as it is; one that lacks what its kind
    needs stays a draft. The caller has checked the draft and asked for permission to create records.
    """
    if isinstance(draft, str):
        draft = draft_from_terms(draft, terms)
    if subject is not None:
        _change(tx, actor, draft, subject, policy=policy, now=now)
        return subject
    subject = subjects.add_subject(tx, actor.authority, draft.number, at=now, person=actor.name).id
    made = name_unknown(tx, begin_record(subject, actor, draft, now=now), now=now)
    complete = not any(find_missing(draft))
    if terms.neutral is not None and (complete or not terms.neutral):
        made = answer_question(made, actor, neutral=terms.neutral, policy=policy, now=now)
    records.add_record(tx, RecordVersion(made, actor.name, actor.authority, now, IMPORTED))
    _log(tx, actor, Verb.COLLECTION, Action.RECORD_CREATE, subject, now)
    if made.state is RecordState.ACTIVE:
        _log(tx, actor, Verb.ALTERATION, Action.RECORD_PUBLISH, subject, now)
    elif terms.neutral is False:
        _log(tx, actor, Verb.REFUSAL, Action.RECORD_PUBLISH, subject, now)
    return subject


def draft_from_terms(number: str, terms: RecordTerms) -> RecordDraft:
    """Return the draft of a record that came with nothing but its number."""
    draft = RecordDraft(terms.kind, number, terms.legal_basis, terms.retain_until, terms.restriction)
    return replace(draft, circumstances=terms.circumstances)


def begin_record(subject: SubjectId, actor: Actor, draft: RecordDraft, *, now: datetime) -> Record:
    """Return the first version of a record: a draft of the actor's authority."""
    state, version, person = RecordState.DRAFT, 1, actor.name
    return Record(subject, actor.authority, draft, state, version, created_at=now, created_by=person, changed_at=now)


def name_unknown(tx: Transaction, record: Record, *, now: datetime) -> Record:
    """Return the record with a pseudonym, where it is of somebody whom nobody could name and has none yet."""
    if record.draft.kind is not RecordKind.UNIDENTIFIED or record.pseudonym is not None:
        return record
    return replace(record, pseudonym=records.take_pseudonym(tx, record.owner, now.year))


def answer_question(record: Record, actor: Actor, *, neutral: bool, policy: Policy, now: datetime) -> Record:
    """Return the record with the answer to the publish-time question; answered with yes, it is active.

    Publishing cuts the last day to what the policy allows.
    """
    answer = PublishAnswer(neutral, actor.name, actor.authority, now)
    if not neutral:
        return replace(record, answer=answer)
    draft = replace(record.draft, retain_until=cap_retention(record.draft.retain_until, policy, now=now))
    return replace(record, answer=answer, state=RecordState.ACTIVE, draft=draft)


def cap_retention(until: date, policy: Policy, *, now: datetime) -> date:
    """Return the owner's last day, or the policy's where that is earlier."""
    return min(until, now.date() + timedelta(days=policy.retention.record))


def _change(
    tx: Transaction, actor: Actor, draft: RecordDraft, subject: SubjectId, *, policy: Policy, now: datetime
) -> None:
    before = records.find_record(tx, subject)
    assert before is not None
    capped = replace(draft, retain_until=cap_retention(draft.retain_until, policy, now=before.changed_at))
    if before.draft in (draft, capped) or _was_taken(tx, draft, subject, policy=policy):
        return
    if isinstance(check_action(policy, actor, Action.RECORD_EDIT, record=before.facts), Refusal):
        return
    if before.state is RecordState.ACTIVE:
        draft = replace(draft, retain_until=cap_retention(draft.retain_until, policy, now=now))
    after = name_unknown(tx, replace(before, draft=draft, version=before.version + 1, changed_at=now), now=now)
    records.change_record(tx, RecordVersion(after, actor.name, actor.authority, now, IMPORTED))
    _log(tx, actor, Verb.ALTERATION, Action.RECORD_EDIT, subject, now)


def _was_taken(tx: Transaction, draft: RecordDraft, subject: SubjectId, *, policy: Policy) -> bool:
    """Return whether the draft is what was taken in last: then somebody changed the record since, and that stands."""
    last = next((version for version in records.list_versions(tx, subject) if version.reason in _REASONS), None)
    if last is None:
        return False
    capped = replace(draft, retain_until=cap_retention(draft.retain_until, policy, now=last.at))
    return last.record.draft in (draft, capped)


def _log(tx: Transaction, actor: Actor, verb: Verb, action: Action, subject: SubjectId, now: datetime) -> None:
    refused = verb is Verb.REFUSAL
    rule, reason = (NOT_NEUTRAL.rule, NOT_NEUTRAL.message) if refused else (f"actions.{action.value}", IMPORTED)
    log_act(tx, Permitted(rule, actor, action), verb, Touched("subject", subject), at=now, reason=reason)
