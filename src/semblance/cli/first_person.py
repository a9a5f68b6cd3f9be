"""The first administrator of a node, made by whoever holds its folder."""

import click

from semblance.bootstrap.config import default_password
from semblance.errors import ConfigurationError, IntakeError
from semblance.node.node import Node
from semblance.people.passwords import find_password_fault
from semblance.people.person import Person, find_name_fault
from semblance.terms.ids import find_code_fault
from semblance.workflows.accounts.first_person import add_first_person


def require_authority_code(authority: str | None) -> str:
    """Return the code; raises ConfigurationError where there is none, or it is none."""
    if authority is None or find_code_fault(authority) is not None:
        raise ConfigurationError(
            "operator.people.first-without-authority",
            "The first administrator acts for an authority: say which with --authority, by its country code "
            "(FR), or that with a body's name behind it (FR-PP).",
        )
    return authority


def ask_first_password(name: str) -> str:
    """Return SEMBLANCE_PASSWORD, or ask for a password; raises IntakeError where it or the name is no good."""
    fault = find_name_fault(name)
    if fault is not None:
        raise IntakeError("people.name-unusable", "The login name cannot be taken: {fault}.", fault=fault)
    asked = f"Password for {name}"
    password: str = default_password() or click.prompt(asked, hide_input=True, confirmation_prompt=True, err=True)
    fault = find_password_fault(password, name=name)
    if fault is not None:
        raise IntakeError("password.unusable", "The password {fault}.", fault=fault)
    return password


def make_first(node: Node, name: str, authority: str | None, password: str) -> Person:
    """Make the administrator; without an authority it is the one of the node's settings."""
    return add_first_person(
        node, name, authority=require_authority_code(authority or node.authority), password=password
    )
