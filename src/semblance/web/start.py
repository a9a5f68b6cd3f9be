"""The start page: what waits for the person, and what they may begin."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from semblance.cases.case import CaseState
from semblance.edge.acting import make_acting
from semblance.edge.refusals import accept
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.permission import Refusal
from semblance.terms.record import RecordState
from semblance.web.contexts import Link, StartPage, TaskView
from semblance.web.navigation import make_frame, may
from semblance.web.rendering import render_page
from semblance.web.site import Site
from semblance.web.words import say_count, say_left, say_moment, say_purpose
from semblance.workflows.authorise import list_authorisations
from semblance.workflows.cases import list_cases
from semblance.workflows.check_lead import list_leads
from semblance.workflows.list_records import RecordFilter, list_records
from semblance.workflows.permission import ask
from semblance.workflows.read_record import list_awaiting
from semblance.workflows.show import describe_node
from semblance.workflows.sit import list_waiting

_BEGINNINGS = (
    (Link("case", "/cases/new", "Open a case"), Action.CASE_OPEN),
    (Link("record", "/records/new", "Write a record"), Action.RECORD_CREATE),
)
_SHOWN = 12


def make_start_routes(site: Site) -> APIRouter:
    """Return the start page's route."""
    routes = APIRouter()
    acting = make_acting(site.node)

    @routes.get("/")
    def start(actor: Annotated[Actor, Depends(acting)]) -> Response:
        accept(ask(site.node, actor, Action.POLICY_READ))
        summary = describe_node(site.node, actor)
        page = StartPage(
            frame=make_frame(site, "", actor),
            greeting=f"{actor.name}, {', '.join(sorted(actor.roles)) or 'no role in force'}",
            tasks=(
                *_find_authorisations(site, actor),
                *_find_leads(site, actor),
                *_find_examinations(site, actor),
                *_find_cases(site, actor),
                *_find_records(site, actor),
            ),
            beginnings=tuple(link for link, action in _BEGINNINGS if may(site, actor, action)),
            active=summary.active,
            references=summary.references,
            purposes=tuple(say_purpose(purpose) for purpose in summary.purposes),
        )
        return render_page("start.html", page)

    return routes


def _find_authorisations(site: Site, actor: Actor) -> list[TaskView]:
    if not may(site, actor, Action.AUTHORISATION_GRANT):
        return []
    rows = list_authorisations(site.node, actor)
    if isinstance(rows, Refusal):
        return []
    now = site.node.clock()
    return [
        TaskView(
            href="/authorisations",
            words=f"Authorise the search in case {row.case_number}",
            detail=f"asked for by {row.authorisation.requested_by}, {say_left(row.authorisation.due_at, now)}",
            late=row.authorisation.due_at is not None and row.authorisation.due_at - now < timedelta(hours=12),
        )
        for row in rows[:_SHOWN]
    ]


def _find_leads(site: Site, actor: Actor) -> list[TaskView]:
    if not may(site, actor, Action.LEAD_VERIFY):
        return []
    rows = list_leads(site.node, actor)
    if isinstance(rows, Refusal):
        return []
    now = site.node.clock()
    return [
        TaskView(
            href=f"/leads/{one.lead.id}",
            words=f"Check the lead on {one.number or 'an erased record'}",
            detail=f"asked by {one.lead.authority}, until {say_moment(one.lead.due_at)}",
            late=one.lead.due_at - now < timedelta(days=3),
        )
        for one in rows[:_SHOWN]
    ]


def _find_examinations(site: Site, actor: Actor) -> list[TaskView]:
    if not may(site, actor, Action.CANDIDATE_EXAMINE):
        return []
    rows = list_waiting(site.node, actor)
    if isinstance(rows, Refusal):
        return []
    return [
        TaskView(
            href=f"/examinations/{one.examination}" if one.mine else "/examinations",
            words=f"Examine {say_count(one.candidates, 'candidate', 'candidates')} in case {one.case.number}",
            detail=f"searched {say_moment(one.searched_at)}",
        )
        for one in rows[:_SHOWN]
    ]


def _find_cases(site: Site, actor: Actor) -> list[TaskView]:
    if not may(site, actor, Action.PROBE_SUBMIT):
        return []
    page = list_cases(site.node, actor, state=CaseState.OPEN, limit=_SHOWN)
    if isinstance(page, Refusal):
        return []
    return [
        TaskView(
            href=f"/cases/{case.id}",
            words=f"Case {case.number}",
            detail=f"{say_purpose(case.draft.purpose)}, last worked in {say_moment(case.last_act_at)}",
        )
        for case in page.rows
    ]


def _find_records(site: Site, actor: Actor) -> list[TaskView]:
    if not may(site, actor, Action.RECORD_EDIT):
        return []
    tasks = [
        TaskView(
            href=f"/records/{photo.subject}#photo-{photo.photo}",
            words=f"Choose the face in {photo.name}",
            detail=say_count(len(photo.faces), "face was found", "faces were found"),
        )
        for photo in list_awaiting(site.node, actor, limit=_SHOWN)
    ]
    soon = site.node.clock().date() + timedelta(days=site.node.policy.read().retention.reminder)
    for states, words in ((RecordState.DRAFT, "Publish the draft"), (RecordState.ACTIVE, "Review")):
        wanted = RecordFilter(
            states=frozenset({states}),
            owner=actor.authority,
            ending_before=soon if states is RecordState.ACTIVE else None,
        )
        found = list_records(site.node, actor, wanted, limit=_SHOWN)
        if not isinstance(found, Refusal):
            tasks += [
                TaskView(
                    href=f"/records/{row.subject}",
                    words=f"{words} {row.number}",
                    detail=f"held until {row.facts.retain_until.isoformat()}",
                    late=states is RecordState.ACTIVE,
                )
                for row in found.rows
            ]
    return tasks
