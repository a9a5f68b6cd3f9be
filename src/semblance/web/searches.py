"""Recorded searches: the list, and one search's candidates beside the probe."""

from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.responses import Response

from semblance.edge.statuses import NUMBER_CAP
from semblance.errors import NotFound
from semblance.terms.ids import SearchId
from semblance.web.contexts import CandidateView, ResultPage, SearchesPage, SearchRow
from semblance.web.rendering import render_page
from semblance.web.site import Site
from semblance.web.start import make_frame
from semblance.web.words import OUTCOME_WORDS, say_moment, say_purpose
from semblance.workflows.identify import SearchAnswer, ShownCandidate, read_search
from semblance.workflows.show import describe_probe, list_searches


def make_search_routes(site: Site) -> APIRouter:
    """Return the routes of recorded searches."""
    routes = APIRouter(prefix="/searches")

    @routes.get("")
    def list_all(after: int | None = Query(None, ge=0, le=NUMBER_CAP)) -> Response:
        found = list_searches(site.node, after=after, limit=50)
        rows = tuple(
            SearchRow(
                href=f"/searches/{record.search}",
                when=say_moment(record.when),
                person=record.person,
                case=record.case,
                purpose=say_purpose(record.purpose),
                outcome=OUTCOME_WORDS[record.outcome][0],
                grade=OUTCOME_WORDS[record.outcome][1],
                candidates=len(record.candidates),
            )
            for record in found.records
        )
        onward = None if found.next_after is None else f"/searches?after={found.next_after}"
        page = SearchesPage(make_frame(site, "searches"), rows, onward, first=after is None)
        return render_page("searches.html", page)

    @routes.get("/{search}")
    def read(search: str) -> Response:
        return render_page("results.html", _view_answer(site, read_search(site.node, SearchId(search))))

    return routes


def _view_answer(site: Site, answer: SearchAnswer) -> ResultPage:
    record = answer.record
    try:
        describe_probe(site.node, record.probe)
        held = record.face is not None
    except NotFound:
        held = False
    return ResultPage(
        frame=make_frame(site, "searches"),
        search=record.search,
        outcome=record.outcome.value,
        refusal=record.refusal,
        facts=(
            ("Person", record.person or "not given"),
            ("Case", record.case or "not given"),
            ("Purpose", say_purpose(record.purpose) or "not given"),
            ("Reason", record.reason or "not given"),
            ("When", say_moment(record.when)),
        ),
        technical=(
            ("Search", record.search),
            ("Probe's SHA-256", record.probe_sha256),
            ("Face searched", "none" if record.face is None else str(record.face)),
            ("Model pack", record.pack or "none"),
            ("Gallery version", str(record.gallery_version)),
        ),
        probe_picture=f"/probes/{record.probe}/faces/{record.face}" if held else None,
        probe_href=f"/probes/{record.probe}" if held else None,
        probe_name=record.probe_name,
        candidates=tuple(_view_candidate(candidate) for candidate in answer.candidates),
        subjects=record.gallery_subjects,
        references=record.gallery_references,
        pack=record.pack or "none",
        limit=record.limit,
    )


def _view_candidate(candidate: ShownCandidate) -> CandidateView:
    key = candidate.subject_key
    return CandidateView(
        rank=candidate.rank,
        score=f"{candidate.score:.4f}",
        subject=key,
        href=None if key is None else f"/gallery/subject?key={quote(key, safe='')}",
        picture=None if candidate.photo is None else f"/photos/{candidate.photo}/faces/chosen",
        captured=candidate.captured,
    )
