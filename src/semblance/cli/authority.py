"""``semblance authority``: register authorities, admit and exclude them."""

from typing import Any

import click

from semblance.cli.acting import acting
from semblance.cli.options import reason_option
from semblance.cli.output import Reply, make_table
from semblance.edge.people import AuthorityListDocument
from semblance.node.node import Node
from semblance.people.person import Authority
from semblance.terms.permission import Actor
from semblance.workflows.accounts.authorities import add_authority, list_authorities, set_admitted, set_reach


@click.group("authority")
def command() -> None:
    """Register authorities, admit and exclude them."""


@command.command("add")
@click.argument("code")
@click.option("--name", required=True, help="What the authority is called.")
@click.option("--contact", default="", help="How it is reached; one e-mail address is told of leads.")
@click.option("--webhook", help="An https address that its own systems are told of leads at.")
@click.option("--key", help="The public key of its node, as `semblance ledger key` prints it there.")
@click.option("--not-admitted", is_flag=True, help="Only register it: its people are refused everything.")
@acting
def add(node: Node, actor: Actor, code: str, not_admitted: bool, **given: Any) -> Reply:
    """Register the authority CODE: a country code, or one with a body's name behind it (FR, FR-PP)."""
    return _reply(add_authority(node, actor, code, admitted=not not_admitted, **given))


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


def _add_switch(name: str, admitted: bool, words: str) -> None:
    @command.command(name, help=words)
    @click.argument("code")
    @reason_option
    @acting
    def run(node: Node, actor: Actor, code: str, reason: str) -> Reply:
        return _reply(set_admitted(node, actor, code, admitted=admitted, reason=reason))


_add_switch("admit", True, "Let the people of the authority act here, each with their roles.")
_add_switch("exclude", False, "Refuse everything to the people of the authority, from now on.")


def _reply(body: Authority) -> Reply:
    return Reply(body, f"{body.code} ({body.name}) is {'admitted' if body.admitted else 'not admitted'}.")
