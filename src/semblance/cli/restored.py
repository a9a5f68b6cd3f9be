"""Act on a store that may be an older copy, in which newer sessions are unknown: sign in for one command."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from semblance.bootstrap.config import default_password
from semblance.bootstrap.node import run_node
from semblance.cli.acting import require_secret
from semblance.node.node import Node
from semblance.terms.permission import Actor
from semblance.workflows.accounts.sign_in import find_actor, sign_in


@contextmanager
def run_as_somebody(home: Path, name: str | None, code: str) -> Iterator[tuple[Node, Actor]]:
    """Open the node without asking its witness, and say who acts: whoever signs in now, or the session that is open.

    The password is asked for, or taken from SEMBLANCE_PASSWORD. Raises NotSignedIn, RefusedByPolicy.
    """
    with run_node(home, witnessed=False) as node:
        secret = require_secret(home) if name is None else _sign_in(node, name, code)
        yield node, find_actor(node, secret)


def _sign_in(node: Node, name: str, code: str) -> str:
    password = default_password() or click.prompt("Password", hide_input=True, err=True)
    return sign_in(node, name, password, code).secret
