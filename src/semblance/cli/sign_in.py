"""``semblance sign-in``: open a session, so that the commands after it act as somebody."""

import sys
from pathlib import Path

import click
import segno

from semblance.bootstrap.config import default_password
from semblance.bootstrap.node import run_node
from semblance.cli.options import home_option, json_option
from semblance.cli.output import print_document, say
from semblance.cli.session_file import keep_session
from semblance.edge.people import describe_actor
from semblance.node.node import Node
from semblance.terms.permission import Actor
from semblance.workflows.accounts.own_account import (
    begin_second_factor,
    change_password,
    confirm_second_factor,
    read_own_account,
)
from semblance.workflows.accounts.sign_in import find_actor, sign_in


@click.command("sign-in")
@click.option("--name", default=None, help="The login name; asked for without it.")
@click.option("--code", default=None, help="The code of the second factor, or one from paper.")
@click.option("--change-password", "changing", is_flag=True, help="Choose another password after signing in.")
@home_option
@json_option
def command(name: str | None, code: str | None, changing: bool, home: Path, as_json: bool) -> None:
    """Sign in on the node; the commands after it act as you, until `semblance sign-out` or the session's end.

    The password is asked for, or taken from SEMBLANCE_PASSWORD. What must be set up first is asked for, too.
    """
    asked = default_password()
    with run_node(home) as node:
        login = name if name is not None else _ask("Name")
        password = asked or _ask("Password", hidden=True)
        if code is None:
            code = "" if asked else _ask("Code (Enter where you have none)", default="")
        secret = sign_in(node, login, password, code).secret
        if changing or read_own_account(node, secret).person.must_change:
            new = _ask("New password", hidden=True, twice=True)
            secret = change_password(node, secret, password, new).secret
        papers: tuple[str, ...] = ()
        if read_own_account(node, secret).duty is not None:
            papers = _set_up_second_factor(node, secret)
        actor = find_actor(node, secret)
        keep_session(home, secret)
    if as_json:
        print_document(describe_actor(actor, papers))
    else:
        _print(actor, papers)


def _set_up_second_factor(node: Node, secret: str) -> tuple[str, ...]:
    new = begin_second_factor(node, secret)
    say("This node asks for a second factor. Add this to an app for one-time codes, then type its code.", err=True)
    say(f"  key:     {new.secret}", err=True)
    say(f"  address: {new.address}", err=True)
    if sys.stderr.isatty():
        segno.make(new.address).terminal(sys.stderr, compact=True)
    return confirm_second_factor(node, secret, _ask("Code"))


def _print(actor: Actor, papers: tuple[str, ...]) -> None:
    roles = ", ".join(sorted(role.value for role in actor.roles)) or "no role in force"
    say(f"Signed in as {actor.name} of {actor.authority}: {roles}.")
    if not actor.admitted:
        say(f"{actor.authority} is not admitted on this node: nothing can be done.")
    if papers:
        say("Keep these codes on paper; each signs in once where the app is lost:")
        for paper in papers:
            say(f"  {paper}")


def _ask(text: str, *, hidden: bool = False, twice: bool = False, default: str | None = None) -> str:
    # questions go to standard error, so that --json prints one document
    answer: str = click.prompt(
        text, default=default, hide_input=hidden, confirmation_prompt=twice, show_default=False, err=True
    )
    return answer
