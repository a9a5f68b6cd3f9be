"""The policy's page: who may do what, in words, and the file as it is."""

from datetime import datetime

from babel.lists import format_list
from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from semblance.cases.policy import Policy, PurposeRule
from semblance.edge.acting import CurrentActor
from semblance.web.page.navigation import make_frame
from semblance.web.page.rendering import render_page
from semblance.web.page.site import CurrentSite
from semblance.web.wording.language import _, get_spoken, ngettext
from semblance.web.wording.words import WHOSE_WORDS, say_moment, say_value
from semblance.workflows.oversight.policy import list_policies, read_policy

routes = APIRouter(prefix="/policy")


@routes.get("")
def read(site: CurrentSite, actor: CurrentActor) -> Response:
    found = read_policy(site.node, actor)
    policy = found.policy
    return render_page(
        "oversight/policy.html",
        make_frame(site, "policy", actor),
        title=policy.title,
        version=_say_version(found.number, found.since, found.person),
        digest=policy.digest,
        purposes=tuple((purpose, rule, _say_authorised(rule)) for purpose, rule in policy.purposes.items()),
        actions=policy.actions,
        whose={whose: _(words) for whose, words in WHOSE_WORDS.items()},
        limits=_view_limits(policy),
        waivers=tuple(
            (
                _("{rule}: {authorities}", rule=waiver.rule, authorities=", ".join(sorted(waiver.authorities))),
                waiver.law,
            )
            for waiver in policy.waivers
        ),
        versions=list_policies(site.node, actor),
        text=policy.text,
    )


@routes.get("/file")
def download(site: CurrentSite, actor: CurrentActor) -> Response:
    headers = {"content-disposition": 'attachment; filename="policy.toml"'}
    return PlainTextResponse(read_policy(site.node, actor).policy.text, headers=headers)


def _say_version(number: int, since: datetime | None, person: str | None) -> str:
    if number == 0:
        return _("The shipped version")
    if since is None:
        return _("Version {number}", number=number)
    return _(
        "Version {number}, in force since {when}, by {person}",
        number=number,
        when=say_moment(since),
        person=person or "",
    )


def _say_authorised(rule: PurposeRule) -> str:
    if not rule.authorised_by:
        return _("nobody needs to")
    names = [say_value(role).lower() for role in sorted(rule.authorised_by)]
    who = format_list(names, style="or", locale=get_spoken().language)
    if not rule.authorisation_hours:
        return _("{who}, before the search", who=who)
    return ngettext(
        "{who}, within {n} hour of the search",
        "{who}, within {n} hours of the search",
        rule.authorisation_hours,
        who=who,
    )


def _view_limits(policy: Policy) -> tuple[tuple[str, str], ...]:
    limits = policy.retention
    return (
        (
            _("A record"),
            ngettext(
                "{n} day from publication, or the owner's date where that is earlier",
                "{n} days from publication, or the owner's date where that is earlier",
                limits.record,
            ),
        ),
        (_("Reminder to the owner"), ngettext("{n} day before", "{n} days before", limits.reminder)),
        (_("A case"), ngettext("{n} day after the last act in it", "{n} days after the last act in it", limits.case)),
        (_("A searched probe"), ngettext("{n} day after the search", "{n} days after the search", limits.probe)),
        (_("A justification"), ngettext("{n} day", "{n} days", limits.justification)),
    )
