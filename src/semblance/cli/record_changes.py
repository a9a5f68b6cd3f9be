"""The commands of ``semblance record`` that write a record or move it from one state to another."""

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from semblance.cli.acting import run_as
from semblance.cli.options import DAY, home_option, json_option, reason_option
from semblance.cli.output import print_document, say
from semblance.cli.terms_options import YES_NO
from semblance.edge.records import RecordDocument
from semblance.errors import RecordInvalid, UnreadableFile
from semblance.exchange.record_document import read_draft
from semblance.gallery.record import Record, RecordDraft
from semblance.workflows.records import write_record
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
    edited = partial(edit_record, draft=_read_draft(file), version=version, reason=reason)
    _change(home, number, edited, as_json=as_json)


def _make_command(
    name: str, words: str, change: Callable[..., Record], *options: Callable[[Any], Any]
) -> click.Command:
    """Return the command that makes a change of one record; ``options`` are those that the change takes by name."""

    def run(number: str, home: Path, as_json: bool, **given: Any) -> None:
        _change(home, number, partial(change, **given), as_json=as_json)

    for option in (json_option, home_option, reason_option, *reversed(options), click.argument("number")):
        run = option(run)
    return click.command(name, help=words)(run)


def _yes_no_option(name: str, words: str) -> Callable[[Any], Any]:
    return click.option(
        name, type=YES_NO, required=True, help=words, callback=lambda _context, _option, value: value == "yes"
    )


COMMANDS: Final = (
    create,
    edit,
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


def _change(home: Path, number: str, change: Callable[..., Record], *, as_json: bool) -> None:
    with run_as(home) as (node, actor):
        _print(change(node, actor, find_record_id(node, actor, number)), as_json=as_json)


def _print(record: Record, *, as_json: bool) -> None:
    if as_json:
        print_document(RecordDocument.model_validate(record))
        return
    until = f"held until {record.draft.retain_until}"
    say(f"{record.number!r} of {record.owner} is {record.state.value}, version {record.version}, {until}.")


def _read_draft(file: Path) -> RecordDraft:
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
