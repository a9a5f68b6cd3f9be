"""The supervisor's board: what waits for whom, and how examiners do on known non-mates."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from semblance.audit.entry import Touched, Verb
from semblance.cases.case import Case, CaseState
from semblance.cases.check import check_action
from semblance.cases.examination import OPEN_STATES, Examination, ExaminationState, Review
from semblance.cases.lead_check import HeldLead, LeadState
from semblance.errors import Conflict, NotFound
from semblance.evaluation.intervals import Rate, measure_rate
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.people.person import Grant
from semblance.store import cases, examinations, leads, opinions, people
from semblance.store.engine import Transaction
from semblance.store.opinions import NonMateTally
from semblance.terms.ids import AuthorityCode
from semblance.terms.permission import Action, Actor, Permit, Refusal, Role
from semblance.workflows.permission import ask, log_act, record_refusal, require_reason

_SHOWN = 200
_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """An examination that is open: what it waits for, and who reviews it since when."""

    examination: Examination
    case: Case
    reviews: tuple[Review, ...]


@dataclass(frozen=True, slots=True)
class ExaminerError:
    """How one examiner did on known non-mates; ``rate`` is that of taking one for a potential candidate."""

    tally: NonMateTally
    rate: Rate


@dataclass(frozen=True, slots=True)
class Board:
    """What a supervisor sees of their own authority.

    Both are of the last year: ``outcomes`` counts leads by what their owners said, ``ended`` examinations by what they
    came to. ``errors`` is empty for who may not review examiners.
    """

    cases: tuple[Case, ...]
    waiting: tuple[WaitingLine, ...]
    leads: tuple[HeldLead, ...]
    outcomes: tuple[tuple[LeadState, int], ...]
    ended: tuple[tuple[ExaminationState, int], ...]
    errors: tuple[ExaminerError, ...]


def read_board(node: Node, actor: Actor) -> Board:
    """Return the board of the actor's authority, and note that it was read."""
    permit = ask(node, actor, Action.BOARD_READ, owner=actor.authority)
    sees_errors = isinstance(
        check_action(node.policy.read(), actor, Action.EXAMINER_REVIEW, owner=actor.authority), Permit
    )
    now = node.clock()
    with node.store.writing() as tx:
        board = Board(
            cases=cases.list_cases(tx, actor.authority, state=CaseState.OPEN, before=None, limit=_SHOWN),
            waiting=_list_waiting(tx, actor.authority),
            leads=leads.list_of_authority(
                tx, actor.authority, states=(LeadState.WAITING, LeadState.UNANSWERED), limit=_SHOWN
            ),
            outcomes=tuple(
                (state, count)
                for authority, state, count in leads.count_states(tx, since=now - _YEAR)
                if authority == actor.authority
            ),
            ended=tuple(
                (state, count)
                for authority, state, count in examinations.count_states(tx, since=now - _YEAR)
                if authority == actor.authority and state not in OPEN_STATES
            ),
            errors=tuple(
                ExaminerError(tally, measure_rate(tally.potential, tally.shown))
                for tally in (opinions.count_known_non_mates(tx, actor.authority) if sees_errors else ())
            ),
        )
        touched = (Touched("case", case.id) for case in board.cases)
        log_act(tx, permit, Verb.CONSULTATION, *touched, at=now, reason=Message("board.read", "the board"))
    return board


def suspend_examiner(node: Node, actor: Actor, name: str, *, reason: str) -> datetime:
    """End an examiner's role as of now, and return when; only an administrator gives it again.

    Raises NotFound where the actor's authority has nobody of that name, Conflict where the person is no
    examiner.
    """
    require_reason(reason, Message("examiner.reason-missing", "Say why the examiner is suspended."))
    permit = ask(node, actor, Action.EXAMINER_SUSPEND, owner=actor.authority)
    if name == actor.name:
        own = Refusal("examiner.same-person", "nobody suspends themselves; another supervisor must", field="person")
        raise record_refusal(node, actor, Action.EXAMINER_SUSPEND, own)
    now = node.clock()
    with node.store.writing() as tx:
        person = people.find_person_named(tx, name)
        if person is None or person.authority.code != actor.authority:
            raise NotFound("examiner.unknown", "There is nobody of the name {person} in your authority.", person=name)
        if not any(grant.role is Role.EXAMINER and grant.until >= now.date() for grant in person.grants):
            raise Conflict("examiner.none", "{person} is no examiner now; nothing was changed.", person=name)
        people.set_grant(tx, person.id, Grant(Role.EXAMINER, now.date() - timedelta(days=1)))
        log_act(tx, permit, Verb.ALTERATION, Touched("person", person.id), at=now, reason=reason.strip())
    return now


def _list_waiting(tx: Transaction, authority: AuthorityCode) -> tuple[WaitingLine, ...]:
    found = examinations.list_open(tx, authority, limit=_SHOWN)
    reviews = examinations.list_reviews_of(tx, [examination.id for examination in found])
    waiting = []
    for examination in found:
        case = cases.find_case(tx, examination.case)
        assert case is not None
        waiting.append(WaitingLine(examination, case, tuple(reviews[examination.id])))
    return tuple(waiting)
