"""``semblance policy``: read the policy, look at its versions, replace it."""

from pathlib import Path

import click

from semblance.cases.policy import read_default_policy
from semblance.cases.policy import read_policy as parse_policy
from semblance.cli.acting import run_as
from semblance.cli.options import home_option, json_option, reason_option
from semblance.cli.output import make_table, open_console, print_document, say
from semblance.edge.node import PolicyDocument, PolicyVersionsDocument
from semblance.errors import IntakeError
from semblance.workflows.oversight import policy


@click.group("policy")
def command() -> None:
    """Read the policy, look at its versions, replace it."""


@command.command("show")
@click.option("--shipped", is_flag=True, help="The policy that Semblance ships, as a beginning for your own.")
@home_option
@json_option
def show(shipped: bool, home: Path, as_json: bool) -> None:
    """Print the policy file that is in force."""
    if shipped:
        click.echo(read_default_policy().text, nl=False)
        return
    with run_as(home) as (node, actor):
        found = policy.read_policy(node, actor)
    if as_json:
        print_document(PolicyDocument.model_validate(found))
        return
    if found.since is None:
        say("The policy that Semblance ships is in force.", err=True)
    else:
        say(f"Version {found.number}, in force since {found.since.isoformat(timespec='seconds')}.", err=True)
    say(found.policy.text.rstrip("\n"))


@command.command("versions")
@home_option
@json_option
def versions(home: Path, as_json: bool) -> None:
    """List all versions that were brought into force, newest first."""
    with run_as(home) as (node, actor):
        found = policy.list_policies(node, actor)
    if as_json:
        print_document(PolicyVersionsDocument(versions=found))
        return
    if not found:
        say("The policy was never replaced; the one that Semblance ships is in force.")
        return
    table = make_table("version", "at (UTC)", "by", "reason", "SHA-256", numbers=frozenset({"version"}))
    for version in found:
        at = version.at.isoformat(sep=" ", timespec="minutes")[:16]
        who = f"{version.person} of {version.authority}"
        table.add_row(str(version.number), at, who, version.reason, version.digest[:16])
    open_console().print(table)


@command.command("check")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def check(file: Path) -> None:
    """Read a policy FILE and say whether it could be brought into force; no node is needed, and nothing is changed."""
    found = parse_policy(_read_file(file), source=str(file))
    say(f"{file} is a policy: {found.title}. It knows {len(found.purposes)} purposes and {len(found.actions)} actions.")


@command.command("replace")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@reason_option
@home_option
@json_option
def replace(file: Path, reason: str, home: Path, as_json: bool) -> None:
    """Bring the policy in FILE into force at once; the one before is kept."""
    text = _read_file(file)
    with run_as(home) as (node, actor):
        made = policy.replace_policy(node, actor, text, reason=reason)
    if as_json:
        print_document(PolicyDocument.model_validate(made))
        return
    say(f"Version {made.number} is in force: {made.policy.title}.")


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
