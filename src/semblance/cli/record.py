"""``semblance record``: list, read, hand out and erase records; those that change one stand beside."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click

from semblance.cli.acting import acting, run_as
from semblance.cli.exit_codes import DONE, INCOMPLETE, INTERRUPTED
from semblance.cli.options import DAY, FILE, home_option, members_option, reason_option, workers_option
from semblance.cli.output import (
    Reply,
    answering,
    draw_bar,
    make_facts,
    make_table,
    open_console,
    say,
    say_count,
    say_damaged,
    say_minute,
)
from semblance.cli.photo_table import make_photo_table
from semblance.cli.record_changes import COMMANDS
from semblance.edge.records import ErasureDocument, HistoryDocument, RecordDetailDocument, RecordListDocument
from semblance.errors import NotFound, UnreadableFile
from semblance.exchange.record_document import write_draft
from semblance.gallery.kinds import KINDS
from semblance.gallery.record import Record
from semblance.gallery.record_changes import RecordChange, find_changes, list_changes
from semblance.node.node import Node
from semblance.store.record_selection import RecordFilter
from semblance.terms.ids import SubjectId
from semblance.terms.permission import Actor
from semblance.terms.record import RecordKind, RecordState
from semblance.workflows.records.erase_record import ErasureReceipt, IntakeErased, erase_intake, erase_record
from semblance.workflows.records.export_record import export_record
from semblance.workflows.records.find_turned import find_turned
from semblance.workflows.records.list_records import list_opened_records, list_records
from semblance.workflows.records.read_record import find_record_id, list_history, read_record


@click.group("record")
def command() -> None:
    """Write, publish, block, withdraw, hand out and erase records.

    NUMBER is the number under which your authority holds the record, or DE:NUMBER for that of another.
    """


for _command in COMMANDS:
    command.add_command(_command)


@command.command("list")
@acting
@members_option("--kind", "kinds", RecordKind, "Only this kind; may be given several times.")
@members_option("--state", "states", RecordState, "Only in this state; may be given several times.")
@click.option("--owner", help="Only those of this authority.")
@click.option("--text", default="", help="Only those with this text in the number or the name; slow.")
@click.option("--ending-before", type=DAY, help="Only those that end before this day, the first to end first.")
@click.option("--by-number", is_flag=True, help="In the order of their numbers [default: the newest first]; slow.")
@click.option("--after", help="Go on after this record, named by its id.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="The most records listed.")
def list_all(
    node: Node, actor: Actor, text: str, by_number: bool, after: str | None, limit: int, **narrowing: Any
) -> Reply:
    """List the records that you may read."""
    narrowed = RecordFilter(**narrowing)
    place = None if after is None else SubjectId(after)
    if text or by_number:
        page = list_opened_records(node, actor, text, narrowed, by_number=by_number, after=place, limit=limit)
    else:
        page = list_records(node, actor, narrowed, after=place, limit=limit)
    columns = "number", "name", "kind", "owner", "state", "until", "photos", "references"
    rows = (
        (
            row.number,
            row.name or "-",
            row.facts.kind,
            row.facts.owner,
            row.facts.state,
            row.facts.retain_until,
            row.photos,
            row.references,
        )
        for row in page.rows
    )
    return Reply(
        RecordListDocument.model_validate(page),
        make_table(columns, rows),
        f"{'' if page.exact else 'More than '}{say_count(page.total, 'record', 'records')}.",
        page.next_after is not None and f"There are more: --after {page.next_after}",
        say_damaged(page.damaged),
    )


@command.command("show")
@click.argument("number")
@click.option("--draft", is_flag=True, help="Print what the owner wrote, as the JSON that `record edit` takes.")
@acting
def show(node: Node, actor: Actor, number: str, draft: bool) -> Reply:
    """Show a record and its photos; the ledger notes that you read it."""
    detail = read_record(node, actor, find_record_id(node, actor, number))
    if draft:
        click.echo(json.dumps(write_draft(detail.record.draft), ensure_ascii=False, indent=2))
        click.get_current_context().exit()
    title = f"{KINDS[detail.record.draft.kind].title}: {detail.record.purpose}"
    return Reply(
        RecordDetailDocument.model_validate(detail, context=node.suitability),
        partial(open_console().print, title),
        make_facts(dict(_list_facts(detail.record))),
        make_photo_table(detail.photos),
    )


@command.command("history")
@click.argument("number")
@acting
def history(node: Node, actor: Actor, number: str) -> Reply:
    """Show who changed what in a record, when and why, newest first."""
    changes = list_changes(list_history(node, actor, find_record_id(node, actor, number)))
    return Reply(HistoryDocument(versions=changes), partial(_print_changes, changes))


@command.command("export")
@click.argument("number")
@click.argument("file", type=FILE)
@reason_option
@home_option
def export(number: str, file: Path, reason: str, home: Path) -> None:
    """Write a record and its images into FILE, a zip; the ledger notes the disclosure."""
    with run_as(home) as (node, actor):
        if file.exists():
            raise UnreadableFile(
                "operator.record.file-exists", "{file} is there already; name another file.", file=file
            )
        if not file.absolute().parent.is_dir():
            raise UnreadableFile(
                "operator.record.file-folder-missing",
                "{file} cannot be written: its folder is missing. Make it first.",
                file=file,
            )
        data = export_record(node, actor, find_record_id(node, actor, number), reason=reason)
    try:
        with file.open("xb") as opened:
            opened.write(data)
    except OSError as error:
        raise UnreadableFile(
            "operator.record.file-unwritable",
            "{file} could not be written ({strerror}); name another file.",
            file=file,
            strerror=error.strerror,
        ) from error
    say(f"{number} is in {file} ({len(data)} bytes). The disclosure is recorded.")


@command.command("turned")
@click.option("--after", type=click.IntRange(0), default=0, help="Go on after this place, which a stopped run named.")
@workers_option
@home_option
@answering
def turned(after: int, workers: int | None, home: Path) -> Reply:
    """List your authority's references whose face lies on its side or head, so that no search finds them.

    Photos are turned upright by themselves when they are enrolled; older versions did not do that. May be stopped with
    Ctrl-C at any moment.
    """
    with run_as(home) as (node, actor), draw_bar("references") as draw:
        report = find_turned(node, actor, after=after, workers=workers, on_progress=draw)
    rows = (
        (found.number, found.name, found.photo, "cannot be told" if found.turn is None else f"{found.turn}° clockwise")
        for found in report.found
    )
    return Reply(
        report,
        bool(report.found) and make_table(("record", "name", "photo", "upright if turned by"), rows),
        f"{say_count(report.looked, 'reference', 'references')} looked at; {len(report.found)} do not stand upright.",
        bool(report.found) and "Enrol an upright copy of each photo into its record.",
        report.interrupted and f"Stopped before the end: go on with --after {report.after}",
        code=INTERRUPTED if report.interrupted else DONE,
    )


@command.command("erase")
@click.argument("number")
@reason_option
@click.option("--yes", is_flag=True, help="Do not ask first.")
@acting
def erase(node: Node, actor: Actor, number: str, reason: str, yes: bool) -> Reply:
    """Erase a record: names, photos, faces and templates, at once and for good; its key is destroyed.

    Where there is no record of that number, what is remembered of refused photos under it is erased.
    """
    try:
        subject = find_record_id(node, actor, number)
    except NotFound:
        subject = None
    if not yes:
        question = f"Erase {number!r} with all photos and templates? This cannot be undone, by nobody."
        click.confirm(question, abort=True, err=True)
    if subject is not None:
        receipt = erase_record(node, actor, subject, reason=reason)
        words = (
            f"Erased {receipt.number!r}: {say_count(receipt.photos, 'photo', 'photos')}, "
            f"{say_count(receipt.faces, 'face', 'faces')}, {say_count(receipt.references, 'template', 'templates')}, "
            f"{say_count(receipt.versions, 'version', 'versions')}, "
            f"{say_count(receipt.outcomes, 'intake outcome', 'intake outcomes')}. Its key is destroyed."
        )
        return _reply_erased(ErasureDocument.model_validate(receipt), receipt, words)
    erased = erase_intake(node, actor, number, reason=reason)
    document = {"number": erased.number, "outcomes": erased.outcomes, "ledger_entry": erased.ledger_entry}
    words = f"There was no record {erased.number!r}; erased {erased.outcomes} intake outcomes of refused photos."
    return _reply_erased(document, erased, words)


def _reply_erased(document: object, erased: ErasureReceipt | IntakeErased, words: str) -> Reply:
    return Reply(
        document,
        words,
        f"Ledger entry {erased.ledger_entry} proves it: semblance ledger prove {erased.ledger_entry}",
        not erased.files_cleared
        and "Another program is reading the store; freed pages are wiped from the disk when it has ended.",
        code=DONE if erased.files_cleared else INCOMPLETE,
    )


def _list_facts(record: Record) -> Iterator[tuple[str, object]]:
    """Give the names and values of all fields that hold something."""
    yield "record", record.subject
    yield "owner", record.owner
    yield "version", f"{record.version}, {say_minute(record.changed_at)} UTC"
    yield "created", f"{say_minute(record.created_at)} UTC by {record.created_by}"
    for change in find_changes(None, record):
        yield change.field.rpartition(".")[2].replace("_", " "), change.after


def _print_changes(changes: tuple[RecordChange, ...]) -> None:
    console = open_console()
    for change in changes:
        who = f"{change.person} of {change.authority}"
        console.print(f"Version {change.version}, {say_minute(change.at)} UTC, {who}: {change.reason}")
        rows = ((field.field, field.before or "-", field.after or "-") for field in change.changes)
        console.print(make_table(("field", "before", "after"), rows))
