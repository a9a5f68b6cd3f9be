"""``semblance notifications`` and ``reminders``: what was not sent and why, the ways out, and what ends soon."""

from pathlib import Path
from typing import Any

import click
from pydantic import TypeAdapter

from semblance.cli.acting import acting, run_as
from semblance.cli.exit_codes import DONE, INCOMPLETE
from semblance.cli.options import home_option
from semblance.cli.output import Reply, make_table, say, say_count
from semblance.node.node import Node
from semblance.store.notifications import OutgoingNotification
from semblance.terms.permission import Actor
from semblance.workflows.notifications import outgoing
from semblance.workflows.scheduled.remind import list_reminders


@click.group("notifications")
def command() -> None:
    """Look at the notifications that wait, and test how they go out."""


@command.command("list")
@acting
def list_all(node: Node, actor: Actor) -> Reply:
    """List the notifications that wait for being sent or were given up, each with the reason of its last failure."""
    found = outgoing.list_notifications(node, actor)
    rows = (
        (
            unsent.id,
            unsent.kind,
            unsent.authority,
            unsent.channel,
            unsent.made_at.isoformat(timespec="minutes"),
            unsent.tries,
            "given up" if unsent.given_up_at is not None else unsent.due_at.isoformat(timespec="minutes"),
            "not tried yet" if unsent.failure is None else unsent.failure,
        )
        for unsent in found.unsent
    )
    columns = "notification", "kind", "to", "by", "made", "tries", "next try", "why"
    return Reply(
        {"sent": found.sent, "unsent": list(map(_describe, found.unsent))},
        f"{say_count(found.sent, 'notification was', 'notifications were')} sent.",
        make_table(columns, rows, numbers={"tries"}) if found.unsent else "None waits, and none was given up.",
    )


@command.command("retry")
@click.argument("notification")
@home_option
def retry(notification: str, home: Path) -> None:
    """Try one again that was given up: at once where `semblance worker` runs, and then as often as at first."""
    with run_as(home) as (node, actor):
        outgoing.retry_notification(node, actor, notification)
    say("It is tried again.")


@command.command("test")
@click.option("--authority", "code", required=True, help="The code of the authority that is sent a test.")
@acting
def test(node: Node, actor: Actor, code: str) -> Reply:
    """Send a test to an authority by e-mail and by webhook, now, and say what happened."""
    tried = outgoing.try_channels(node, actor, code)
    failures = [way.failure for way in tried if way.asked]
    return Reply(
        {"authority": code, "channels": [{**_dump(way, {"asked"}), "sent": way.failure is None} for way in tried]},
        *(f"{way.channel}: {way.failure or 'taken by the other side.'}" for way in tried),
        code=DONE if failures and not any(failures) else INCOMPLETE,
    )


@command.command("key")
@click.option("--authority", "code", required=True, help="The code of the authority whose webhook is meant.")
@home_option
def key(code: str, home: Path) -> None:
    """Print the key that verifies the calls to an authority's webhook: hand it to that authority alone."""
    with run_as(home) as (node, actor):
        click.echo(outgoing.hand_out_key(node, actor, code))


@click.command("reminders")
@acting
def reminders(node: Node, actor: Actor) -> Reply:
    """List your authority's records that end soon, and the requests whose deadline has passed.

    A record that is still needed is extended; any other ends by itself.
    """
    found = list_reminders(node, actor)
    if not found.ending and not found.overdue:
        return Reply(found, "Nothing ends soon, and nothing is overdue.")
    columns = "record", "name", "kind", "state", "last day", "days left"
    ending = ((row.number, row.name, row.kind, row.state, row.last_day, row.days_left) for row in found.ending)
    overdue = ((late.request, late.kind, late.due_on, late.days_over) for late in found.overdue)
    return Reply(
        found,
        make_table(columns, ending, numbers={"days left"}) if found.ending else None,
        make_table(("request", "kind", "was due", "days over"), overdue, numbers={"days over"})
        if found.overdue
        else None,
    )


def _describe(notification: OutgoingNotification) -> dict[str, Any]:
    next_try_at = None if notification.given_up_at is not None else notification.due_at.isoformat()
    return {**_dump(notification, {"deadline", "due_at", "sent_at"}), "next_try_at": next_try_at}


def _dump(value: object, hidden: set[str]) -> dict[str, Any]:
    document: dict[str, Any] = TypeAdapter(type(value)).dump_python(value, mode="json", exclude=hidden)
    return document
