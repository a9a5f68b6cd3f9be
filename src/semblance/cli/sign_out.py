"""``semblance sign-out``: end the session that ``semblance sign-in`` opened."""

import json
from pathlib import Path

import click

from semblance.bootstrap.node import run_node
from semblance.cli.options import home_option, json_option
from semblance.cli.session_file import drop_session_file, read_session
from semblance.workflows.accounts.sign_in import sign_out


@click.command("sign-out")
@home_option
@json_option
def command(home: Path, as_json: bool) -> None:
    """End your session on the node; it is of no use to anybody any more."""
    secret = read_session(home)
    if secret is not None:
        with run_node(home) as node:
            sign_out(node, secret)
        drop_session_file(home)
    if as_json:
        click.echo(json.dumps({"signed_out": secret is not None}))
        return
    click.echo("Nobody was signed in." if secret is None else "Signed out.")
