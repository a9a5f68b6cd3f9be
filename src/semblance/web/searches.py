"""Recorded searches: the list, and one search's candidates beside the probe."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from semblance.audit.search_record import SearchRecord
from semblance.edge.acting import make_acting
from semblance.edge.refusals import accept
from semblance.edge.statuses import NUMBER_CAP
from semblance.errors import NotFound
from semblance.terms.actor import Actor
from semblance.terms.ids import SearchId
from semblance.web.contexts import CandidateView, ResultPage, SearchesPage, SearchRow
from semblance.web.navigation import make_frame
from semblance.web.rendering import render_page
from semblance.web.site import Site
from semblance.web.words import OUTCOME_WORDS, say_kind, say_moment, say_purpose
from semblance.workflows.list_searches import list_searches
from semblance.workflows.read_probe import describe_probe
from semblance.workflows.search_answer import SearchAnswer, ShownCandidate, read_search


def make_search_routes(site: Site) -> APIRouter:
    """Return the routes of recorded searches."""
    routes = APIRouter(prefix="/searches")
    acting = make_acting(site.node)

    @routes.get("")
    def list_all(
        actor: Annotated[Actor, Depends(acting)], after: int | None = Query(None, ge=0, le=NUMBER_CAP)
    ) -> Response:
        found = accept(list_searches(site.node, actor, after=after, limit=50))
        rows = tuple(map(view_search_row, found.records))
        onward = None if found.next_after is None else f"/searches?after={found.next_after}"
        page = SearchesPage(make_frame(site, "searches", actor), rows, onward, first=after is None)
        return render_page("searches.html", page)

    @routes.get("/{search}")
    def read(actor: Annotated[Actor, Depends(acting)], search: str) -> Response:
        answer = accept(read_search(site.node, actor, SearchId(search)))
        return render_page("results.html", _view_answer(site, actor, answer))

    return routes


def view_search_row(record: SearchRecord) -> SearchRow:
    """Return a recorded search as a list shows it."""
    return SearchRow(
        href=f"/searches/{record.search}",
        when=say_moment(record.when),
        person=record.person,
        case=record.case or "erased",
        purpose=say_purpose(record.purpose),
        outcome=OUTCOME_WORDS[record.outcome][0],
        grade=OUTCOME_WORDS[record.outcome][1],
        candidates=len(record.candidates),
    )


def _view_answer(site: Site, actor: Actor, answer: SearchAnswer) -> ResultPage:
    record = answer.record
    try:
        accept(describe_probe(site.node, actor, record.probe))
        held = record.face is not None
    except NotFound:
        held = False
    return ResultPage(
        frame=make_frame(site, "searches", actor),
        search=record.search,
        outcome=record.outcome.value,
        refusal=record.refusal,
        facts=(
            ("Person", f"{record.person}, {record.authority}"),
            ("Case", record.case or "erased"),
            ("Purpose", say_purpose(record.purpose)),
            ("Reason", record.reason or ("erased" if record.erased else "not given")),
            ("When", say_moment(record.when)),
        ),
        technical=(
            ("Search", record.search),
            ("Probe's SHA-256", record.probe_sha256 or "erased"),
            ("Face searched", "none" if record.face is None else str(record.face)),
            ("Model pack", record.pack or "none"),
            ("Permitted or refused by", record.rule or "no rule"),
        ),
        probe_picture=f"/probes/{record.probe}/faces/{record.face}" if held else None,
        probe_href=f"/probes/{record.probe}" if held else None,
        probe_name=record.probe_name,
        case_href=f"/cases/{record.case_id}",
        erased=record.erased,
        candidates=tuple(_view_candidate(candidate) for candidate in answer.candidates),
        subjects=record.gallery_subjects,
        references=record.gallery_references,
        pack=record.pack or "none",
        limit=record.limit,
    )


def _view_candidate(candidate: ShownCandidate) -> CandidateView:
    return CandidateView(
        rank=candidate.rank,
        score=f"{candidate.score:.4f}",
        number=candidate.number,
        kind=None if candidate.kind is None else f"{say_kind(candidate.kind)} of {candidate.owner}",
        erased=candidate.erased,
        href=None if candidate.number is None else f"/records/{candidate.subject}",
        picture=None if candidate.photo is None else f"/photos/{candidate.photo}/faces/chosen",
        captured=candidate.captured,
    )
