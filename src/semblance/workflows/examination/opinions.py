"""Write down what one thinks of a candidate, record it, and close one's review; what follows is concluded at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from semblance.audit.act import Act, Touched, Verb
from semblance.cases.examination import (
    OPEN_STATES,
    Examination,
    Lead,
    Result,
    Review,
    check_closing,
    conclude_examination,
)
from semblance.cases.lead_check import HeldLead, LeadState
from semblance.cases.opinion import OpinionDraft, check_draft, check_opinion
from semblance.errors import Conflict, NotFound
from semblance.node.node import Node
from semblance.store import cases, examinations, leads, ledger, opinions, probes, records, searches
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.ids import ExaminationId, LeadId, make_id
from semblance.terms.notification import LeadNotice
from semblance.terms.permission import Refusal
from semblance.workflows.examination.comparison import probe_gone
from semblance.workflows.examination.queue_lead_notice import queue_lead_notice
from semblance.workflows.examination.require_examination import ask_for_examination, refuse_in_examination
from semblance.workflows.examination.reviews import require_own_review, require_unclosed
from semblance.workflows.permission import describe_act


@dataclass(frozen=True, slots=True)
class ClosedReview:
    """What followed from closing one's review, as far as the person who closed it may know."""

    examination: Examination
    dismissed: int


def save_draft(
    node: Node, actor: Actor, which: ExaminationId, pseudonym: str, draft: OpinionDraft, *, version: int
) -> int:
    """Keep what was written so far and return its version; an opinion that was recorded is taken back by it.

    Raises NotFound, and Conflict where another tab saved since, or the review was closed.
    """
    found = ask_for_examination(node, actor, None, which)
    if fault := check_draft(draft):
        return fault
    with node.store.writing() as tx:
        mine, key = _require_line(tx, found[0], actor, pseudonym)
        return opinions.save_draft(tx, mine.id, pseudonym, draft, key, version=version)


def give_opinion(
    node: Node, actor: Actor, which: ExaminationId, pseudonym: str, draft: OpinionDraft, *, version: int
) -> int:
    """Record an opinion on one candidate; until the review is closed it can be changed.

    Refused where the conclusion lacks the reasons that it needs. Raises NotFound, also where the probe's time was over
    meanwhile, and Conflict where another tab saved since, or the review was closed.
    """
    found = ask_for_examination(node, actor, None, which)
    held, case, permit = found
    answer = check_opinion(draft)
    if isinstance(answer, Refusal):
        return answer
    assert draft.conclusion is not None
    now = node.clock()
    with node.store.writing() as tx:
        mine, key = _require_line(tx, held, actor, pseudonym)
        record = searches.find_search(tx, held.search)
        if record is None or probes.find_probe(tx, record.probe, now=now) is None:
            raise probe_gone()
        opinions.mark_seen(tx, mine.id, pseudonym, now)
        saved = opinions.record_opinion(tx, mine.id, pseudonym, draft, key, version=version, at=now)
        cases.touch_case(tx, case.id, now)
        one = next(one for one in examinations.list_candidates(tx, which) if one.pseudonym == pseudonym)
        act = describe_act(
            actor,
            permit,
            Verb.COMBINATION,
            "opinion.record",
            case=case.number,
            purpose=case.draft.purpose.value,
            reason=f"{pseudonym}: {draft.conclusion.value}",
            touched=(Touched("search", held.search), Touched("case", case.id), Touched("subject", one.subject)),
        )
        ledger.append(tx, act, at=now, sealed_under=key)
    return saved


