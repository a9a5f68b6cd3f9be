"""Write down what one thinks of a candidate, record it, and close one's review; what follows is concluded at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from semblance.audit.entry import Act, Touched, Verb
from semblance.cases.examination import OPEN_STATES, Examination, Lead, Review, check_closing, conclude_examination
from semblance.cases.lead_check import HeldLead, LeadState
from semblance.cases.opinion import OpinionDraft, check_draft, check_opinion
from semblance.errors import Conflict, OpinionInvalid
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import cases, examinations, leads, ledger, opinions, probes, records, searches
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.notifications import queue_notification
from semblance.terms.ids import ExaminationId, LeadId, make_id
from semblance.terms.notification import LeadNotification
from semblance.terms.permission import Actor
from semblance.workflows.examination.comparison import probe_gone, require_among
from semblance.workflows.examination.remember_answers import may_be_asked, remember_answers
from semblance.workflows.examination.require_examination import (
    ask_for_examination,
    log_in_examination,
    refuse_in_examination,
    search_erased,
)
from semblance.workflows.examination.reviews import require_own_review, require_unclosed


@dataclass(frozen=True, slots=True)
class ClosedReview:
    """What followed from closing one's review, as far as the person who closed it may know."""

    examination: Examination
    dismissed: int


def save_draft(
    node: Node, actor: Actor, which: ExaminationId, pseudonym: str, draft: OpinionDraft, *, version: int
) -> int:
    """Keep what was written so far and return its version; an opinion that was recorded is taken back by it.

    Raises OpinionInvalid where it cannot be kept as it is, NotFound, and Conflict where another tab saved since, or the
    review was closed.
    """
    access = ask_for_examination(node, actor, None, which)
    if refusal := check_draft(draft):
        raise OpinionInvalid(refusal.message, refusal.field)
    with node.store.writing() as tx:
        own, key = _require_line(tx, access.examination, actor, pseudonym)
        return opinions.save_draft(tx, own.id, pseudonym, draft, key, version=version)


def give_opinion(
    node: Node, actor: Actor, which: ExaminationId, pseudonym: str, draft: OpinionDraft, *, version: int
) -> int:
    """Record an opinion on one candidate; until the review is closed it can be changed.

    Raises OpinionInvalid where the conclusion lacks the reasons that it needs, NotFound, also where the probe's time
    was over meanwhile, and Conflict where another tab saved since, or the review was closed.
    """
    access, now = ask_for_examination(node, actor, None, which), node.clock()
    if refusal := check_opinion(draft):
        raise OpinionInvalid(refusal.message, refusal.field)
    with node.store.writing() as tx:
        own, key = _require_line(tx, access.examination, actor, pseudonym)
        record = searches.find_search(tx, access.examination.search)
        if record is None or probes.find_probe(tx, record.probe, now=now) is None:
            raise probe_gone()
        opinions.mark_seen(tx, own.id, pseudonym, now)
        saved = opinions.save_draft(tx, own.id, pseudonym, draft, key, version=version, recorded_at=now)
        cases.touch_case(tx, access.case.id, now)
        candidates = examinations.list_candidates(tx, which)
        subject = next(candidate.subject for candidate in candidates if candidate.pseudonym == pseudonym)
        reason = Message(
            "opinion.recorded", "{pseudonym}: {conclusion}", pseudonym=pseudonym, conclusion=draft.conclusion
        )
        touched = Touched("subject", subject)
        log_in_examination(tx, access, Verb.COMBINATION, reason, touched, at=now, action="opinion.record")
    return saved


def close_review(node: Node, actor: Actor, which: ExaminationId) -> ClosedReview:
    """Close one's review: whoever was looked at and not taken further is no candidate; then conclude what follows.

    Refused while a candidate was not looked at, or something was begun and no opinion recorded. Raises NotFound, and
    Conflict where it was closed already.
    """
    access, now = ask_for_examination(node, actor, None, which), node.clock()
    with node.store.writing() as tx:
        own = require_own_review(tx, which, actor)
        require_unclosed(own)
        key = searches.find_search_key(tx, access.examination.search)
        if key is None:
            raise search_erased()
        lines = opinions.list_lines(tx, own.id)
        begun = [line.pseudonym for line in lines if line.conclusion is None and line.written]
        undecided = [name for name in begun if _says_something(opinions.read_draft(tx, own.id, name, key)[0])]
        seen = [line.pseudonym for line in lines if line.seen_at is not None]
        refusal = check_closing(own.ordering, seen, undecided)
        if refusal is None:
            dismissed = opinions.dismiss_rest(tx, own.id, now)
            examinations.close_review(tx, own.id, now)
            cases.touch_case(tx, access.case.id, now)
            reason = _describe_closing(tx, own, dismissed)
            log_in_examination(tx, access, Verb.COMBINATION, reason, at=now, action="examination.close")
            return ClosedReview(_conclude(tx, node, access.examination, now), len(dismissed))
    raise refuse_in_examination(node, access, refusal)


