"""``semblance authority``: register authorities, admit and exclude them."""

from typing import Any

import click

from semblance.cli.acting import acting
from semblance.cli.options import reason_option
from semblance.cli.output import Reply, make_table
from semblance.cli.proposal import reply_proposed
from semblance.edge.people import AuthorityListDocument
from semblance.node.node import Node
from semblance.people.person import Authority
from semblance.terms.permission import Actor
from semblance.workflows.accounts.authorities import add_authority, exclude_authority, list_authorities, set_reach
from semblance.workflows.accounts.joint_acts import AdmitAuthority
from semblance.workflows.two_people import propose


@click.group("authority")
def command() -> None:
    """Register authorities, admit and exclude them."""


@command.command("add")
@click.argument("code")
@click.option("--name", required=True, help="What the authority is called.")
@click.option("--contact", default="", help="How it is reached; one e-mail address is told of leads.")
@click.option("--webhook", help="An https address that its own systems are told of leads at.")
@click.option("--key", help="The public key of its node, as `semblance ledger key` prints it there.")
@acting
def add(node: Node, actor: Actor, code: str, **given: Any) -> Reply:
    """Register the authority CODE: a country code, or one with a body's name behind it (FR, FR-PP).

    Its people are refused everything until it is admitted.
    """
    return _reply(add_authority(node, actor, code, **given))


@command.command("edit")
@click.argument("code")
@click.option("--contact", help="How it is reached now; one e-mail address is told of leads.")
@click.option("--webhook", help="Where its own systems are told of leads now; empty takes it away.")
@reason_option
@acting
def edit(node: Node, actor: Actor, code: str, contact: str | None, webhook: str | None, reason: str) -> Reply:
    """Say anew how the authority is reached."""
    return _reply(set_reach(node, actor, code, contact=contact, webhook=webhook, reason=reason))


@command.command("list")
@acting
def list_all(node: Node, actor: Actor) -> Reply:
    """List the authorities that the node knows."""
    found = list_authorities(node, actor)
    rows = (
        (body.code, body.name, body.contact, body.webhook or "", "yes" if body.admitted else "no", body.key or "")
        for body in found
    )
    table = make_table(("code", "name", "contact", "webhook", "admitted", "key"), rows)
    return Reply(AuthorityListDocument(authorities=found), table)


@command.command("admit")
@click.argument("code")
@reason_option
@acting
def admit(node: Node, actor: Actor, code: str, reason: str) -> Reply:
    """Propose to let the people of the authority act here, each with their roles."""
    return reply_proposed(node, propose(node, actor, AdmitAuthority(code), reason=reason))


@command.command("exclude")
@click.argument("code")
@reason_option
@acting
def exclude(node: Node, actor: Actor, code: str, reason: str) -> Reply:
    """Refuse everything to the people of the authority, from now on."""
    return _reply(exclude_authority(node, actor, code, reason=reason))


def _reply(body: Authority) -> Reply:
    return Reply(body, f"{body.code} ({body.name}) is {'admitted' if body.admitted else 'not admitted'}.")