def close_review(node: Node, actor: Actor, which: ExaminationId) -> ClosedReview:
    """Close one's review: whoever was looked at and not taken further is no candidate; then conclude what follows.

    Refused while a candidate was not looked at, or something was begun and no opinion recorded. Raises NotFound, and
    Conflict where it was closed already.
    """
    found = ask_for_examination(node, actor, None, which)
    held, case, permit = found
    now = node.clock()
    with node.store.writing() as tx:
        mine = require_own_review(tx, which, actor)
        require_unclosed(mine)
        key = searches.find_search_key(tx, held.search)
        if key is None:
            raise NotFound(
                "examination.search-found-erased-when-time-3",
                "What this search found was erased when its time was over; there is nothing left to close.",
            )
        lines = opinions.list_lines(tx, mine.id)
        begun = [line.pseudonym for line in lines if line.conclusion is None and line.written]
        undecided = [name for name in begun if _says_something(opinions.read_draft(tx, mine.id, name, key)[0])]
        seen = [line.pseudonym for line in lines if line.seen_at is not None]
        answer = check_closing(mine.ordering, seen, undecided)
        if not isinstance(answer, Refusal):
            dismissed = opinions.dismiss_rest(tx, mine.id, now)
            examinations.close_review(tx, mine.id, now)
            cases.touch_case(tx, case.id, now)
            given = opinions.read_opinions(tx, [mine])
            said = ", ".join(
                f"{name} {told.conclusion.value}" for name, (told,) in sorted(given.items()) if not told.dismissed
            )
            act = describe_act(
                actor,
                permit,
                Verb.COMBINATION,
                "examination.close",
                case=case.number,
                purpose=case.draft.purpose.value,
                reason=f"{said or 'no candidate'}; {len(dismissed)} looked at and not taken further",
                touched=(Touched("search", held.search), Touched("case", case.id)),
            )
            ledger.append(tx, act, at=now, sealed_under=key)
            concluded = _conclude(tx, node, held, now)
            return ClosedReview(concluded, len(dismissed))
    return refuse_in_examination(node, actor, Action.CANDIDATE_EXAMINE, answer, held, case)


def _conclude(tx: Transaction, node: Node, held: Examination, now: datetime) -> Examination:
    """Move the examination on after a review was closed, and make the leads that two people's opinions made."""
    candidates = examinations.list_candidates(tx, held.id)
    closed = [one for one in examinations.list_reviews(tx, held.id) if one.closed_at is not None]
    state, results = conclude_examination(candidates, opinions.read_opinions(tx, closed), len(closed))
    at = None if state in OPEN_STATES else now
    examinations.move_examination(tx, held.id, state, at)
    if at is not None:
        _make_leads(tx, node, held, results, now)
    moved = examinations.find_examination(tx, held.id)
    assert moved is not None
    return moved


def _make_leads(tx: Transaction, node: Node, held: Examination, results: tuple[Result, ...], now: datetime) -> None:
    subjects = {one.pseudonym: one.subject for one in examinations.list_candidates(tx, held.id)}
    due = now + timedelta(days=node.policy.read().examination.owner_days)
    for result in results:
        if not isinstance(result, Lead):
            continue
        facts = records.find_facts(tx, subjects[result.pseudonym])
        if facts is None:
            # the record was erased while people looked: there is nobody left to ask
            continue
        made = HeldLead(
            id=LeadId(make_id()),
            examination=held.id,
            pseudonym=result.pseudonym,
            subject=subjects[result.pseudonym],
            authority=held.authority,
            owner=facts.owner,
            state=LeadState.WAITING,
            made_at=now,
            due_at=due,
        )
        leads.add_lead(tx, made)
        queue_lead_notice(tx, LeadNotice.WAITING, made.id, made.owner, made.due_at, at=now)
        act = Act(
            verb=Verb.COMBINATION,
            action="lead.make",
            person=" and ".join(opinion.person for opinion in result.opinions),
            authority=held.authority,
            reason=f"{result.pseudonym}: two concordant opinions; {made.owner} is asked to check it",
            touched=(Touched("search", held.search), Touched("lead", made.id), Touched("subject", made.subject)),
            rule="lead.two-people",
        )
        ledger.append(tx, act, at=now, sealed_under=searches.find_search_key(tx, held.search))


def _require_line(tx: Transaction, held: Examination, actor: Actor, pseudonym: str) -> tuple[Review, KeyId]:
    mine = require_own_review(tx, held.id, actor)
    require_unclosed(mine)
    if pseudonym not in mine.ordering:
        raise NotFound(
            "examination.no-candidate-examination",
            "There is no candidate {candidate} in this examination.",
            candidate=pseudonym,
        )
    current = examinations.find_examination(tx, held.id)
    if current is None or not current.is_open:
        raise Conflict(
            "examination.examination-ended-meanwhile-nothing-changed",
            "The examination has ended meanwhile; nothing was changed.",
        )
    key = searches.find_search_key(tx, held.search)
    if key is None:
        raise NotFound(
            "examination.search-found-erased-when-time-2",
            "What this search found was erased when its time was over; nothing can be written of it.",
        )
    return mine, key


def _says_something(draft: OpinionDraft) -> bool:
    return bool(draft.compared or draft.reason.strip() or draft.conclusion or draft.grounds)
