"""The start page: what waits for the person, and what they may begin."""

from datetime import timedelta

from fastapi import APIRouter
from starlette.responses import Response

from semblance.cases.case import CaseState
from semblance.edge.acting import CurrentActor
from semblance.store.record_selection import RecordFilter
from semblance.terms.permission import Action, Actor
from semblance.terms.record import RecordState
from semblance.web.page.contexts import Link, TaskView
from semblance.web.page.navigation import make_frame, may
from semblance.web.page.rendering import render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.wording.language import N_, _, ngettext
from semblance.web.wording.words import say_left, say_moment, say_purpose, say_value
from semblance.workflows.cases.authorise import list_authorisations
from semblance.workflows.cases.cases import list_cases
from semblance.workflows.examination.owner_check import list_leads
from semblance.workflows.examination.reviews import list_waiting
from semblance.workflows.oversight.oversight import count_visible
from semblance.workflows.permission import ask
from semblance.workflows.records.list_records import list_records
from semblance.workflows.records.read_record import list_awaiting
from semblance.workflows.standing.list_standing import list_asked

_BEGINNINGS = (
    (Link("case", "/cases/new", N_("Open a case")), Action.CASE_OPEN),
    (Link("record", "/records/new", N_("Write a record")), Action.RECORD_CREATE),
)
_SHOWN = 12


routes = APIRouter()


@routes.get("/")
def start(site: CurrentSite, actor: CurrentActor) -> Response:
    ask(site.node, actor, Action.POLICY_READ)
    active, references = count_visible(site.node, actor)
    return render_page(
        "page/start.html",
        make_frame(site, "", actor),
        greeting=_(
            "{person}, {roles}",
            person=actor.name,
            roles=", ".join(say_value(role).lower() for role in sorted(actor.roles)) or _("no role in force"),
        ),
        tasks=(
            *_find_authorisations(site, actor),
            *_find_standing(site, actor),
            *_find_leads(site, actor),
            *_find_examinations(site, actor),
            *_find_cases(site, actor),
            *_find_records(site, actor),
        ),
        beginnings=tuple(
            Link(link.key, link.href, _(link.words)) for link, action in _BEGINNINGS if may(site, actor, action)
        ),
        active=active,
        references=references,
        purposes=tuple(say_purpose(purpose) for purpose in site.node.policy.read().purposes),
    )


def _find_authorisations(site: Site, actor: Actor) -> list[TaskView]:
    if not _may_all(site, actor, Action.AUTHORISATION_GRANT, Action.CASE_READ):
        return []
    rows, now = list_authorisations(site.node, actor), site.node.clock()
    return [
        TaskView(
            href="/authorisations",
            words=_("Authorise the search in case {case}", case=row.case_number),
            detail=_(
                "asked for by {person}, {left}",
                person=row.authorisation.requested_by,
                left=say_left(row.authorisation.due_at, now),
            ),
            late=row.authorisation.due_at is not None and row.authorisation.due_at - now < timedelta(hours=12),
        )
        for row in rows[:_SHOWN]
    ]


def _find_standing(site: Site, actor: Actor) -> list[TaskView]:
    if not _may_all(site, actor, Action.STANDING_GRANT, Action.CASE_READ):
        return []
    return [
        TaskView(
            href=f"/standing/{row.standing.id}",
            words=_("Authorise the standing search in case {case}", case=row.case_number),
            detail=_(
                "asked for by {person}, until {day}",
                person=row.standing.asked_by,
                day=row.standing.last_day.isoformat(),
            ),
        )
        for row in list_asked(site.node, actor)[:_SHOWN]
    ]


def _find_leads(site: Site, actor: Actor) -> list[TaskView]:
    if not may(site, actor, Action.LEAD_VERIFY):
        return []
    rows, now = list_leads(site.node, actor), site.node.clock()
    return [
        TaskView(
            href=f"/leads/{row.lead.id}",
            words=_("Check the lead on {number}", number=row.number or _("an erased record")),
            detail=_(
                "asked by {authority}, until {when}", authority=row.lead.authority, when=say_moment(row.lead.due_at)
            ),
            late=row.lead.due_at - now < timedelta(days=3),
        )
        for row in rows[:_SHOWN]
    ]


def _find_examinations(site: Site, actor: Actor) -> list[TaskView]:
    if not may(site, actor, Action.CANDIDATE_EXAMINE):
        return []
    return [
        TaskView(
            href=f"/examinations/{row.examination}" if row.mine else "/examinations",
            words=_("Examine the candidates in case {number}", number=row.case.number),
            detail=ngettext(
                "{n} candidate, searched {when}",
                "{n} candidates, searched {when}",
                row.candidates,
                when=say_moment(row.searched_at),
            ),
        )
        for row in list_waiting(site.node, actor)[:_SHOWN]
    ]


def _find_cases(site: Site, actor: Actor) -> list[TaskView]:
    if not _may_all(site, actor, Action.PROBE_SUBMIT, Action.CASE_READ):
        return []
    return [
        TaskView(
            href=f"/cases/{case.id}",
            words=_("Case {number}", number=case.number),
            detail=_(
                "{purpose}, last worked in {when}",
                purpose=say_purpose(case.draft.purpose),
                when=say_moment(case.last_act_at),
            ),
        )
        for case in list_cases(site.node, actor, state=CaseState.OPEN, limit=_SHOWN).cases
    ]


def _find_records(site: Site, actor: Actor) -> list[TaskView]:
    if not _may_all(site, actor, Action.RECORD_EDIT, Action.RECORD_READ):
        return []
    tasks = [
        TaskView(
            href=f"/records/{photo.subject}#photo-{photo.id}",
            words=_("Choose the face in {photo}", photo=photo.name),
            detail=ngettext("{n} face was found", "{n} faces were found", len(photo.faces)),
        )
        for photo in list_awaiting(site.node, actor, limit=_SHOWN)
    ]
    soon = site.node.clock().date() + timedelta(days=site.node.policy.read().retention.reminder)
    for state, words in (
        (RecordState.DRAFT, N_("Publish the draft {number}")),
        (RecordState.ACTIVE, N_("Review {number}")),
    ):
        wanted = RecordFilter(
            states=frozenset({state}),
            owner=actor.authority,
            ending_before=soon if state is RecordState.ACTIVE else None,
        )
        tasks += [
            TaskView(
                href=f"/records/{row.subject}",
                words=_(words, number=row.number),
                detail=_("held until {day}", day=row.facts.retain_until.isoformat()),
                late=state is RecordState.ACTIVE,
            )
            for row in list_records(site.node, actor, wanted, limit=_SHOWN).rows
        ]
    return tasks


def _may_all(site: Site, actor: Actor, *actions: Action) -> bool:
    # nobody asked for these lists: what would be refused is not asked for, and so not recorded
    return all(may(site, actor, action) for action in actions)
