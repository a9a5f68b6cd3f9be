"""``semblance notifications``: what was not sent and why, a test of the ways out, and an authority's webhook's key."""

import json
from pathlib import Path
from typing import Any

import click
from pydantic import TypeAdapter

from semblance.cli.acting import run_as
from semblance.cli.exit_codes import DONE, INCOMPLETE
from semblance.cli.options import home_option, json_option
from semblance.cli.output import make_table, open_console, say, say_count
from semblance.store.notifications import OutgoingNotification
from semblance.workflows.notifications.outgoing import (
    hand_out_key,
    list_notifications,
    retry_notification,
    try_channels,
)


@click.group("notifications")
def command() -> None:
    """Look at the notifications that wait, and test how they go out."""


@command.command("list")
@home_option
@json_option
def list_all(home: Path, as_json: bool) -> None:
    """List the notifications that wait for being sent or were given up, each with the reason of its last failure."""
    with run_as(home) as (node, actor):
        found = list_notifications(node, actor)
    if as_json:
        click.echo(json.dumps({"sent": found.sent, "unsent": list(map(_describe, found.unsent))}, indent=2))
        return
    say(f"{say_count(found.sent, 'notification was', 'notifications were')} sent.")
    if not found.unsent:
        say("None waits, and none was given up.")
        return
    table = make_table(
        "notification", "kind", "to", "by", "made", "tries", "next try", "why", numbers=frozenset({"tries"})
    )
    for unsent in found.unsent:
        next_try = unsent.due_at.isoformat(timespec="minutes") if unsent.given_up_at is None else "given up"
        why = "not tried yet" if unsent.failure is None else str(unsent.failure)
        made = unsent.made_at.isoformat(timespec="minutes")
        table.add_row(unsent.id, unsent.kind, unsent.authority, unsent.channel, made, str(unsent.tries), next_try, why)
    open_console().print(table)


@command.command("retry")
@click.argument("notification")
@home_option
def retry(notification: str, home: Path) -> None:
    """Try one again that was given up: at once where `semblance worker` runs, and then as often as at first."""
    with run_as(home) as (node, actor):
        retry_notification(node, actor, notification)
    say("It is tried again.")


@command.command("test")
@click.option("--authority", "code", required=True, help="The code of the authority that is sent a test.")
@home_option
@json_option
def test(code: str, home: Path, as_json: bool) -> None:
    """Send a test to an authority by e-mail and by webhook, now, and say what happened."""
    with run_as(home) as (node, actor):
        tried = try_channels(node, actor, code)
    if as_json:
        rows = [{**_dump(way, {"asked"}), "sent": way.failure is None} for way in tried]
        click.echo(json.dumps({"authority": code, "channels": rows}, indent=2))
    else:
        for way in tried:
            say(f"{way.channel}: {way.failure or 'taken by the other side.'}")
    failures = [way.failure for way in tried if way.asked]
    arrived = bool(failures) and not any(failures)
    click.get_current_context().exit(DONE if arrived else INCOMPLETE)


@command.command("key")
@click.option("--authority", "code", required=True, help="The code of the authority whose webhook is meant.")
@home_option
def key(code: str, home: Path) -> None:
    """Print the key that verifies the calls to an authority's webhook: hand it to that authority alone."""
    with run_as(home) as (node, actor):
        click.echo(hand_out_key(node, actor, code))


def _describe(notification: OutgoingNotification) -> dict[str, Any]:
    next_try_at = None if notification.given_up_at is not None else notification.due_at.isoformat()
    return {**_dump(notification, {"deadline", "due_at", "sent_at"}), "next_try_at": next_try_at}


def _dump(value: object, hidden: set[str]) -> dict[str, Any]:
    document: dict[str, Any] = TypeAdapter(type(value)).dump_python(value, mode="json", exclude=hidden)
    return document
