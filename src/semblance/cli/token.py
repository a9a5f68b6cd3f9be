"""``semblance token``: make API tokens for programs, and revoke them."""

from datetime import date

import click

from semblance.cli.acting import acting
from semblance.cli.options import members_option, until_option
from semblance.cli.output import Aside, Reply, make_table
from semblance.edge.people import TokenDocument, TokenListDocument, describe_made_token
from semblance.node.node import Node
from semblance.people.token import find_end
from semblance.terms.permission import Action, Actor
from semblance.workflows.accounts.own_account import list_tokens, make_token, revoke_token


@click.group("token")
def command() -> None:
    """Make API tokens for programs, and revoke them."""


@command.command("make")
@click.option("--label", required=True, help="What the token is for.")
@members_option(
    "--allow",
    "allowed",
    Action,
    "An act that the token allows, such as record.read; may be given several times.",
    required=True,
    metavar="ACT",
)
@until_option
@acting
def make(node: Node, actor: Actor, label: str, allowed: frozenset[Action], until: date) -> Reply:
    """Make a token that allows some acts, as far as your roles do, until a day at most a year away.

    Its secret is shown this once.
    """
    end = find_end(until)
    made = make_token(node, actor, label=label, scope=allowed, expires_at=end)
    words = f"Made the token {made.token.id} until {until.isoformat()}. Its secret, shown this once:"
    return Reply(describe_made_token(made), Aside(words), made.secret)


@command.command("list")
@click.option("--name", help="Whose, for administrators; yours without it.")
@acting
def list_all(node: Node, actor: Actor, name: str | None) -> Reply:
    """List tokens, newest first; their secrets are not kept."""
    found = list_tokens(node, actor, name=name)
    rows = (
        (
            token.id,
            token.label,
            token.start,
            ", ".join(sorted(token.scope)),
            token.expires_at.date(),
            "" if token.revoked_at is None else token.revoked_at.date(),
        )
        for token in found
    )
    return Reply(
        TokenListDocument(tokens=tuple(map(TokenDocument.model_validate, found))),
        make_table(("id", "label", "starts with", "allows", "until", "revoked"), rows),
    )


@command.command("revoke")
@click.argument("token")
@click.option("--reason", default="", help="Why; the ledger keeps it.")
@acting
def revoke(node: Node, actor: Actor, token: str, reason: str) -> Reply:
    """Let the TOKEN with that id be taken no more."""
    found = revoke_token(node, actor, token, reason=reason)
    return Reply(TokenDocument.model_validate(found), f"Revoked the token {found.id} ({found.label}).")
