"""``semblance keys``: look at the keys that seal what is held, and rotate the node key."""

from pathlib import Path

import click

from semblance.bootstrap.config import read_settings
from semblance.bootstrap.next_node_key import is_under_way, prepare_next, settle_next
from semblance.cli.acting import run_as
from semblance.cli.options import home_option, reason_option
from semblance.cli.output import Reply, answering, draw_bar, make_facts
from semblance.edge.node import KeysDocument
from semblance.workflows.oversight.keys import describe_keys, rotate_keys


@click.group("keys")
def command() -> None:
    """Look at the keys that seal what is held of people, and rotate the node key that wraps them."""


@command.command("status")
@home_option
@answering
def status(home: Path) -> Reply:
    """Say how many keys there are, how many were destroyed, and where the node key comes from; opens none."""
    with run_as(home) as (node, actor):
        facts = describe_keys(node, actor)
    source, under_way = read_settings(home).node.keys.node_key.partition(":")[0], is_under_way(home)
    table = make_facts(
        {
            "keys": facts.keys,
            "destroyed": facts.destroyed,
            "node key": f"{facts.node_key} (its fingerprint), from {source}",
            "keyring made": facts.made_at,
            "node key rotated": facts.rotated_at or "never",
        }
    )
    return Reply(
        KeysDocument.from_value(facts, source=source, rotation_under_way=under_way),
        table,
        under_way and "A rotation of the node key is under way: finish it with `semblance keys rotate`.",
    )


@command.command("rotate")
@click.option("--to", help="The new source, as env:NAME or command:PROGRAM [default: a new key file].")
@reason_option
@home_option
@answering
def rotate(to: str | None, reason: str, home: Path) -> Reply:
    """Wrap every key by a new node key. Stopped at any moment, the node goes on working; call it again to finish.

    Programs that run go on, and take the new node key by themselves. Photos and templates are not encrypted anew.
    """
    settings = read_settings(home)
    with run_as(home) as (node, actor):
        keyring = node.store.keyring
        assert keyring is not None
        total = keyring.describe().keys
        with draw_bar("Wrapping keys", total) as draw:
            report = rotate_keys(
                node,
                actor,
                prepare=lambda: prepare_next(settings, to).key,
                settle=lambda: settle_next(settings.home),
                reason=reason,
                on_progress=lambda done: draw(done, total),
            )
    return Reply(
        report,
        f"Wrapped {report.keys} keys by the node key {report.node_key}. Ledger entry {report.entry}.",
        "Keep a copy of the new node key where the old one's is, and replace the copy of the keyring.",
    )
