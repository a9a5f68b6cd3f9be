"""``semblance sign-in`` and ``sign-out``: open a session, so that the commands after it act as somebody, and end it."""

import json
import sys
from pathlib import Path

import click
import segno

from semblance.bootstrap.config import default_password
from semblance.bootstrap.node import run_node
from semblance.cli import acting
from semblance.cli.options import home_option, json_option
from semblance.cli.output import Reply, answering, say
from semblance.edge.people import describe_actor
from semblance.node.node import Node
from semblance.workflows.accounts import own_account, sign_in


@click.command("sign-in")
@click.option("--name", help="The login name; asked for without it.")
@click.option("--code", help="The code of the second factor, or one from paper.")
@click.option("--change-password", "changing", is_flag=True, help="Choose another password after signing in.")
@home_option
@answering
def command(name: str | None, code: str | None, changing: bool, home: Path) -> Reply:
    """Sign in on the node; the commands after it act as you, until `semblance sign-out` or the session's end.

    The password is asked for, or taken from SEMBLANCE_PASSWORD. What must be set up first is asked for, too.
    """
    asked = default_password()
    with run_node(home) as node:
        login = name if name is not None else _ask("Name")
        password = asked or _ask("Password", hidden=True)
        if code is None:
            code = "" if asked else _ask("Code (Enter where you have none)", default="")
        opened = sign_in.sign_in(node, login, password, code, device=acting.read_device(home, login))
        acting.keep_device(home, login, opened.device)
        secret = opened.secret
        if changing or own_account.read_own_account(node, secret).person.must_change:
            new = _ask("New password", hidden=True, twice=True)
            secret = own_account.change_password(node, secret, password, new).secret
        papers: tuple[str, ...] = ()
        if own_account.read_own_account(node, secret).duty is not None:
            papers = _set_up_second_factor(node, secret)
        actor = sign_in.find_actor(node, secret)
        acting.keep_session(home, secret)
    roles = ", ".join(sorted(actor.roles)) or "no role in force"
    return Reply(
        describe_actor(actor, papers),
        f"Signed in as {actor.name} of {actor.authority}: {roles}.",
        not actor.admitted and f"{actor.authority} is not admitted on this node: nothing can be done.",
        bool(papers) and "Keep these codes on paper; each signs in once where the app is lost:",
        *(f"  {paper}" for paper in papers),
    )


@click.command("sign-out")
@home_option
@json_option
def sign_out(home: Path, as_json: bool) -> None:
    """End your session on the node; it is of no use to anybody any more."""
    secret = acting.read_session(home)
    if secret is not None:
        with run_node(home) as node:
            sign_in.sign_out(node, secret)
        acting.find_session_file(home).unlink(missing_ok=True)
    if as_json:
        click.echo(json.dumps({"signed_out": secret is not None}))
        return
    click.echo("Nobody was signed in." if secret is None else "Signed out.")


def _set_up_second_factor(node: Node, secret: str) -> tuple[str, ...]:
    new = own_account.begin_second_factor(node, secret)
    say("This node asks for a second factor. Add this to an app for one-time codes, then type its code.", err=True)
    say(f"  key:     {new.secret}", err=True)
    say(f"  address: {new.address}", err=True)
    if sys.stderr.isatty():
        segno.make(new.address).terminal(sys.stderr, compact=True)
    return own_account.confirm_second_factor(node, secret, _ask("Code"))


def _ask(text: str, *, hidden: bool = False, twice: bool = False, default: str | None = None) -> str:
    # questions go to standard error, so that --json prints one document
    answer: str = click.prompt(
        text, default=default, hide_input=hidden, confirmation_prompt=twice, show_default=False, err=True
    )
    return answer
