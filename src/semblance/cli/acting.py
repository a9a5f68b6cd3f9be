"""Commands act as a person: the one whose token is in the environment, or who signed in before."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from semblance.bootstrap.config import default_token
from semblance.bootstrap.node import run_node
from semblance.cli.session_file import read_session
from semblance.errors import NotSignedIn
from semblance.node.node import Node
from semblance.terms.permission import Actor
from semblance.workflows.accounts.sign_in import find_actor


@contextmanager
def run_as(home: Path, *, witnessed: bool = True) -> Iterator[tuple[Node, Actor]]:
    """Open the node in the folder for the length of a ``with`` block, and say who acts; raises NotSignedIn."""
    with run_node(home, witnessed=witnessed) as node:
        yield node, find_actor(node, require_secret(home))


def require_secret(home: Path) -> str:
    """Return SEMBLANCE_TOKEN, or else the secret of the session on that node; raises NotSignedIn."""
    secret = default_token() or read_session(home)
    if secret is None:
        raise NotSignedIn(
            "operator.sign-in.nobody",
            "Nobody is signed in on this node. Sign in with `semblance sign-in`, or put an API token into "
            "SEMBLANCE_TOKEN.",
        )
    return secret
