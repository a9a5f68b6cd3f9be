"""The commands of ``semblance record`` that write a record or move it from one state to another."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from semblance.cli.acting import acting, run_as
from semblance.cli.options import DAY, Option, home_option, join, reason_option
from semblance.cli.output import Reply, answering, say_count
from semblance.cli.terms_options import YES_NO
from semblance.edge.records import RecordDocument
from semblance.errors import RecordInvalid, UnreadableFile
from semblance.exchange.body_table import write_template
from semblance.exchange.record_document import read_draft
from semblance.gallery.record import Record, RecordDraft
from semblance.node.node import Node
from semblance.terms.permission import Actor
from semblance.workflows.records import write_record
from semblance.workflows.records.export_record import FORMAT
from semblance.workflows.records.fill_bodies import fill_bodies
from semblance.workflows.records.read_record import find_record_id
from semblance.workflows.records.write_record import create_record, edit_record

_FILE: Final = click.Path(path_type=Path, allow_dash=True)
_LARGEST: Final = 4 * 1024 * 1024


@click.command("create")
@click.argument("file", type=_FILE)
@reason_option
@home_option
@answering
def create(file: Path, reason: str, home: Path) -> Reply:
    """Make a draft of a record from FILE, a JSON document (- reads standard input).

    FILE may be the record.json of an export, too: what its owner wrote is taken, and the record becomes your own.
    """
    draft = _read_draft(file)
    with run_as(home) as (node, actor):
        return _reply(create_record(node, actor, draft, reason=reason))


@click.command("edit")
@click.argument("number")
@click.argument("file", type=_FILE)
@click.option("--version", required=True, type=click.IntRange(min=1), help="The version that you had in front of you.")
@reason_option
@home_option
@answering
def edit(number: str, file: Path, version: int, reason: str, home: Path) -> Reply:
    """Put what FILE says in the place of what stands in a record; `record show NUMBER --draft` prints that."""
    draft = _read_draft(file)
    with run_as(home) as (node, actor):
        subject = find_record_id(node, actor, number)
        return _reply(edit_record(node, actor, subject, draft=draft, version=version, reason=reason))


@click.command("body-template")
def body_template() -> None:
    """Print the table of what is known of bodies as CSV, with what may stand in each column."""
    click.echo(write_template(), nl=False)


@click.command("fill-bodies")
@click.argument("file", type=_FILE)
@reason_option
@home_option
@answering
def fill(file: Path, reason: str, home: Path) -> Reply:
    """Write what FILE says of bodies and missing persons into your records: all of it, or nothing.

    FILE is the table that `record body-template` prints, with a row for each record (- reads standard input). An empty
    cell leaves a field as it stands, and - empties it.
    """
    data = _read_file(file)
    with run_as(home) as (node, actor):
        changed = fill_bodies(node, actor, data, reason=reason)
    return Reply(
        [RecordDocument.model_validate(record) for record in changed],
        *(f"{record.number!r} is at version {record.version}." for record in changed),
        f"{say_count(len(changed), 'record', 'records')} changed.",
    )


def _make_command(name: str, words: str, change: Callable[..., Record], *options: Option) -> click.Command:
    """Return the command that makes a change of one record; ``options`` are those that the change takes by name."""

    @click.command(name, help=words)
    @click.argument("number")
    @join(*options)
    @reason_option
    @acting
    def run(node: Node, actor: Actor, number: str, **given: Any) -> Reply:
        return _reply(change(node, actor, find_record_id(node, actor, number), **given))

    return run


def _yes_no_option(name: str, words: str) -> Option:
    return click.option(
        name, type=YES_NO, required=True, help=words, callback=lambda _context, _option, value: value == "yes"
    )


COMMANDS: Final = (
    create,
    edit,
    body_template,
    fill,
    _make_command(
        "publish",
        "Make a draft active, after the question of article 3 was answered.",
        write_record.publish_record,
        _yes_no_option("--neutral", "Whether the record is not political, military, religious or racial in character."),
    ),
    _make_command("withdraw", "Take a record out of every search for good.", write_record.withdraw_record),
    _make_command(
        "extend",
        "Move the last day on which a record may be held, after its need was reviewed.",
        write_record.extend_record,
        click.option("--retain-until", required=True, type=DAY, help="The new last day."),
    ),
    _make_command("dispute", "Block a record while it is disputed: no search finds it.", write_record.dispute_record),
    _make_command(
        "decide",
        "End the dispute about a record.",
        write_record.decide_dispute,
        _yes_no_option("--upheld", "yes withdraws the record; no makes it active again."),
    ),
)


def _reply(record: Record) -> Reply:
    until = f"held until {record.draft.retain_until}"
    return Reply(
        RecordDocument.model_validate(record),
        f"{record.number!r} of {record.owner} is {record.state}, version {record.version}, {until}.",
    )


def _read_file(file: Path) -> bytes:
    try:
        data = sys.stdin.buffer.read(_LARGEST + 1) if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            "operator.record.file-unreadable",
            "{file} cannot be read ({strerror}); check that it is there and may be read.",
            file=file,
            strerror=error.strerror,
        ) from error
    if len(data) > _LARGEST:
        raise RecordInvalid(
            "operator.record.too-large", "{file} is larger than any record; name the record's own document.", file=file
        )
    return data


def _read_draft(file: Path) -> RecordDraft:
    data = _read_file(file)
    try:
        document: Any = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise RecordInvalid(
            "operator.record.no-json", "{file} is not JSON ({error}); nothing was changed.", file=file, error=error
        ) from None
    if isinstance(document, dict) and document.get("format") == FORMAT:
        exported = document.get("record")
        document = exported.get("draft") if isinstance(exported, dict) else None
    return read_draft(document)
