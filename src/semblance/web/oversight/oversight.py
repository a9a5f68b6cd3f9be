"""The data-protection officer's page: figures, what ends, what is disputed, and the last verification."""

from collections import defaultdict
from dataclasses import dataclass

from fastapi import APIRouter, Query
from starlette.responses import Response

from semblance.edge.acting import CurrentActor
from semblance.web.page.contexts import Option
from semblance.web.page.navigation import make_frame
from semblance.web.page.rendering import render_page
from semblance.web.page.site import CurrentSite
from semblance.web.wording.language import _, ngettext
from semblance.web.wording.say_message import say_message
from semblance.web.wording.words import say_moment, say_purpose, say_value
from semblance.workflows.accounts.standing import Standing
from semblance.workflows.clock_check import list_doubts
from semblance.workflows.oversight.oversight import Oversight, SearchCount, read_oversight

_RANGES = (1, 7, 30, 90, 365)


routes = APIRouter(prefix="/oversight")


@dataclass(frozen=True, slots=True)
class FigureView:
    """One figure that counts; ``grade`` says how serious it is: good, fair or poor, empty where it is neither."""

    words: str
    count: str
    grade: str = ""
    href: str | None = None


@dataclass(frozen=True, slots=True)
class SearchesOfDay:
    """The searches of one authority on one day for one purpose."""

    day: str
    authority: str
    purpose: str
    answered: int
    refused: int
    no_face: int


@routes.get("")
def read(
    site: CurrentSite, actor: CurrentActor, days: int = Query(30, ge=1, le=366), within: int = Query(30, ge=0, le=366)
) -> Response:
    found = read_oversight(site.node, actor, days=days, within=within)
    verified, grade = _say_verified(found)
    return render_page(
        "oversight/oversight.html",
        make_frame(site, "oversight", actor),
        ranges=tuple(Option(str(past), _say_days(past), past == found.days) for past in _RANGES),
        figures=_list_figures(found),
        doubts=list_doubts(site.node),
        verified=verified,
        verified_grade=grade,
        searches=_group_searches(found.searches),
        refusals=tuple((rule.name, str(rule.count)) for rule in found.ledger.refusals),
        verbs=tuple((say_value(verb.name), str(verb.count)) for verb in found.ledger.by_verb),
        waivers=tuple((rule.name, ngettext("used once", "used {n} times", rule.count)) for rule in found.ledger.waivers)
        + tuple((waiver.rule, _("in the policy: {law}", law=waiver.law)) for waiver in found.policy_waivers),
        found=found,
    )


def _list_figures(found: Oversight) -> tuple[FigureView, ...]:
    late = sum(row.count for row in found.authorisations if row.state == "late")
    refused = sum(rule.count for rule in found.ledger.refusals)
    return (
        FigureView(_("searches"), str(sum(row.count for row in found.searches)), href="#searches"),
        FigureView(_("refusals"), str(refused), "fair" if refused else "", "#refusals"),
        FigureView(
            _("records that end soon"), str(found.ending_count), "fair" if found.ending_count else "", "#ending"
        ),
        FigureView(_("open disputes"), str(found.disputed_count), "fair" if found.disputed_count else "", "#disputed"),
        FigureView(_("open requests"), str(found.requests_open), "", "/requests"),
        FigureView(
            _("overdue requests"), str(found.requests_overdue), "poor" if found.requests_overdue else "", "/requests"
        ),
        FigureView(_("searches nobody authorised in time"), str(late), "poor" if late else ""),
        FigureView(_("records erased"), str(found.subjects_erased)),
        *_list_standing(found.standing),
        FigureView(_("keys destroyed since the node was made"), str(found.keys_destroyed)),
    )


def _list_standing(standing: Standing) -> tuple[FigureView, ...]:
    joined = FigureView(_("people who hold roles that are kept apart"), str(len(standing.joined)), "poor", "/people")
    alone = FigureView(_("independent administrators who can act; two are needed"), "< 2", "poor", "/people")
    return (*((joined,) if standing.joined else ()), *(() if standing.two_administrators else (alone,)))


def _group_searches(counts: tuple[SearchCount, ...]) -> tuple[SearchesOfDay, ...]:
    grouped: dict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
    for row in counts:
        grouped[str(row.day), row.authority, row.purpose][row.outcome] = row.count
    return tuple(
        SearchesOfDay(
            day=day,
            authority=authority,
            purpose=say_purpose(purpose),
            answered=outcomes.get("answered", 0),
            refused=outcomes.get("refused", 0),
            no_face=outcomes.get("no_face", 0),
        )
        for (day, authority, purpose), outcomes in grouped.items()
    )


def _say_verified(found: Oversight) -> tuple[str, str]:
    last = found.verified
    if last is None:
        return _("The ledger was not verified yet"), "fair"
    if last.fault is not None:
        return _("{when}: {fault}", when=say_moment(last.at), fault=say_message(last.fault)), "poor"
    words = ngettext(
        "The whole ledger was verified {when}: {n} entry, not changed",
        "The whole ledger was verified {when}: {n} entries, none changed",
        last.entries or 0,
        when=say_moment(last.at),
    )
    return words, "good"


def _say_days(days: int) -> str:
    return ngettext("Today", "Last {n} days", days)
