"""The probe's page: which version and face, which photos with it, among which records, and why."""

from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query
from starlette.responses import HTMLResponse, RedirectResponse, Response

from semblance.cases.case import Case, CaseState
from semblance.edge.acting import CurrentActor
from semblance.edge.statuses import find_status
from semblance.errors import Conflict, IntakeError, RefusedByPolicy
from semblance.store.probes import StoredPreparation, StoredProbe
from semblance.terms.ids import PreparationId, ProbeId
from semblance.terms.permission import Action, Actor, Purpose
from semblance.terms.preparation import describe_step, write_steps
from semblance.terms.record import RecordKind, Sex
from semblance.terms.search import Narrowing
from semblance.web.page.contexts import Option
from semblance.web.page.faces import list_facts, view_face, view_photo
from semblance.web.page.forms import read_number
from semblance.web.page.navigation import make_frame, may
from semblance.web.page.rendering import Problem, render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.search.contexts import Entries, JoinableView, NarrowingView, VersionView
from semblance.web.search.preparation import write_address
from semblance.web.search.track_origin import view_origin
from semblance.web.wording.language import _, ngettext, pgettext
from semblance.web.wording.say_message import say_message
from semblance.web.wording.words import say_kind, say_moment, say_purpose, say_value
from semblance.workflows.cases.probes import find_probe, list_siblings
from semblance.workflows.search.prepare_probe import list_preparations, missing_version
from semblance.workflows.search.probe_faces import ChoiceNeeded, ProbeChoice
from semblance.workflows.search.search_gallery import NoFaceFound, search_probe

_LIMITS: Final = (5, 10, 20, 50)


routes = APIRouter(prefix="/probes")


def _show(
    site: Site,
    actor: Actor,
    probe: ProbeId,
    *,
    face: int | None,
    prepared: str = "",
    entries: Entries,
    problem: Problem = None,
    field: str = "",
    status: int | None = None,
) -> HTMLResponse:
    stored, case = find_probe(site.node, actor, probe)
    purpose = case.draft.purpose
    versions = list_preparations(site.node, actor, probe)
    version = next((version for version in versions if version.id == prepared), None)
    if prepared and version is None:
        raise missing_version()
    faces = stored.faces if version is None else version.faces
    facts = stored.facts if version is None else replace(stored.facts, width=version.width, height=version.height)
    chosen = face if face is not None or len(faces) != 1 else faces[0].ordinal
    here = f"/probes/{stored.id}"
    kinds, authorisation, most = _explain(site, purpose)
    exports = case.state is CaseState.OPEN and may(site, actor, Action.REDACTION_EXPORT) and bool(stored.faces)
    prepares = case.state is CaseState.OPEN and may(site, actor, Action.PROBE_PREPARE)
    return render_page(
        "search/probe.html",
        make_frame(site, "cases", actor),
        probe=stored.id,
        case=case.number,
        case_href=f"/cases/{case.id}",
        purpose=say_purpose(purpose),
        kinds=kinds,
        authorisation=authorisation,
        name=stored.name,
        from_record=stored.origin is not None,
        track=view_origin(site, actor, stored),
        photo=view_photo(
            facts,
            faces,
            site.node.suitability,
            address=here if version is None else f"{here}/prepared/{version.id}",
            alt=_("Probe {name}", name=stored.name)
            if version is None
            else _("Prepared version {number} of {name}", number=version.number, name=stored.name),
            chosen=chosen,
            link=lambda ordinal: f"{here}?face={ordinal}{f'&prepared={prepared}' if prepared else ''}",
        ),
        facts=(*list_facts(stored.facts), (_("Kept until"), say_moment(stored.expires_at))),
        notes=tuple(map(say_message, stored.facts.notes)),
        entries=entries,
        limits=tuple(limit for limit in _LIMITS if limit <= most) or (most,),
        versions=_view_versions(
            here, versions, prepared, edits=prepares, fused=len(stored.track.frames) if stored.track else 0
        ),
        prepared=prepared,
        redact_href=f"{here}/redact" if exports else None,
        prepare_href=f"{here}/prepare" if prepares else None,
        standing_href=_find_standing(site, actor, case, stored.id, chosen, prepared),
        joinable=tuple(_view_joinable(site, other, entries) for other in list_siblings(site.node, actor, probe)),
        narrowing=_view_narrowing(site, purpose, entries),
        problem=problem,
        problem_field=field,
        status=status,
    )


@routes.get("/{probe}")
def read(
    site: CurrentSite,
    actor: CurrentActor,
    probe: ProbeId,
    face: int | None = Query(None, ge=0),
    prepared: str = Query(""),
) -> Response:
    return _show(site, actor, probe, face=face, prepared=prepared, entries=Entries())


