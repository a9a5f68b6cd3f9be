"""``semblance policy``: read the policy, look at its versions, replace it."""

from pathlib import Path

import click

from semblance.cases.policy import read_default_policy
from semblance.cases.policy import read_policy as parse_policy
from semblance.cli.acting import acting, run_as
from semblance.cli.options import FILE, home_option, reason_option
from semblance.cli.output import Aside, Reply, answering, make_table, say, say_minute
from semblance.edge.node import PolicyDocument, PolicyVersionsDocument
from semblance.errors import IntakeError
from semblance.node.node import Node
from semblance.terms.permission import Actor
from semblance.workflows.oversight import policy


@click.group("policy")
def command() -> None:
    """Read the policy, look at its versions, replace it."""


@command.command("show")
@click.option("--shipped", is_flag=True, help="The policy that Semblance ships, as a beginning for your own.")
@home_option
@answering
def show(shipped: bool, home: Path) -> Reply:
    """Print the policy file that is in force."""
    if shipped:
        click.echo(read_default_policy().text, nl=False)
        click.get_current_context().exit()
    with run_as(home) as (node, actor):
        found = policy.read_policy(node, actor)
    if found.since is None:
        words = "The policy that Semblance ships is in force."
    else:
        words = f"Version {found.number}, in force since {found.since.isoformat(timespec='seconds')}."
    return Reply(PolicyDocument.model_validate(found), Aside(words), found.policy.text.rstrip("\n"))


@command.command("versions")
@acting
def versions(node: Node, actor: Actor) -> Reply:
    """List all versions that were brought into force, newest first."""
    found = policy.list_policies(node, actor)
    document = PolicyVersionsDocument(versions=found)
    if not found:
        return Reply(document, "The policy was never replaced; the one that Semblance ships is in force.")
    rows = (
        (made.number, say_minute(made.at), f"{made.person} of {made.authority}", made.reason, made.digest[:16])
        for made in found
    )
    return Reply(document, make_table(("version", "at (UTC)", "by", "reason", "SHA-256"), rows, numbers={"version"}))


@command.command("check")
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Read a policy FILE and say whether it could be brought into force; no node is needed, and nothing is changed."""
    found = parse_policy(_read_file(file), source=str(file))
    say(f"{file} is a policy: {found.title}. It knows {len(found.purposes)} purposes and {len(found.actions)} actions.")


@command.command("replace")
@click.argument("file", type=FILE)
@reason_option
@home_option
@answering
def replace(file: Path, reason: str, home: Path) -> Reply:
    """Bring the policy in FILE into force at once; the one before is kept."""
    text = _read_file(file)
    with run_as(home) as (node, actor):
        made = policy.replace_policy(node, actor, text, reason=reason)
    return Reply(PolicyDocument.model_validate(made), f"Version {made.number} is in force: {made.policy.title}.")


def _read_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise IntakeError(
            "operator.cli.not-written-utf--save-then",
            "{path} is not written in UTF-8; save it so, then try again.",
            path=path,
        ) from None
    except OSError as error:
        raise IntakeError(
            "operator.cli.cannot-read-2", "{path} cannot be read ({strerror}).", path=path, strerror=error.strerror
        ) from None
