"""Open, look at and close cases."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from semblance.audit.entry import Touched, Verb
from semblance.audit.search_record import SearchRecord
from semblance.cases.case import Authorisation, Case, CaseDraft, CaseState, check_case
from semblance.cases.check import check_action
from semblance.cases.examination import Examination
from semblance.errors import Conflict, NotFound
from semblance.gallery.submission import Submission
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import authorisations, cases, examinations, probes, searches, submissions
from semblance.store.probes import StoredProbe
from semblance.terms.ids import CaseId, SearchId, make_id
from semblance.terms.permission import Action, Actor, Permit, Refusal
from semblance.workflows.jobs.jobs import end_jobs_of_case
from semblance.workflows.permission import (
    Permitted,
    ask,
    log_act,
    name_touched,
    note_reading,
    record_refusal,
    refuse_missing,
    require_reason,
)

_SHOWN_SEARCHES: Final = 200
_CASE_ACTIONS: Final = (Action.CASE_READ, Action.CASE_CLOSE, Action.PROBE_SUBMIT)


@dataclass(frozen=True, slots=True)
class CasePage:
    """A page of cases, the one opened last first; ``next_after`` asks for the page after it, None at the end."""

    cases: tuple[Case, ...]
    next_after: CaseId | None


@dataclass(frozen=True, slots=True)
class CaseDetail:
    """A case with its probes, its submissions, the searches made in it, newest first, and what became of these."""

    case: Case
    probes: tuple[StoredProbe, ...]
    searches: tuple[SearchRecord, ...]
    authorisations: tuple[Authorisation, ...]
    examinations: Mapping[SearchId, Examination]
    submissions: tuple[Submission, ...]


def open_case(node: Node, actor: Actor, draft: CaseDraft) -> Case:
    """Open a case of the actor's authority; refused where it does not say what its purpose demands.

    Raises Conflict where the authority has a case of that number.
    """
    permit = ask(node, actor, Action.CASE_OPEN, owner=actor.authority)
    texts = {name: getattr(draft, name).strip() for name in ("number", "aim", "offence", "link")}
    draft = replace(draft, **texts)
    answer = check_case(draft, node.policy.read())
    if isinstance(answer, Refusal):
        raise record_refusal(node, actor, Action.CASE_OPEN, answer, purpose=draft.purpose.value)
    now = node.clock()
    made = Case(CaseId(make_id()), actor.authority, draft, CaseState.OPEN, now, actor.name, now)
    with node.store.writing() as tx:
        if cases.find_numbered(tx, actor.authority, draft.number) is not None:
            raise Conflict(
                "case.number-taken",
                "{authority} has a case '{number}' already; work in that one, or number anew.",
                authority=actor.authority,
                number=draft.number,
            )
        cases.add_case(tx, made)
        log_act(tx, permit, Verb.COLLECTION, Touched("case", made.id), at=now, case=made, reason=draft.aim)
    return made


def list_cases(
    node: Node, actor: Actor, *, state: CaseState | None = None, after: CaseId | None = None, limit: int = 50
) -> CasePage:
    """Return the cases of the actor's authority, the one opened last first, from the one after ``after``.

    The page is logged as a consultation.
    """
    permit = ask(node, actor, Action.CASE_READ, owner=actor.authority)
    with node.store.reading() as tx:
        before = None if after is None else cases.find_case(tx, after, actor.authority)
        found = cases.list_cases(tx, actor.authority, state=state, before=before, limit=limit + 1)
    touched = (Touched("case", case.id) for case in found[:limit])
    note_reading(node, permit, *touched, reason=Message("case.list", "a list of cases"))
    return CasePage(found[:limit], found[limit - 1].id if len(found) > limit else None)


def read_case(node: Node, actor: Actor, case_id: CaseId) -> CaseDetail:
    """Return a case and what was done in it, and note that it was read; raises NotFound."""
    case, permit = ask_for_case(node, actor, Action.CASE_READ, case_id)
    now = node.clock()
    with node.store.writing() as tx:
        found = searches.list_searches(tx, case.authority, before=None, limit=_SHOWN_SEARCHES, case=case.id)
        asked = authorisations.list_authorisations(tx, case.authority, state=None, limit=1000)
        log_act(tx, permit, Verb.CONSULTATION, Touched("case", case_id), at=now, case=case, reason=case.draft.aim)
        return CaseDetail(
            case=case,
            probes=probes.list_probes(tx, case_id, now=now),
            searches=tuple(numbered.record for numbered in found),
            authorisations=tuple(authorisation for authorisation in asked if authorisation.case == case_id),
            examinations=examinations.find_of_searches(tx, [numbered.record.search for numbered in found]),
            submissions=submissions.list_submissions(tx, case_id),
        )


def find_case_id(node: Node, actor: Actor, number: str) -> CaseId:
    """Return the case of that number, or of that id, of the actor's authority; raises NotFound."""
    policy, mine = node.policy.read(), actor.authority
    if not any(isinstance(check_action(policy, actor, action, owner=mine), Permit) for action in _CASE_ACTIONS):
        # whoever may do nothing with any case is refused whatever they name, and learns nothing here
        return CaseId(number)
    with node.store.reading() as tx:
        found = cases.find_numbered(tx, actor.authority, number.strip())
        found = found or cases.find_case(tx, CaseId(number), actor.authority)
    if found is None:
        raise missing_case(number)
    return found.id


