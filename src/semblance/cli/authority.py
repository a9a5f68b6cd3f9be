"""``semblance authority``: register authorities, admit and exclude them."""

from pathlib import Path

import click

from semblance.cli.acting import run_as
from semblance.cli.options import home_option, json_option, reason_option
from semblance.cli.output import make_table, open_console, print_document, say
from semblance.edge.people import AuthorityListDocument
from semblance.people.person import Authority
from semblance.workflows.accounts.authorities import add_authority, list_authorities, set_admitted, set_reach


@click.group("authority")
def command() -> None:
    """Register authorities, admit and exclude them."""


@command.command("add")
@click.argument("code")
@click.option("--name", required=True, help="What the authority is called.")
@click.option("--contact", default="", help="How it is reached; one e-mail address is told of leads.")
@click.option("--webhook", default=None, help="An https address that its own systems are told of leads at.")
@click.option("--key", default=None, help="The public key of its node, as `semblance ledger key` prints it there.")
@click.option("--not-admitted", is_flag=True, help="Only register it: its people are refused everything.")
@home_option
@json_option
def add(
    code: str,
    name: str,
    contact: str,
    webhook: str | None,
    key: str | None,
    not_admitted: bool,
    home: Path,
    as_json: bool,
) -> None:
    """Register the authority CODE: a country code, or one with a body's name behind it (FR, FR-PP)."""
    with run_as(home) as (node, actor):
        found = add_authority(
            node, actor, code, name=name, contact=contact, key=key, admitted=not not_admitted, webhook=webhook
        )
        _print(found, as_json=as_json)


@command.command("edit")
@click.argument("code")
@click.option("--contact", default=None, help="How it is reached now; one e-mail address is told of leads.")
@click.option("--webhook", default=None, help="Where its own systems are told of leads now; empty takes it away.")
@reason_option
@home_option
@json_option
def edit(code: str, contact: str | None, webhook: str | None, reason: str, home: Path, as_json: bool) -> None:
    """Say anew how the authority is reached."""
    with run_as(home) as (node, actor):
        changed = set_reach(node, actor, code, contact=contact, webhook=webhook, reason=reason)
        _print(changed, as_json=as_json)


@command.command("list")
@home_option
@json_option
def list_all(home: Path, as_json: bool) -> None:
    """List the authorities that the node knows."""
    with run_as(home) as (node, actor):
        found = list_authorities(node, actor)
    if as_json:
        print_document(AuthorityListDocument(authorities=found))
        return
    table = make_table("code", "name", "contact", "webhook", "admitted", "key")
    for authority in found:
        admitted = "yes" if authority.admitted else "no"
        table.add_row(
            authority.code, authority.name, authority.contact, authority.webhook or "", admitted, authority.key or ""
        )
    open_console().print(table)


@command.command("admit")
@click.argument("code")
@reason_option
@home_option
@json_option
def admit(code: str, reason: str, home: Path, as_json: bool) -> None:
    """Let the people of the authority act here, each with their roles."""
    with run_as(home) as (node, actor):
        _print(set_admitted(node, actor, code, admitted=True, reason=reason), as_json=as_json)


@command.command("exclude")
@click.argument("code")
@reason_option
@home_option
@json_option
def exclude(code: str, reason: str, home: Path, as_json: bool) -> None:
    """Refuse everything to the people of the authority, from now on."""
    with run_as(home) as (node, actor):
        _print(set_admitted(node, actor, code, admitted=False, reason=reason), as_json=as_json)


def _print(authority: Authority, *, as_json: bool) -> None:
    if as_json:
        print_document(authority)
        return
    say(f"{authority.code} ({authority.name}) is {'admitted' if authority.admitted else 'not admitted'}.")
