"""``semblance sign-out``: end the session that ``semblance sign-in`` opened."""

from pathlib import Path

import click

from semblance.bootstrap.node import run_node
from semblance.cli.options import home_option
from semblance.cli.session_file import drop_session_file, read_session
from semblance.workflows.signing_in import sign_out


@click.command("sign-out")
@home_option
def command(home: Path) -> None:
    """End your session on the node; it is of no use to anybody any more."""
    secret = read_session(home)
    if secret is None:
        click.echo("Nobody was signed in.")
        return
    with run_node(home) as node:
        sign_out(node, secret)
    drop_session_file(home)
    click.echo("Signed out.")