def name_case(node: Node, case_id: CaseId) -> str:
    """Return the number of a case in which somebody was just permitted to act, to answer them with; asks nobody."""
    with node.store.reading() as tx:
        case = cases.find_case(tx, case_id)
    return "" if case is None else case.number


def close_case(node: Node, actor: Actor, case_id: CaseId, *, reason: str) -> Case:
    """Close a case: examinations lapse, jobs are broken off, submissions erased, probes go when their time is over.

    Raises NotFound, and Conflict where it is not open.
    """
    require_reason(reason, Message("case.closing-unexplained", "Say why the case is closed."))
    case, permit = ask_for_case(node, actor, Action.CASE_CLOSE, case_id)
    now = node.clock()
    with node.store.writing() as tx:
        current = cases.find_case(tx, case_id)
        if current is None or current.state is not CaseState.OPEN:
            raise Conflict(
                "case.closed-already",
                "The case {number} is not open any more; nothing was changed.",
                number=case.number,
            )
        cases.change_state(tx, case_id, CaseState.CLOSED)
        examinations.lapse_of_case(tx, case_id, now)
        end_jobs_of_case(tx, case_id, name=actor.name, at=now)
        erased = submissions.erase_of_case(tx, case_id)
        if erased.submissions:
            what = Message(
                "submission.case-closed",
                "the case is closed; {n} submissions with {files} files erased",
                n=erased.submissions,
                files=erased.files,
            )
            act, touched = "submission.erase", Touched("case", case_id)
            log_act(tx, permit, Verb.ERASURE, touched, at=now, action=act, case=case, reason=what)
        cases.touch_case(tx, case_id, now)
        log_act(tx, permit, Verb.ALTERATION, Touched("case", case_id), at=now, case=case, reason=reason)
    return replace(case, state=CaseState.CLOSED, last_act_at=now)


def ask_for_case(node: Node, actor: Actor, action: Action, case_id: CaseId) -> tuple[Case, Permitted]:
    """Return the case and the permit to do the action in it.

    Raises NotFound where there is no such case, and in the same words, for the same work, where it is another
    authority's; both are recorded.
    """
    permit = ask(node, actor, action, owner=actor.authority, touched=name_touched("case", case_id))
    with node.store.reading() as tx:
        case = cases.find_case(tx, case_id, actor.authority)
    if case is None:
        refuse_missing(node, actor, action, name_touched("case", case_id))
        raise missing_case(case_id)
    return case, permit


def missing_case(case: str) -> NotFound:
    """Return the error for a case that is not held, or that is another authority's."""
    return NotFound(
        "case.missing", "There is no case {number} of your authority; `semblance case list` lists them.", number=case
    )
