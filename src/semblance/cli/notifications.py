"""``semblance notices``: what was not sent and why, a test of the ways out, and the key of an authority's webhook."""

import json
from datetime import datetime
from pathlib import Path

import click

from semblance.cli.acting import run_as
from semblance.cli.exit_codes import DONE, INCOMPLETE
from semblance.cli.options import home_option, json_option
from semblance.cli.output import make_table, open_console, say, say_count
from semblance.store.notifications import OutgoingNotice
from semblance.workflows.notifications.outgoing import hand_out_key, list_notices, retry_notice, try_channels


@click.group("notices")
def command() -> None:
    """Look at the notices that wait, and test how they go out."""


@command.command("list")
@home_option
@json_option
def list_all(home: Path, as_json: bool) -> None:
    """List the notices that wait for being sent or were given up, each with the reason of its last failure."""
    with run_as(home) as (node, actor):
        found = list_notices(node, actor)
    if as_json:
        click.echo(json.dumps({"sent": found.sent, "unsent": [_describe(one) for one in found.unsent]}, indent=2))
        return
    say(f"{say_count(found.sent, 'notice was', 'notices were')} sent.")
    if not found.unsent:
        say("None waits, and none was given up.")
        return
    table = make_table("notice", "kind", "to", "by", "made", "tries", "next try", "why", numbers=frozenset({"tries"}))
    for one in found.unsent:
        given_up = one.given_up_at is not None
        onward = "given up" if given_up else one.due_at.isoformat(timespec="minutes")
        made = one.made_at.isoformat(timespec="minutes")
        table.add_row(
            one.id, one.kind, one.authority, one.channel, made, str(one.tries), onward, one.failure or "not tried yet"
        )
    open_console().print(table)


@command.command("retry")
@click.argument("notice")
@home_option
def retry(notice: str, home: Path) -> None:
    """Try a notice again that was given up: at once where `semblance worker` runs, and then as often as at first."""
    with run_as(home) as (node, actor):
        refused = retry_notice(node, actor, notice)
        if refused is not None:
            refused
    say("It is tried again.")


@command.command("test")
@click.option("--authority", "code", required=True, help="The code of the authority that is sent a test notice.")
@home_option
@json_option
def test(code: str, home: Path, as_json: bool) -> None:
    """Send a test notice to an authority by e-mail and by webhook, now, and say what happened."""
    with run_as(home) as (node, actor):
        tried = try_channels(node, actor, code)
    if as_json:
        rows = [{"channel": one.channel.value, "sent": one.failure is None, "failure": one.failure} for one in tried]
        click.echo(json.dumps({"authority": code, "channels": rows}, indent=2))
    else:
        for one in tried:
            say(f"{one.channel.value}: {one.failure or 'taken by the other side.'}")
    failures = [one.failure for one in tried if one.asked]
    arrived = bool(failures) and failures == [None] * len(failures)
    click.get_current_context().exit(DONE if arrived else INCOMPLETE)


@command.command("key")
@click.option("--authority", "code", required=True, help="The code of the authority whose webhook is meant.")
@home_option
def key(code: str, home: Path) -> None:
    """Print the key that verifies the calls to an authority's webhook: hand it to that authority alone."""
    with run_as(home) as (node, actor):
        click.echo(hand_out_key(node, actor, code))


def _describe(one: OutgoingNotice) -> dict[str, object]:
    def write(moment: datetime | None) -> str | None:
        return None if moment is None else moment.isoformat()

    return {
        "id": one.id,
        "kind": one.kind,
        "about": one.about,
        "authority": one.authority,
        "channel": one.channel.value,
        "made_at": write(one.made_at),
        "next_try_at": None if one.given_up_at is not None else write(one.due_at),
        "tries": one.tries,
        "given_up_at": write(one.given_up_at),
        "failure": one.failure,
    }
