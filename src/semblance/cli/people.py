"""``semblance people``: propose people, roles and ways in; take them away."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import click

from semblance.bootstrap.config import default_password
from semblance.bootstrap.node import run_node
from semblance.cli.acting import acting, run_as
from semblance.cli.options import DAY, Member, home_option, reason_option, until_option
from semblance.cli.output import Reply, answering, make_table, say_damaged
from semblance.cli.proposal import reply_proposed
from semblance.edge.people import PeopleDocument, describe_account
from semblance.errors import ConfigurationError, IntakeError
from semblance.node.node import Node
from semblance.people.passwords import find_password_fault
from semblance.people.person import Grant, Person, find_name_fault
from semblance.terms.ids import find_code_fault
from semblance.terms.permission import Actor, Role
from semblance.workflows.accounts import people
from semblance.workflows.accounts.first_person import add_first_person
from semblance.workflows.accounts.joint_acts import (
    AddPerson,
    EnablePerson,
    GiveRole,
    LinkPerson,
    NoteTraining,
    ResetPerson,
    propose_confirmation,
)
from semblance.workflows.accounts.standing import JoinedRoles
from semblance.workflows.two_people import propose


@click.group("people")
def command() -> None:
    """Add people, give them roles, let them in again."""


@command.command("add")
@click.argument("name")
@click.option("--authority", help="The authority that they act for [default: your own].")
@click.option("--role", "roles", multiple=True, type=Member(Role), help="A role; may be given several times.")
@click.option("--until", type=DAY, help="The last day of the roles, as 2027-01-31.")
@click.option("--trained", type=DAY, help="The day of an examiner's last training.")
@click.option("--no-password", is_flag=True, help="They sign in at the OpenID Connect provider only.")
@click.option("--first", is_flag=True, help="Make an administrator where there are not two; needs no sign-in.")
@click.option("--reason", default="", help="Why; the second person and the ledger are told.")
@home_option
@answering
def add(
    name: str,
    authority: str | None,
    roles: tuple[Role, ...],
    until: date | None,
    trained: date | None,
    no_password: bool,
    first: bool,
    reason: str,
    home: Path,
) -> Reply:
    """Propose an account for NAME; it is made when a second person confirms it.

    Of the first password each of the two is shown one half, once. It must be changed at the first sign-in.
    """
    if first:
        if roles or until or trained or no_password or reason:
            raise click.UsageError("--first makes an administrator for a year, with a password; leave the others out.")
        with run_node(home) as node:
            return _reply(make_first(node, name, authority, ask_first_password(name)))
    if roles and until is None:
        raise click.UsageError("Every role ends: say with --until on which day.")
    grants = () if until is None else tuple(Grant(role, until) for role in roles)
    with run_as(home) as (node, actor):
        act = AddPerson(name, authority or actor.authority, grants, trained, with_password=not no_password)
        return reply_proposed(node, propose(node, actor, act, reason=reason))


@command.command("list")
@click.option("--after", help="Go on after this name.")
@click.option("--limit", type=click.IntRange(1, 500), default=100, show_default=True, help="The most people listed.")
@acting
def list_all(node: Node, actor: Actor, after: str | None, limit: int) -> Reply:
    """List everybody with an account, their roles and why one is not in force."""
    page = people.list_people(node, actor, after=after, limit=limit)
    rows = (
        (
            listed.person.name,
            listed.person.authority.code,
            "\n".join(map(_say_grant, listed.grants)),
            "yes" if listed.person.second_factor else "no",
            _say_state(listed.person),
        )
        for listed in page.people
    )
    return Reply(
        PeopleDocument.model_validate(page),
        make_table(("name", "authority", "roles", "second factor", "state"), rows),
        None if page.next_after is None else f"More: --after {page.next_after}",
        *map(_say_joined, page.standing.joined),
        not page.standing.two_administrators
        and "There are not two independent administrators who can act: what needs two people cannot be done. Whoever "
        "holds the node's folder adds one with `semblance people add NAME --first`.",
        say_damaged(page.damaged),
    )


@command.command("grant")
@click.argument("name")
@click.argument("role", type=Member(Role))
@until_option
@reason_option
@acting
def grant(node: Node, actor: Actor, name: str, role: Role, until: date, reason: str) -> Reply:
    """Propose to give NAME a ROLE until a day, or until another day than before."""
    return reply_proposed(node, propose(node, actor, GiveRole(name, role, until), reason=reason))


@command.command("revoke")
@click.argument("name")
@click.argument("role", type=Member(Role))
@reason_option
@acting
def revoke(node: Node, actor: Actor, name: str, role: Role, reason: str) -> Reply:
    """Take a ROLE from NAME at once."""
    return _reply(people.revoke_role(node, actor, name, role, reason=reason))


@command.command("train")
@click.argument("name")
@click.option("--on", "day", type=DAY, required=True, help="The day of the training, as 2026-01-31.")
@reason_option
@acting
def train(node: Node, actor: Actor, name: str, day: date, reason: str) -> Reply:
    """Propose to note an examiner's training; without one that counts the role of examiner is not in force."""
    return reply_proposed(node, propose(node, actor, NoteTraining(name, day), reason=reason))


