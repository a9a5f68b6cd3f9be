"""Recorded searches: the list, and one search's candidates beside the probe."""

from fastapi import APIRouter, Query
from starlette.responses import Response

from semblance.audit.search_record import SearchRecord
from semblance.cases.examination import Examination
from semblance.edge.acting import CurrentActor
from semblance.edge.statuses import NUMBER_CAP
from semblance.errors import NotFound
from semblance.faces.pictures import render_face
from semblance.terms.ids import ReferenceId, SearchId
from semblance.terms.permission import Action, Actor
from semblance.web.page.navigation import make_frame, may
from semblance.web.page.pictures import FACE_MARGIN, FACE_SIDE
from semblance.web.page.rendering import render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.search.candidates import view_candidate
from semblance.web.search.track_origin import view_origin
from semblance.web.wording.language import _, pgettext
from semblance.web.wording.say_message import say_message
from semblance.web.wording.words import say_moment, say_purpose
from semblance.workflows.cases.probes import find_probe
from semblance.workflows.examination.comparison import read_found_face
from semblance.workflows.examination.read_outcome import read_outcome
from semblance.workflows.search.search_answer import SearchAnswer, list_searches, read_search

routes = APIRouter(prefix="/searches")


@routes.get("")
def list_all(site: CurrentSite, actor: CurrentActor, after: int | None = Query(None, ge=0, le=NUMBER_CAP)) -> Response:
    found = list_searches(site.node, actor, after=after, limit=50)
    rows = tuple((record, is_examined(found.examinations.get(record.search))) for record in found.records)
    onward = None if found.next_after is None else f"/searches?after={found.next_after}"
    return render_page(
        "search/searches.html", make_frame(site, "searches", actor), rows=rows, next_href=onward, first=after is None
    )


@routes.get("/{search}")
def read(site: CurrentSite, actor: CurrentActor, search: SearchId) -> Response:
    answer = read_search(site.node, actor, search)
    return _show(site, actor, answer)


@routes.get("/{search}/references/{reference}/face")
def show_face(site: CurrentSite, actor: CurrentActor, search: SearchId, reference: ReferenceId) -> Response:
    found = read_found_face(site.node, actor, search, reference)
    box, turned = found.face.box, found.facts.turned
    picture = render_face(found.data, name="candidate", box=box, turned=turned, side=FACE_SIDE, margin=FACE_MARGIN)
    return Response(picture, media_type="image/jpeg")


def is_examined(examination: Examination | None) -> bool:
    """Return whether candidates are examined still, so that their number is not told."""
    return examination is not None and examination.is_open


def _find_picture(record: SearchRecord) -> str:
    prepared = record.prepared
    if prepared is not None and prepared.turned:
        return f"/probes/{record.probe}/prepared/{prepared.preparation}/faces/{prepared.face}"
    # a face that was found in a prepared version only is none of the original's
    return f"/probes/{record.probe}/{'picture' if record.face is None else f'faces/{record.face}'}"


def _show(site: Site, actor: Actor, answer: SearchAnswer) -> Response:
    record, examination = answer.record, answer.examination
    try:
        stored, _case = find_probe(site.node, actor, record.probe)
        has_picture, track = record.face_box is not None, view_origin(site, actor, stored)
    except NotFound:
        has_picture, track = False, None
    told = examination is not None and not examination.is_masked and not record.erased
    outcome = read_outcome(site.node, actor, examination.id) if examination is not None and told else None
    ended = examination is not None and not examination.is_open and not record.erased
    outcomes = {} if outcome is None else {found.candidate.pseudonym: found for found in outcome.candidates}
    return render_page(
        "search/results.html",
        make_frame(site, "searches", actor),
        outcome=record.outcome.value,
        refusal=None if record.refusal is None else say_message(record.refusal),
        facts=(
            (_("Person"), f"{record.person}, {record.authority}"),
            (_("Case"), record.case or _("erased")),
            (_("Purpose"), say_purpose(record.purpose)),
            (_("Reason"), record.reason or (_("erased") if record.erased else _("not given"))),
            (_("When"), say_moment(record.when)),
            *((say_message(name), say_message(words)) for name, words in record.particulars),
        ),
        technical=(
            (_("Search"), record.search),
            (_("Probe's SHA-256"), record.probe_sha256 or _("erased")),
            (_("Face searched"), pgettext("no face", "none") if record.face is None else str(record.face)),
            (_("Model pack"), record.pack or pgettext("no pack", "none")),
            (_("Permitted or refused by"), record.rule or _("no rule")),
        ),
        probe_picture=_find_picture(record) if has_picture else None,
        probe_href=f"/probes/{record.probe}" if has_picture else None,
        probe_name=record.probe_name,
        track=track,
        probe_notes=tuple(map(say_message, answer.notes)),
        case_href=f"/cases/{record.case_id}",
        erased=record.erased,
        candidates=()
        if answer.masked
        else tuple(
            view_candidate(
                record.search,
                candidate,
                outcomes.get(candidate.pseudonym or ""),
                reads=may(site, actor, Action.RECORD_READ),
            )
            for candidate in answer.candidates
        ),
        subjects=record.gallery_subjects,
        references=record.gallery_references,
        pack=record.pack or pgettext("no pack", "none"),
        limit=record.limit,
        masked=answer.masked,
        waiting=len(answer.candidates) if answer.masked else 0,
        examination=None if examination is None else examination.id,
        may_examine=answer.masked and not ended and may(site, actor, Action.CANDIDATE_EXAMINE),
        conclusion=examination.state if examination is not None and ended else None,
        report_href=f"/examinations/{outcome.examination.id}/report"
        if outcome is not None and may(site, actor, Action.REPORT_MAKE)
        else None,
    )
