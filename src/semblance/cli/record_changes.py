"""The commands of ``semblance record`` that write a record or move it from one state to another."""

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

import click

from semblance.cli.acting import run_as
from semblance.cli.options import DAY, home_option, json_option, reason_option
from semblance.cli.output import print_document, say
from semblance.cli.terms_options import YES_NO
from semblance.edge.records import describe_record
from semblance.errors import RecordInvalid, UnreadableFile
from semblance.exchange.record_document import read_draft
from semblance.gallery.record import Record, RecordDraft
from semblance.node.node import Node
from semblance.terms.actor import Actor
from semblance.terms.ids import SubjectId
from semblance.terms.permission import Refusal
from semblance.workflows.records import record_states
from semblance.workflows.records.export_record import FORMAT
from semblance.workflows.records.read_record import find_record_id
from semblance.workflows.records.write_record import create_record, edit_record

_FILE: Final = click.Path(path_type=Path, allow_dash=True)
_LARGEST: Final = 4 * 1024 * 1024


@click.command("create")
@click.argument("file", type=_FILE)
@reason_option
@home_option
@json_option
def create(file: Path, reason: str, home: Path, as_json: bool) -> None:
    """Make a draft of a record from FILE, a JSON document (- reads standard input).

    FILE may be the record.json of an export, too: what its owner wrote is taken, and the record becomes your own.
    """
    draft = _read_draft(file)
    with run_as(home) as (node, actor):
        _print(create_record(node, actor, draft, reason=reason), as_json=as_json)


@click.command("edit")
@click.argument("number")
@click.argument("file", type=_FILE)
@click.option("--version", required=True, type=click.IntRange(min=1), help="The version that you had in front of you.")
@reason_option
@home_option
@json_option
def edit(number: str, file: Path, version: int, reason: str, home: Path, as_json: bool) -> None:
    """Put what FILE says in the place of what stands in a record; `record show NUMBER --draft` prints that."""
    draft = _read_draft(file)

    def change(node: Node, actor: Actor, subject: SubjectId) -> Record:
        return edit_record(node, actor, subject, draft, version=version, reason=reason)

    _change(home, number, change, as_json=as_json)


@click.command("publish")
@click.argument("number")
@click.option(
    "--neutral",
    type=YES_NO,
    required=True,
    help="Whether the record is not political, military, religious or racial in character.",
)
@reason_option
@home_option
@json_option
def publish(number: str, neutral: str, reason: str, home: Path, as_json: bool) -> None:
    """Make a draft active, after the question of article 3 was answered."""

    def change(node: Node, actor: Actor, subject: SubjectId) -> Record:
        return record_states.publish_record(node, actor, subject, neutral=neutral == "yes", reason=reason)

    _change(home, number, change, as_json=as_json)


@click.command("withdraw")
@click.argument("number")
@reason_option
@home_option
@json_option
def withdraw(number: str, reason: str, home: Path, as_json: bool) -> None:
    """Take a record out of every search for good."""

    def change(node: Node, actor: Actor, subject: SubjectId) -> Record:
        return record_states.withdraw_record(node, actor, subject, reason=reason)

    _change(home, number, change, as_json=as_json)


@click.command("extend")
@click.argument("number")
@click.option("--retain-until", required=True, type=DAY, help="The new last day.")
@reason_option
@home_option
@json_option
def extend(number: str, retain_until: date, reason: str, home: Path, as_json: bool) -> None:
    """Move the last day on which a record may be held, after its need was reviewed."""

    def change(node: Node, actor: Actor, subject: SubjectId) -> Record:
        return record_states.extend_record(node, actor, subject, retain_until=retain_until, reason=reason)

    _change(home, number, change, as_json=as_json)


@click.command("dispute")
@click.argument("number")
@reason_option
@home_option
@json_option
def dispute(number: str, reason: str, home: Path, as_json: bool) -> None:
    """Block a record while it is disputed: no search finds it."""

    def change(node: Node, actor: Actor, subject: SubjectId) -> Record:
        return record_states.dispute_record(node, actor, subject, reason=reason)

    _change(home, number, change, as_json=as_json)


@click.command("decide")
@click.argument("number")
@click.option("--upheld", type=YES_NO, required=True, help="yes withdraws the record; no makes it active again.")
@reason_option
@home_option
@json_option
def decide(number: str, upheld: str, reason: str, home: Path, as_json: bool) -> None:
    """End the dispute about a record."""

    def change(node: Node, actor: Actor, subject: SubjectId) -> Record:
        return record_states.decide_dispute(node, actor, subject, upheld=upheld == "yes", reason=reason)

    _change(home, number, change, as_json=as_json)


COMMANDS: Final = (create, edit, publish, withdraw, extend, dispute, decide)


def _change(
    home: Path, number: str, change: Callable[[Node, Actor, SubjectId], Record | Refusal], *, as_json: bool
) -> None:
    with run_as(home) as (node, actor):
        _print(change(node, actor, find_record_id(node, actor, number)), as_json=as_json)


def _print(record: Record, *, as_json: bool) -> None:
    if as_json:
        print_document(describe_record(record))
        return
    until = f"held until {record.draft.retain_until}"
    say(f"{record.number!r} of {record.owner} is {record.state.value}, version {record.version}, {until}.")


def _read_draft(file: Path) -> RecordDraft:
    try:
        data = sys.stdin.buffer.read(_LARGEST + 1) if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            "operator.cli.cannot-read-check-may-read",
            "{file} cannot be read ({strerror}); check that it is there and may be read.",
            file=file,
            strerror=error.strerror,
        ) from error
    if len(data) > _LARGEST:
        raise RecordInvalid(
            "operator.cli.larger-than-any-record-name",
            "{file} is larger than any record; name the record's own document.",
            file=file,
        )
    try:
        document: Any = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise RecordInvalid(
            "operator.cli.not-json-nothing-changed",
            "{file} is not JSON ({error}); nothing was changed.",
            file=file,
            error=error,
        ) from None
    if isinstance(document, dict) and document.get("format") == FORMAT:
        exported = document.get("record")
        document = exported.get("draft") if isinstance(exported, dict) else None
    return read_draft(document)
