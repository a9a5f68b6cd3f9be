"""``semblance people``: add people, give them roles, let them in again."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import click

from semblance.bootstrap.node import run_node
from semblance.cli.acting import run_as
from semblance.cli.first_person import ask_first_password, make_first
from semblance.cli.options import DAY, home_option, json_option, reason_option, until_option
from semblance.cli.output import make_table, open_console, print_document, say
from semblance.edge.people import PeopleDocument, describe_account
from semblance.node.node import Node
from semblance.people.passwords import make_password
from semblance.people.person import Grant, Person
from semblance.terms.permission import Actor, Role
from semblance.workflows.accounts import people

_ROLES = click.Choice([role.value for role in Role])


@click.group("people")
def command() -> None:
    """Add people, give them roles, let them in again."""


@command.command("add")
@click.argument("name")
@click.option("--authority", default=None, help="The authority that they act for [default: your own].")
@click.option("--role", "roles", multiple=True, type=_ROLES, help="A role; may be given several times.")
@click.option("--until", type=DAY, default=None, help="The last day of the roles, as 2027-01-31.")
@click.option("--trained", type=DAY, default=None, help="The day of an examiner's last training.")
@click.option("--no-password", is_flag=True, help="They sign in at the OpenID Connect provider only.")
@click.option("--first", is_flag=True, help="Make an administrator where there is none; needs no sign-in.")
@home_option
@json_option
def add(
    name: str,
    authority: str | None,
    roles: tuple[str, ...],
    until: date | None,
    trained: date | None,
    no_password: bool,
    first: bool,
    home: Path,
    as_json: bool,
) -> None:
    """Add an account for NAME.

    The password is made and printed once; it must be changed at the first sign-in.
    """
    if first:
        if roles or until or trained or no_password:
            raise click.UsageError("--first makes an administrator for a year, with a password; leave the others out.")
        with run_node(home) as node:
            _print(make_first(node, name, authority, ask_first_password(name)), None, as_json=as_json)
        return
    if roles and until is None:
        raise click.UsageError("Every role ends: say with --until on which day.")
    grants = [] if until is None else [Grant(Role(role), until) for role in roles]
    password = None if no_password else make_password()
    with run_as(home) as (node, actor):
        body = authority or actor.authority
        added = people.add_person(
            node, actor, name, authority=body, password=password, grants=grants, trained_on=trained
        )
        _print(added, password, as_json=as_json)


@command.command("list")
@click.option("--after", default=None, help="Go on after this name.")
@click.option("--limit", type=click.IntRange(1, 500), default=100, show_default=True, help="The most people listed.")
@home_option
@json_option
def list_all(after: str | None, limit: int, home: Path, as_json: bool) -> None:
    """List everybody with an account, their roles and why one is not in force."""
    with run_as(home) as (node, actor):
        page = people.list_people(node, actor, after=after, limit=limit)
    if as_json:
        print_document(PeopleDocument.model_validate(page))
        return
    table = make_table("name", "authority", "roles", "second factor", "state")
    for shown in page.people:
        roles = "\n".join(map(_say_grant, shown.grants))
        factor = "yes" if shown.person.second_factor else "no"
        table.add_row(shown.person.name, shown.person.authority.code, roles, factor, _say_state(shown.person))
    open_console().print(table)
    if page.next_after is not None:
        say(f"More: --after {page.next_after}")


@command.command("grant")
@click.argument("name")
@click.argument("role", type=_ROLES)
@until_option
@reason_option
@home_option
@json_option
def grant(name: str, role: str, until: date, reason: str, home: Path, as_json: bool) -> None:
    """Give NAME a ROLE until a day, or until another day than before."""
    _change(
        home, lambda node, actor: people.grant_role(node, actor, name, Role(role), until=until, reason=reason), as_json
    )


@command.command("revoke")
@click.argument("name")
@click.argument("role", type=_ROLES)
@reason_option
@home_option
@json_option
def revoke(name: str, role: str, reason: str, home: Path, as_json: bool) -> None:
    """Take a ROLE from NAME at once."""
    _change(home, lambda node, actor: people.revoke_role(node, actor, name, Role(role), reason=reason), as_json)


@command.command("train")
@click.argument("name")
@click.option("--on", "day", type=DAY, required=True, help="The day of the training, as 2026-01-31.")
@reason_option
@home_option
@json_option
def train(name: str, day: date, reason: str, home: Path, as_json: bool) -> None:
    """Note an examiner's training; without one that counts the role of examiner is not in force."""
    _change(home, lambda node, actor: people.set_training(node, actor, name, on=day, reason=reason), as_json)


@command.command("reset")
@click.argument("name")
@reason_option
@home_option
@json_option
def reset(name: str, reason: str, home: Path, as_json: bool) -> None:
    """Give NAME a new password, printed once; the second factor and all tokens are taken away."""
    password = make_password()
    with run_as(home) as (node, actor):
        changed = people.reset_person(node, actor, name, password=password, reason=reason)
        _print(changed, password, as_json=as_json)


@command.command("link")
@click.argument("name")
@click.option("--issuer", required=True, help="The OpenID Connect provider's issuer.")
@click.option("--subject", required=True, help="The account's subject (`sub`) there.")
@reason_option
@home_option
@json_option
def link(name: str, issuer: str, subject: str, reason: str, home: Path, as_json: bool) -> None:
    """Let an account at an OpenID Connect provider sign in as NAME."""
    _change(
        home,
        lambda node, actor: people.link_person(node, actor, name, issuer=issuer, subject=subject, reason=reason),
        as_json,
    )


def _add_change(name: str, change: Callable[..., Person], words: str) -> None:
    @command.command(name, help=words)
    @click.argument("name")
    @reason_option
    @home_option
    @json_option
    def run(name: str, reason: str, home: Path, as_json: bool) -> None:
        _change(home, lambda node, actor: change(node, actor, name, reason=reason), as_json)


_add_change("disable", people.disable_person, "Let NAME in no more; sessions end, and tokens are revoked.")
_add_change("enable", people.enable_person, "Let NAME, who was disabled, sign in again.")
_add_change("unlock", people.unlock_person, "Delete wrong tries and codes, so that NAME can sign in again.")
_add_change("unlink", people.unlink_person, "Let no account at a provider sign in as NAME any more.")


def _change(home: Path, change: Callable[[Node, Actor], Person], as_json: bool) -> None:
    with run_as(home) as (node, actor):
        _print(change(node, actor), None, as_json=as_json)


def _print(person: Person, password: str | None, *, as_json: bool) -> None:
    if as_json:
        print_document(describe_account(person, password))
        return
    roles = ", ".join(f"{given.role.value} until {given.until}" for given in person.grants) or "no role"
    say(f"{person.name} of {person.authority.code}: {_say_state(person)}; {roles}.")
    if password is not None:
        say(f"The password for the first sign-in, shown this once: {password}")


def _say_grant(shown: people.ShownGrant) -> str:
    words = f"{shown.grant.role.value} until {shown.grant.until}"
    return words if shown.in_force else f"{words} (not in force: {shown.lapse})"


def _say_state(person: Person) -> str:
    if person.disabled_at is not None:
        return "disabled"
    if person.locked_at is not None:
        return "locked"
    return "may sign in" if person.authority.admitted else "not admitted"