@command.command("reset")
@click.argument("name")
@reason_option
@acting
def reset(node: Node, actor: Actor, name: str, reason: str) -> Reply:
    """Propose a new password for NAME; the second factor, all tokens and links are taken away."""
    return reply_proposed(node, propose(node, actor, ResetPerson(name), reason=reason))


@command.command("link")
@click.argument("name")
@click.option("--issuer", required=True, help="The OpenID Connect provider's issuer.")
@click.option("--subject", required=True, help="The account's subject (`sub`) there.")
@reason_option
@acting
def link(node: Node, actor: Actor, name: str, issuer: str, subject: str, reason: str) -> Reply:
    """Propose to let an account at an OpenID Connect provider sign in as NAME."""
    return reply_proposed(node, propose(node, actor, LinkPerson(name, issuer, subject), reason=reason))


@command.command("confirm")
@click.argument("name")
@reason_option
@acting
def confirm(node: Node, actor: Actor, name: str, reason: str) -> Reply:
    """Propose to let the account of NAME in a restored copy count as it stands."""
    return reply_proposed(node, propose_confirmation(node, actor, name, reason=reason))


@command.command("enable")
@click.argument("name")
@reason_option
@acting
def enable(node: Node, actor: Actor, name: str, reason: str) -> Reply:
    """Propose to let NAME, who was disabled, sign in again."""
    return reply_proposed(node, propose(node, actor, EnablePerson(name), reason=reason))


def _add_change(name: str, change: Callable[..., Person], words: str) -> None:
    @command.command(name, help=words)
    @click.argument("name")
    @reason_option
    @acting
    def run(node: Node, actor: Actor, name: str, reason: str) -> Reply:
        return _reply(change(node, actor, name, reason=reason))


_add_change("disable", people.disable_person, "Let NAME in no more; sessions end, and tokens are revoked.")
_add_change("unlock", people.unlock_person, "Delete wrong tries and codes, so that NAME can sign in again.")
_add_change("unlink", people.unlink_person, "Let no account at a provider sign in as NAME any more.")


def require_authority_code(authority: str | None) -> str:
    """Return the code; raises ConfigurationError where there is none, or it is none."""
    if authority is None or find_code_fault(authority) is not None:
        raise ConfigurationError(
            "operator.people.first-without-authority",
            "The first administrator acts for an authority: say which with --authority, by its country code "
            "(FR), or that with a body's name behind it (FR-PP).",
        )
    return authority


def require_name(name: str) -> None:
    """Raise IntakeError where nobody can be called that."""
    if (fault := find_name_fault(name)) is not None:
        raise IntakeError("people.name-unusable", "The login name cannot be taken: {fault}.", fault=fault)


def ask_first_password(name: str) -> str:
    """Return SEMBLANCE_PASSWORD, or ask for a password; raises IntakeError where it or the name is no good."""
    require_name(name)
    asked = f"Password for {name}"
    password: str = default_password() or click.prompt(asked, hide_input=True, confirmation_prompt=True, err=True)
    fault = find_password_fault(password, name=name)
    if fault is not None:
        raise IntakeError("password.unusable", "The password {fault}.", fault=fault)
    return password


def make_first(node: Node, name: str, authority: str | None, password: str, *, must_change: bool = False) -> Person:
    """Make one of the first administrators; without an authority it is the one of the node's settings."""
    code = require_authority_code(authority or node.authority)
    return add_first_person(node, name, authority=code, password=password, must_change=must_change)


def _reply(person: Person) -> Reply:
    roles = ", ".join(f"{given.role} until {given.until}" for given in person.grants) or "no role"
    return Reply(describe_account(person), f"{person.name} of {person.authority.code}: {_say_state(person)}; {roles}.")


def _say_grant(listed: people.ShownGrant) -> str:
    words = f"{listed.grant.role} until {listed.grant.until}"
    if listed.in_force and listed.grant.joined_until is not None:
        return f"{words} (joined with a role kept apart: ends on {listed.grant.joined_until})"
    return words if listed.in_force else f"{words} (not in force: {listed.lapse})"


def _say_joined(joined: JoinedRoles) -> str:
    ends = "are not in force" if joined.until is None else f"end on {joined.until}"
    return f"{joined.person} holds {' and '.join(joined.roles)}, which the policy keeps apart: they {ends}."


def _say_state(person: Person) -> str:
    if person.doubted_at is not None:
        return "to be confirmed: of a restored copy"
    if person.disabled_at is not None:
        return "disabled"
    if person.locked_at is not None:
        return "locked"
    return "may sign in" if person.authority.admitted else "not admitted"
