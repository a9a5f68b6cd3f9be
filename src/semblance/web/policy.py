"""The policy's page: who may do what, in words, and the file as it is."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import PlainTextResponse, Response

from semblance.cases.policy import Policy, PurposeRule
from semblance.edge.acting import make_acting
from semblance.edge.refusals import accept
from semblance.terms.actor import Actor
from semblance.web.case_contexts import ActionView, PolicyPage, PolicyVersionView, PurposeView
from semblance.web.navigation import make_frame
from semblance.web.rendering import render_page
from semblance.web.site import Site
from semblance.web.words import WHOSE_WORDS, say_kind, say_moment, say_purpose
from semblance.workflows.policy import list_policies, read_policy


def make_policy_routes(site: Site) -> APIRouter:
    """Return the routes of the policy's page."""
    routes = APIRouter(prefix="/policy")
    acting = make_acting(site.node)

    @routes.get("")
    def read(actor: Annotated[Actor, Depends(acting)]) -> Response:
        found = accept(read_policy(site.node, actor))
        policy = found.policy
        since = "" if found.since is None else f", in force since {say_moment(found.since)}, by {found.person}"
        page = PolicyPage(
            frame=make_frame(site, "policy", actor),
            title=policy.title,
            version="The shipped version" if found.number == 0 else f"Version {found.number}{since}",
            digest=policy.digest,
            purposes=tuple(_view_purpose(say_purpose(purpose), rule) for purpose, rule in policy.purposes.items()),
            actions=_view_actions(policy),
            limits=_view_limits(policy),
            waivers=tuple(
                (f"{waiver.rule}: {', '.join(sorted(waiver.authorities))}", waiver.law) for waiver in policy.waivers
            ),
            versions=tuple(
                PolicyVersionView(one.number, say_moment(one.at), one.person, one.reason, one.digest)
                for one in accept(list_policies(site.node, actor))
            ),
            text=policy.text,
        )
        return render_page("policy.html", page)

    @routes.get("/file")
    def download(actor: Annotated[Actor, Depends(acting)]) -> Response:
        headers = {"content-disposition": 'attachment; filename="policy.toml"'}
        return PlainTextResponse(accept(read_policy(site.node, actor)).policy.text, headers=headers)

    return routes


def _view_purpose(purpose: str, rule: PurposeRule) -> PurposeView:
    who = " or ".join(sorted(rule.authorised_by))
    clock = (
        f"within {rule.authorisation_hours} hours of the search" if rule.authorisation_hours else "before the search"
    )
    return PurposeView(
        purpose=purpose,
        kinds=", ".join(say_kind(kind) for kind in sorted(rule.kinds)),
        candidates=rule.candidates,
        searches=rule.searches_per_day,
        authorised=f"{who}, {clock}" if who else "nobody needs to",
        law=rule.law,
    )


def _view_actions(policy: Policy) -> tuple[ActionView, ...]:
    return tuple(
        ActionView(
            action=action.value,
            roles=", ".join(sorted(rule.roles)) or "nobody",
            whose=WHOSE_WORDS[rule.whose],
            states=", ".join(sorted(rule.states)),
        )
        for action, rule in policy.actions.items()
    )


def _view_limits(policy: Policy) -> tuple[tuple[str, str], ...]:
    limits = policy.retention
    return (
        ("A record", f"{limits.record} days from publication, or the owner's date where that is earlier"),
        ("Reminder to the owner", f"{limits.reminder} days before"),
        ("A case", f"{limits.case} days after the last act in it"),
        ("A searched probe", f"{limits.probe} days after the search"),
        ("A justification", f"{limits.justification} days"),
    )
