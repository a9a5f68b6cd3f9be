"""The ledger's page: every act, newest first, and its verification."""

from collections import Counter
from datetime import datetime
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from semblance.audit.entry import Verb
from semblance.edge.acting import CurrentActor
from semblance.edge.statuses import NUMBER_CAP
from semblance.errors import VerificationError
from semblance.terms.permission import Actor
from semblance.web.page.contexts import Option
from semblance.web.page.navigation import make_frame
from semblance.web.page.rendering import render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.wording.language import _, ngettext
from semblance.web.wording.say_message import say_message
from semblance.web.wording.value_words import say_touched
from semblance.web.wording.words import say_moment, say_value
from semblance.workflows.oversight import ledger
from semblance.workflows.oversight.verify_job import begin_verification

_ROWS = 50


routes = APIRouter(prefix="/ledger")


def _show(
    site: Site,
    actor: Actor,
    *,
    verb: str = "",
    person: str = "",
    case: str = "",
    before: int | None = None,
    verdict: str | None = None,
    grade: str = "good",
) -> HTMLResponse:
    chosen = Verb(verb) if verb in set(Verb) else None
    wanted = ledger.Filter(chosen, person.strip() or None, None, case.strip() or None)
    found = ledger.list_newest(site.node, actor, wanted, before=before, limit=_ROWS)
    asked = {"verb": verb, "person": person, "case": case}
    onward = None
    if found.next_before is not None:
        onward = "/ledger?" + urlencode({**asked, "before": found.next_before})
    return render_page(
        "oversight/ledger.html",
        make_frame(site, "ledger", actor),
        rows=tuple(map(_say_entry, found.entries)),
        size=found.size,
        verbs=tuple(Option(value.value, say_value(value.value), value is chosen) for value in Verb),
        person=person,
        case=case,
        key=str(ledger.read_key(site.node)),
        next_href=onward,
        first=before is None,
        filtered=any(asked.values()),
        verdict=verdict,
        grade=grade,
    )


@routes.get("")
def list_all(
    site: CurrentSite,
    actor: CurrentActor,
    verb: str = Query("", max_length=40),
    person: str = Query("", max_length=200),
    case: str = Query("", max_length=200),
    before: int | None = Query(None, ge=0, le=NUMBER_CAP),
) -> Response:
    return _show(site, actor, verb=verb, person=person, case=case, before=before)


@routes.post("/verify")
def verify(site: CurrentSite, actor: CurrentActor) -> Response:
    try:
        found = ledger.verify_ledger(site.node, actor)
    except VerificationError as error:
        return _show(site, actor, verdict=say_message(error.message), grade="poor")
    if found is None:
        return _show(site, actor, verdict=_("The ledger is empty: nothing was done yet."), grade="fair")
    verdict = ngettext(
        "Verified: {n} entry, not changed, removed, moved or added.",
        "Verified: {n} entries, none changed, removed, moved or added.",
        found.entries,
    )
    return _show(site, actor, verdict=verdict)


@routes.post("/verify-later")
def verify_later(site: CurrentSite, actor: CurrentActor) -> Response:
    job = begin_verification(site.node, actor)
    return RedirectResponse(f"/jobs/{job.id}", status_code=303)


@routes.get("/bundle")
def export(site: CurrentSite, actor: CurrentActor) -> Response:
    headers = {"content-disposition": 'attachment; filename="semblance.ledger"'}
    lines = ledger.export_ledger(site.node, actor)
    return StreamingResponse(lines, media_type="application/jsonl", headers=headers)


def _say_entry(entry: ledger.ShownEntry) -> tuple[ledger.ShownEntry, str, str]:
    counts = Counter(kind for kind, _ in entry.touched)
    touched = ", ".join(say_touched(kind, count) for kind, count in counts.items())
    return entry, say_moment(datetime.fromisoformat(entry.fields["at"])), touched