@routes.post("/{probe}/search")
def search(
    site: CurrentSite,
    actor: CurrentActor,
    probe: ProbeId,
    face: str = Form(""),
    reason: str = Form(""),
    limit: str = Form("20"),
    prepared: str = Form(""),
    also: Annotated[list[str] | None, Form()] = None,
    kinds: Annotated[list[str] | None, Form()] = None,
    youngest: str = Form(""),
    oldest: str = Form(""),
    sex: str = Form(""),
    nationality: str = Form(""),
    again_why: Annotated[str, Form(alias="again")] = "",
) -> Response:
    chosen, shown = read_number(face), read_number(limit) or 20
    entries = Entries(reason, shown, frozenset(also or ()), frozenset(kinds or ()), youngest, oldest, sex, nationality)
    entries = replace(entries, again=again_why)

    def again(problem: Problem, *, field: str, face: int | None = chosen, status: int | None = None) -> Response:
        return _show(
            site,
            actor,
            probe,
            face=face,
            prepared=prepared,
            entries=entries,
            problem=problem,
            field=field,
            status=status,
        )

    try:
        answer = search_probe(
            site.node,
            actor,
            probe,
            reason=reason,
            face=chosen,
            limit=shown,
            prepared=PreparationId(prepared) if prepared else None,
            also=[_read_choice(other) for other in also or ()],
            narrowed=_read_narrowing(entries),
            again=again_why,
        )
    except IntakeError as error:
        return again(_("{fault} Nothing was searched.", fault=say_message(error.message)), field="narrowing")
    except Conflict as error:
        return again(error, field="also")
    except RefusedByPolicy as error:
        problem = _(
            "Refused: {reason}. Nothing was searched; the refusal is recorded.", reason=say_message(error.message)
        )
        return again(problem, field=error.field or "", status=find_status(error))
    if isinstance(answer, ChoiceNeeded):
        return again(_("Choose the one face in question. Nothing was searched."), field="face", face=None)
    found = answer.search if isinstance(answer, NoFaceFound) else answer.record.search
    return RedirectResponse(f"/searches/{found}", status_code=303)


def _find_standing(
    site: Site, actor: Actor, case: Case, probe: ProbeId, chosen: int | None, prepared: str
) -> str | None:
    """Return where a standing search for the chosen face is asked for; None where it cannot be."""
    allowed = case.draft.purpose in site.node.policy.read().standing and case.state is CaseState.OPEN
    if not allowed or chosen is None or not may(site, actor, Action.STANDING_ASK):
        return None
    return f"/standing/new?probe={probe}&face={chosen}{f'&prepared={prepared}' if prepared else ''}"


def _view_versions(
    here: str, versions: tuple[StoredPreparation, ...], prepared: str, *, edits: bool, fused: int
) -> tuple[VersionView, ...]:
    return (
        VersionView(
            here,
            _("The original")
            if fused == 0
            else ngettext("{n} frame of its track", "{n} frames of its track, together", fused),
            (),
            chosen=not prepared,
        ),
        *(
            VersionView(
                href=f"{here}?prepared={version.id}",
                words=_(
                    "Prepared {number}: {steps}, {faces}",
                    number=version.number,
                    steps=ngettext("{n} step", "{n} steps", len(version.steps)),
                    faces=ngettext("{n} face found", "{n} faces found", len(version.faces)),
                ),
                steps=tuple(say_message(describe_step(step)) for step in version.steps),
                chosen=version.id == prepared,
                edit_href=write_address(version.probe, write_steps(version.steps)) if edits else None,
            )
            for version in versions
        ),
    )


def _view_joinable(site: Site, other: StoredProbe, entries: Entries) -> JoinableView:
    address = f"/probes/{other.id}"
    keys = [f"{other.id}:{face.ordinal}" for face in other.faces]
    return JoinableView(
        name=other.name,
        href=address,
        faces=tuple(
            (
                key,
                key in entries.also,
                view_face(face, site.node.suitability, picture=f"{address}/faces/{face.ordinal}", chosen=False),
            )
            for key, face in zip(keys, other.faces, strict=True)
        ),
    )


def _view_narrowing(site: Site, purpose: Purpose, entries: Entries) -> NarrowingView:
    rule = site.node.policy.read().purposes.get(purpose)
    kinds = () if rule is None else sorted(rule.kinds)
    written = (entries.youngest, entries.oldest, entries.sex, entries.nationality)
    return NarrowingView(
        kinds=tuple(Option(kind, say_kind(kind), kind in entries.kinds) for kind in kinds) if len(kinds) > 1 else (),
        sexes=(
            Option("", pgettext("of either sex", "Any"), not entries.sex),
            *(Option(sex, say_value(sex), sex == entries.sex) for sex in (Sex.FEMALE, Sex.MALE)),
        ),
        open=bool(entries.kinds) or any(written),
    )


def _read_choice(text: str) -> ProbeChoice:
    probe, _, face = text.partition(":")
    return ProbeChoice(ProbeId(probe), read_number(face))


def _read_narrowing(entries: Entries) -> Narrowing:
    if not entries.kinds <= set(RecordKind) or entries.sex not in {"", *Sex}:
        raise IntakeError(
            "narrowing.no-choice", "What the records are narrowed to is none of the choices; choose again."
        )
    return Narrowing(
        kinds=frozenset(map(RecordKind, entries.kinds)),
        youngest=_read_age(entries.youngest),
        oldest=_read_age(entries.oldest),
        sex=Sex(entries.sex) if entries.sex else None,
        nationality=entries.nationality.strip().upper() or None,
    )


def _read_age(text: str) -> int | None:
    if not text.strip():
        return None
    age = read_number(text.strip())
    if age is None:
        raise IntakeError(
            "narrowing.no-age",
            "'{text}' is no age; write whole years, or leave the field empty.",
            text=text.strip()[:20],
        )
    return age


def _explain(site: Site, purpose: Purpose) -> tuple[str, str, int]:
    rule = site.node.policy.read().purposes.get(purpose)
    if rule is None:
        return _("nothing: the policy allows no search for this purpose"), "", 1
    kinds = ", ".join(say_kind(kind) for kind in sorted(rule.kinds))
    who = _(" or ").join(say_value(role) for role in sorted(rule.authorised_by))
    if not who:
        return kinds, "", rule.candidates
    if not rule.authorisation_hours:
        before = _("This search must be authorised before it is made, by: {who} ({law}).", who=who, law=rule.law)
        return kinds, before, rule.candidates
    clock = ngettext(
        "This search must be authorised within {n} hour, by: {who} ({law}).",
        "This search must be authorised within {n} hours, by: {who} ({law}).",
        rule.authorisation_hours,
        who=who,
        law=rule.law,
    )
    return kinds, clock, rule.candidates
