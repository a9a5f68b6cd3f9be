"""Missing and found: the pairs that wait, and a pair with the faces first, then what else agrees or excludes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from semblance.cases.opinion import LEAST_CORRESPONDING, OpinionDraft
from semblance.cases.reconciliation.pair import Evidence, FoundPair
from semblance.edge.acting import CurrentActor
from semblance.errors import OpinionInvalid, RefusedByPolicy, UnusableText
from semblance.terms.ids import PairId
from semblance.terms.permission import Action, Actor
from semblance.web.examination.compared_pictures import ComparedImage, answer_picture, view_side
from semblance.web.examination.comparisons import list_components
from semblance.web.examination.opinion_form import read_form
from semblance.web.page.contexts import Option
from semblance.web.page.navigation import make_frame, may
from semblance.web.page.rendering import Problem, render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.wording.language import _
from semblance.web.wording.say_message import say_message
from semblance.web.wording.words import (
    COMPARED_WORDS,
    CONCLUSION_WORDS,
    EVIDENCE_WORDS,
    FINDING_WORDS,
    GROUND_WORDS,
    say_act,
    say_state,
)
from semblance.workflows.reconciliation.judge_pair import conclude_pair, judge_pair
from semblance.workflows.reconciliation.read_pair import PairDetail, PairSide, list_waiting, read_pair, read_pair_side

routes = APIRouter(prefix="/reconciliation")

_NOTHING: Final = OpinionDraft()


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field of both records: what it is called, what it says of the pair, and why."""

    title: str
    verdict: str
    grade: str
    why: str


def _show(
    site: Site,
    actor: Actor,
    which: str,
    *,
    draft: OpinionDraft = _NOTHING,
    evidence: str = "",
    outcome_reason: str = "",
    problem: Problem = None,
) -> Response:
    found = read_pair(site.node, actor, PairId(which))
    missing, body = _view_sides(found)
    return render_page(
        "examination/pair.html",
        make_frame(site, "reconciliation", actor),
        href=f"/reconciliation/{which}",
        name=which[:8],
        state=found.pair.state,
        missing=missing,
        found=body,
        facts=_list_facts(found),
        records=_list_records(site, actor, found.pair),
        outcome=_(EVIDENCE_WORDS[found.pair.evidence]) if found.pair.evidence is not None else "",
        outcome_grade="fair" if found.pair.evidence is Evidence.NONE else "good",
        fields=tuple(
            FieldLine(_(COMPARED_WORDS[line.field]), say_state(line.verdict), line.verdict.value, say_message(line.why))
            for line in found.fields
        ),
        may_judge=found.may_judge,
        may_conclude=found.may_conclude,
        rows=list_components(draft.compared),
        findings=tuple(Option(finding.value, _(words), chosen=False) for finding, words in FINDING_WORDS.items()),
        least=LEAST_CORRESPONDING,
        conclusions=tuple(
            Option(conclusion.value, _(words), conclusion is draft.conclusion)
            for conclusion, (words, _grade) in CONCLUSION_WORDS.items()
        ),
        grounds=tuple(
            Option(ground.value, _(words), ground in draft.grounds) for ground, words in GROUND_WORDS.items()
        ),
        reason=draft.reason,
        evidences=tuple(Option(one.value, _(words), one.value == evidence) for one, words in EVIDENCE_WORDS.items()),
        outcome_reason=outcome_reason,
        problem=problem,
    )


def _view_sides(found: PairDetail) -> tuple[ComparedImage, ComparedImage]:
    address = f"/reconciliation/{found.pair.id}"
    missing = view_side(_("Missing person"), _("The photo of the missing person"), f"{address}/missing", found.missing)
    return missing, view_side(_("Found"), _("The photo of who was found"), f"{address}/found", found.found)


def _list_facts(found: PairDetail) -> tuple[tuple[str, str], ...]:
    pair = found.pair
    facts = [
        (_("Missing person of"), pair.missing_owner),
        (_("Found, of"), pair.found_owner),
        (_("Offered"), say_act(pair.offered_at, _("the node"))),
    ]
    given = found.opinions or ((found.own,) if found.own is not None else ())
    facts += [
        (_("Opinion of {person}", person=opinion.person), f"{say_state(opinion.conclusion)}. {opinion.reason}".strip())
        for opinion in given
    ]
    if pair.evidence is not None and pair.decided_at is not None:
        words = _(EVIDENCE_WORDS[pair.evidence])
        facts.append((_("Outcome"), f"{words}. {found.reason} ({say_act(pair.decided_at, pair.decided_by)})"))
    return tuple(facts)


def _list_records(site: Site, actor: Actor, pair: FoundPair) -> tuple[tuple[str, str], ...]:
    """Return where both records are read, for whom may, after people have concluded: before, the faces are alone."""
    if pair.is_open or not may(site, actor, Action.RECORD_READ):
        return ()
    return (
        (f"/records/{pair.missing}", _("Record of the missing person")),
        (f"/records/{pair.found}", _("Record of who was found")),
    )


@routes.get("")
def list_all(site: CurrentSite, actor: CurrentActor) -> Response:
    waiting: tuple[FoundPair, ...] = list_waiting(site.node, actor)
    return render_page("examination/reconciliation.html", make_frame(site, "reconciliation", actor), waiting=waiting)


@routes.get("/{which}")
def read(site: CurrentSite, actor: CurrentActor, which: str) -> Response:
    return _show(site, actor, which)


@routes.get("/{which}/{side}/{size}")
def picture(site: CurrentSite, actor: CurrentActor, which: str, side: PairSide, size: str) -> Response:
    return answer_picture(read_pair_side(site.node, actor, PairId(which), side), size)


@routes.post("/{which}/opinion")
async def judge(request: Request, site: CurrentSite, actor: CurrentActor, which: str) -> Response:
    form = await request.form()
    fields = {name: [value for value in form.getlist(name) if isinstance(value, str)] for name in form}
    return await run_in_threadpool(_judge, site, actor, which, fields)


def _judge(site: Site, actor: Actor, which: str, fields: Mapping[str, list[str]]) -> Response:
    try:
        draft = read_form(fields)
    except UnusableText as error:
        return _show(site, actor, which, problem=error)
    try:
        judge_pair(site.node, actor, PairId(which), draft)
    except (OpinionInvalid, RefusedByPolicy) as error:
        if isinstance(error, RefusedByPolicy) and error.field is None:
            raise
        return _show(site, actor, which, draft=draft, problem=error)
    return RedirectResponse(f"/reconciliation/{which}", status_code=303)


@routes.post("/{which}/outcome")
def conclude(
    site: CurrentSite, actor: CurrentActor, which: str, evidence: str = Form(""), reason: str = Form("")
) -> Response:
    if evidence not in set(Evidence):
        problem = _("Say which evidence it is, or that the two are not reconciled.")
        return _show(site, actor, which, outcome_reason=reason, problem=problem)
    try:
        conclude_pair(site.node, actor, PairId(which), Evidence(evidence), reason=reason)
    except RefusedByPolicy as error:
        if error.field is None:
            raise
        return _show(site, actor, which, evidence=evidence, outcome_reason=reason, problem=error)
    return RedirectResponse(f"/reconciliation/{which}", status_code=303)
