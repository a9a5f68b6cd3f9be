"""Commands act as a person: the one whose token is in the environment, or who signed in before."""

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Final

import click

from semblance.bootstrap.config import default_password, default_token, state_folder
from semblance.bootstrap.leftovers import remove_old
from semblance.bootstrap.node import run_node
from semblance.cli.options import home_option
from semblance.cli.output import Reply, answering
from semblance.errors import ConfigurationError, NotSignedIn
from semblance.node.node import Node
from semblance.terms.permission import Actor
from semblance.workflows.accounts.sign_in import find_actor, sign_in

_FRESH: Final = re.compile(r"[0-9a-f]{32}\.[0-9]+\.new")
"""What a secret that is being kept is called until it is whole."""


def acting(function: Callable[..., Reply]) -> Callable[..., None]:
    """Add ``--home`` and ``--json``; call the function with the open node and who acts, and print what it replies."""

    @wraps(function)
    def run(*, home: Path, **values: Any) -> Reply:
        with run_as(home) as (node, actor):
            return function(node, actor, **values)

    return home_option(answering(run))


@contextmanager
def run_as(home: Path) -> Iterator[tuple[Node, Actor]]:
    """Open the node in the folder for the length of a ``with`` block, and say who acts; raises NotSignedIn."""
    with run_node(home) as node:
        yield node, find_actor(node, require_secret(home))


@contextmanager
def run_as_somebody(home: Path, name: str | None, code: str) -> Iterator[tuple[Node, Actor]]:
    """Open a node that may be an older copy, which knows no newer session, without asking its witness; say who acts.

    That is whoever signs in now, or the session that is open. The password is asked for, or taken from
    SEMBLANCE_PASSWORD. Raises NotSignedIn, RefusedByPolicy.
    """
    with run_node(home, witnessed=False) as node:
        if name is None:
            secret = require_secret(home)
        else:
            password = default_password() or click.prompt("Password", hide_input=True, err=True)
            secret = sign_in(node, name, password, code).secret
        yield node, find_actor(node, secret)


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


def find_session_file(home: Path) -> Path:
    """Return where the secret of the session on the node in that folder is kept."""
    return state_folder() / "sessions" / hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:32]


def keep_session(home: Path, secret: str) -> None:
    """Keep the secret for the commands after this one, for the owner alone (mode 600)."""
    _keep(find_session_file(home), secret)


def keep_device(home: Path, name: str, device: str) -> None:
    """Keep what makes this account on the machine known when the person signs in again."""
    _keep(_find_device_file(home, name), device)


def read_device(home: Path, name: str) -> str:
    """Return what is kept of an earlier sign-in under that name, or an empty text."""
    return _read(_find_device_file(home, name)) or ""


def _find_device_file(home: Path, name: str) -> Path:
    whose = f"{home.resolve()} {name.strip().casefold()}".encode("utf-8", "backslashreplace")
    return state_folder() / "devices" / hashlib.sha256(whose).hexdigest()[:32]


def _keep(path: Path, secret: str) -> None:
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secret)
        fresh.replace(path)
        # a command that was killed left a secret behind
        remove_old(path.parent, _FRESH)
    except OSError as error:
        raise ConfigurationError(
            "operator.session.unwritable", "The session cannot be kept in {path}: {why}.", path=path, why=error.strerror
        ) from None


def read_session(home: Path) -> str | None:
    """Return the secret that is kept, or None."""
    return _read(find_session_file(home))


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None
