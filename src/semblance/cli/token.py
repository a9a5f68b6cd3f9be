"""``semblance token``: make API tokens for programs, and revoke them."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import click

from semblance.cli.acting import run_as
from semblance.cli.options import home_option, json_option, until_option
from semblance.cli.output import make_table, open_console, print_document, say
from semblance.edge.people import TokenDocument, TokenListDocument, describe_made_token
from semblance.terms.permission import Action
from semblance.workflows.accounts.tokens import list_tokens, make_token, revoke_token


@click.group("token")
def command() -> None:
    """Make API tokens for programs, and revoke them."""


@command.command("make")
@click.option("--label", required=True, help="What the token is for.")
@click.option(
    "--allow",
    "allowed",
    required=True,
    multiple=True,
    type=click.Choice([action.value for action in Action]),
    metavar="ACT",
    help="An act that the token allows, such as record.read; may be given several times.",
)
@until_option
@home_option
@json_option
def make(label: str, allowed: tuple[str, ...], until: date, home: Path, as_json: bool) -> None:
    """Make a token that allows some acts, as far as your roles do, until a day at most a year away.

    Its secret is shown this once.
    """
    end = datetime.combine(until, time(), UTC) + timedelta(days=1)
    with run_as(home) as (node, actor):
        made = make_token(node, actor, label=label, scope=frozenset(map(Action, allowed)), expires_at=end)
    if as_json:
        print_document(describe_made_token(made))
        return
    say(f"Made the token {made.token.id} until {until.isoformat()}. Its secret, shown this once:", err=True)
    say(made.secret)


@command.command("list")
@click.option("--name", default=None, help="Whose, for administrators; yours without it.")
@home_option
@json_option
def list_all(name: str | None, home: Path, as_json: bool) -> None:
    """List tokens, newest first; their secrets are not kept."""
    with run_as(home) as (node, actor):
        found = list_tokens(node, actor, name=name)
    if as_json:
        print_document(TokenListDocument(tokens=tuple(map(TokenDocument.model_validate, found))))
        return
    table = make_table("id", "label", "starts with", "allows", "until", "revoked")
    for token in found:
        allowed = ", ".join(sorted(action.value for action in token.scope))
        revoked = "" if token.revoked_at is None else token.revoked_at.date().isoformat()
        table.add_row(token.id, token.label, token.start, allowed, token.expires_at.date().isoformat(), revoked)
    open_console().print(table)


@command.command("revoke")
@click.argument("token")
@click.option("--reason", default="", help="Why; the ledger keeps it.")
@home_option
@json_option
def revoke(token: str, reason: str, home: Path, as_json: bool) -> None:
    """Let the TOKEN with that id be taken no more."""
    with run_as(home) as (node, actor):
        found = revoke_token(node, actor, token, reason=reason)
    if as_json:
        print_document(TokenDocument.model_validate(found))
        return
    say(f"Revoked the token {found.id} ({found.label}).")