def _describe_closing(tx: Transaction, own: Review, dismissed: tuple[str, ...]) -> Message:
    opinions_given = [
        Message("opinion.recorded", "{pseudonym}: {conclusion}", pseudonym=name, conclusion=opinion.conclusion)
        for name, (opinion,) in sorted(opinions.read_opinions(tx, [own]).items())
        if not opinion.dismissed
    ]
    if not opinions_given:
        return Message(
            "examination.closed-without-opinion", "no candidate; {n} looked at and not taken further", n=len(dismissed)
        )
    return Message(
        "examination.closed-with-opinions",
        "{opinions}; {n} looked at and not taken further",
        opinions=opinions_given,
        n=len(dismissed),
    )


def _conclude(tx: Transaction, node: Node, examination: Examination, now: datetime) -> Examination:
    """Move the examination on after a review was closed, and make the leads that two people's opinions made."""
    candidates = examinations.list_candidates(tx, examination.id)
    closed = [review for review in examinations.list_reviews(tx, examination.id) if review.closed_at is not None]
    state, results = conclude_examination(candidates, opinions.read_opinions(tx, closed), len(closed))
    at = None if state in OPEN_STATES else now
    examinations.move_examination(tx, examination.id, state, at)
    if at is not None:
        remember_answers(tx, examination, candidates, results, now)
        subjects = {candidate.pseudonym: candidate.subject for candidate in candidates}
        for result in results:
            # where a record was erased or closed to the other while people looked there is nobody left to ask
            if not isinstance(result, Lead):
                continue
            facts = records.find_facts(tx, subjects[result.pseudonym])
            if facts is not None and may_be_asked(tx, examination, facts, now):
                made = HeldLead(
                    id=LeadId(make_id()),
                    examination=examination.id,
                    pseudonym=result.pseudonym,
                    subject=subjects[result.pseudonym],
                    authority=examination.authority,
                    owner=facts.owner,
                    state=LeadState.WAITING,
                    made_at=now,
                    due_at=now + timedelta(days=node.policy.read().examination.owner_days),
                )
                _add_lead(tx, made, result, examination)
    moved = examinations.find_examination(tx, examination.id)
    assert moved is not None
    return moved


def _add_lead(tx: Transaction, made: HeldLead, result: Lead, examination: Examination) -> None:
    leads.add_lead(tx, made)
    kind = LeadNotification.WAITING.value
    queue_notification(tx, kind, made.id, made.owner, at=made.made_at, deadline=made.due_at)
    people = " and ".join(opinion.person for opinion in result.opinions)
    reason = Message(
        "lead.made",
        "{pseudonym}: two concordant opinions; {owner} is asked to check it",
        pseudonym=made.pseudonym,
        owner=made.owner,
    )
    touched = Touched("search", examination.search), Touched("lead", made.id), Touched("subject", made.subject)
    rule = "lead.two-people"
    act = Act(Verb.COMBINATION, "lead.make", people, made.authority, reason=reason, touched=touched, rule=rule)
    ledger.append(tx, act, at=made.made_at, sealed_under=searches.find_search_key(tx, examination.search))


def _require_line(tx: Transaction, examination: Examination, actor: Actor, pseudonym: str) -> tuple[Review, KeyId]:
    own = require_own_review(tx, examination.id, actor)
    require_unclosed(own)
    require_among(own, pseudonym)
    current = examinations.find_examination(tx, examination.id)
    if current is None or not current.is_open:
        raise Conflict("examination.ended", "The examination has ended meanwhile; nothing was changed.")
    key = searches.find_search_key(tx, examination.search)
    if key is None:
        raise search_erased()
    return own, key


def _says_something(draft: OpinionDraft) -> bool:
    return bool(draft.compared or draft.reason.strip() or draft.conclusion or draft.grounds)
