"""``semblance keys``: look at the keys that seal what is held, and rotate the node key."""

from collections.abc import Callable
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from semblance.bootstrap.config import read_settings
from semblance.bootstrap.next_node_key import is_under_way, prepare_next, settle_next
from semblance.cli.acting import run_as
from semblance.cli.options import home_option, json_option, reason_option
from semblance.cli.output import make_facts, open_console, print_document, say
from semblance.edge.node import KeysDocument
from semblance.workflows.oversight.keys import RotationReport, describe_keys, rotate_keys


@click.group("keys")
def command() -> None:
    """Look at the keys that seal what is held of people, and rotate the node key that wraps them."""


@command.command("status")
@home_option
@json_option
def status(home: Path, as_json: bool) -> None:
    """Say how many keys there are, how many were destroyed, and where the node key comes from; opens none."""
    with run_as(home) as (node, actor):
        facts = describe_keys(node, actor)
    kind = read_settings(home).node.keys.node_key.partition(":")[0]
    document = KeysDocument.from_value(facts, source=kind, rotation_under_way=is_under_way(home))
    if as_json:
        print_document(document)
        return
    shown: dict[str, object] = {
        "keys": document.keys,
        "destroyed": document.destroyed,
        "node key": f"{document.node_key} (its fingerprint), from {kind}",
        "keyring made": document.made_at,
        "node key rotated": document.rotated_at or "never",
    }
    open_console().print(make_facts(shown))
    if document.rotation_under_way:
        say("A rotation of the node key is under way: finish it with `semblance keys rotate`.")


@command.command("rotate")
@click.option("--to", default=None, help="The new source, as env:NAME or command:PROGRAM [default: a new key file].")
@reason_option
@home_option
@json_option
def rotate(to: str | None, reason: str, home: Path, as_json: bool) -> None:
    """Wrap every key by a new node key. Stopped at any moment, the node goes on working; call it again to finish.

    Programs that run go on, and take the new node key by themselves. Photos and templates are not encrypted anew.
    """
    settings = read_settings(home)
    with run_as(home) as (node, actor):
        keyring = node.store.keyring
        assert keyring is not None

        def work(on_progress: Callable[[int], None]) -> RotationReport:
            return rotate_keys(
                node,
                actor,
                prepare=lambda: prepare_next(settings, to).key,
                settle=lambda: settle_next(settings.home),
                reason=reason,
                on_progress=on_progress,
            )

        report = _with_progress(work, keyring.describe().keys)
    if as_json:
        print_document(report)
        return
    say(f"Wrapped {report.keys} keys by the node key {report.node_key}. Ledger entry {report.entry}.")
    say("Keep a copy of the new node key where the old one's is, and replace the copy of the keyring.")


def _with_progress(work: Callable[[Callable[[int], None]], RotationReport], total: int) -> RotationReport:
    console = open_console()
    columns = (TextColumn("Wrapping keys"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=total)
        return work(lambda done: progress.update(task, completed=done))
