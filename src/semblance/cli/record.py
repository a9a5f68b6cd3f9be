"""``semblance record``: list, read, hand out and erase records; those that change one stand beside."""

import json
from pathlib import Path
from typing import Final

import click

from semblance.cli.acting import run_as
from semblance.cli.exit_codes import DONE, INCOMPLETE
from semblance.cli.options import DAY, home_option, json_option, reason_option
from semblance.cli.output import make_facts, make_table, open_console, print_document, say, say_count
from semblance.cli.photo_table import make_photo_table
from semblance.cli.record_changes import COMMANDS
from semblance.cli.record_facts import list_facts, say_moment
from semblance.cli.terms_options import KIND
from semblance.edge.records import ErasureDocument, HistoryDocument, RecordDetailDocument, RecordListDocument
from semblance.errors import NotFound, UnreadableFile
from semblance.exchange.record_document import write_draft
from semblance.gallery.kinds import KINDS
from semblance.gallery.record_changes import list_changes
from semblance.store.record_selection import RecordFilter
from semblance.terms.ids import AuthorityCode, SubjectId
from semblance.terms.record import RecordKind, RecordState
from semblance.workflows.records.erase_record import ErasureReceipt, IntakeErased, erase_intake, erase_record
from semblance.workflows.records.export_record import export_record
from semblance.workflows.records.list_records import list_opened_records, list_records
from semblance.workflows.records.read_record import find_record_id, list_history, read_record

_STATE: Final = click.Choice([state.value for state in RecordState])


@click.group("record")
def command() -> None:
    """Write, publish, block, withdraw, hand out and erase records.

    NUMBER is the number under which your authority holds the record, or DE:NUMBER for that of another.
    """


for _command in COMMANDS:
    command.add_command(_command)


@command.command("list")
@home_option
@json_option
@click.option("--kind", "kinds", multiple=True, type=KIND, help="Only this kind; may be given several times.")
@click.option("--state", "states", multiple=True, type=_STATE, help="Only in this state; may be given several times.")
@click.option("--owner", default=None, help="Only those of this authority.")
@click.option("--text", default=None, help="Only those with this text in the number or the name; slow.")
@click.option("--ending-before", type=DAY, help="Only those that end before this day, the first to end first.")
@click.option("--by-number", is_flag=True, help="In the order of their numbers [default: the newest first]; slow.")
@click.option("--after", default=None, help="Go on after this record, named by its id.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="The most records listed.")
def list_all(
    home: Path,
    as_json: bool,
    kinds: tuple[str, ...],
    states: tuple[str, ...],
    owner: str | None,
    text: str | None,
    ending_before: object,
    by_number: bool,
    after: str | None,
    limit: int,
) -> None:
    """List the records that you may read."""
    narrowed = RecordFilter(
        kinds=frozenset(map(RecordKind, kinds)),
        states=frozenset(map(RecordState, states)),
        owner=None if owner is None else AuthorityCode(owner),
        ending_before=ending_before,  # type: ignore[arg-type]  # click's types end at its decorators
    )
    place = None if after is None else SubjectId(after)
    with run_as(home) as (node, actor):
        if text or by_number:
            page = list_opened_records(node, actor, text or "", narrowed, by_number=by_number, after=place, limit=limit)
        else:
            page = list_records(node, actor, narrowed, after=place, limit=limit)
    if as_json:
        print_document(RecordListDocument.model_validate(page))
        return
    table = make_table("number", "name", "kind", "owner", "state", "until", "photos", "references")
    for row in page.rows:
        table.add_row(
            row.number,
            row.name or "-",
            row.facts.kind.value,
            row.facts.owner,
            row.facts.state.value,
            row.facts.retain_until.isoformat(),
            str(row.photos),
            str(row.references),
        )
    open_console().print(table)
    click.echo(f"{'' if page.exact else 'More than '}{say_count(page.total, 'record', 'records')}.")
    if page.next_after is not None:
        click.echo(f"There are more: --after {page.next_after}")


@command.command("show")
@click.argument("number")
@click.option("--draft", is_flag=True, help="Print what the owner wrote, as the JSON that `record edit` takes.")
@home_option
@json_option
def show(number: str, draft: bool, home: Path, as_json: bool) -> None:
    """Show a record and its photos; the ledger notes that you read it."""
    with run_as(home) as (node, actor):
        detail = read_record(node, actor, find_record_id(node, actor, number))
        line = node.suitability
    if draft:
        click.echo(json.dumps(write_draft(detail.record.draft), ensure_ascii=False, indent=2))
    elif as_json:
        print_document(RecordDetailDocument.model_validate(detail, context=line))
    else:
        console = open_console()
        console.print(f"{KINDS[detail.record.draft.kind].title}: {detail.record.purpose}")
        console.print(make_facts(dict(list_facts(detail.record))))
        console.print(make_photo_table(detail.photos))


@command.command("history")
@click.argument("number")
@home_option
@json_option
def history(number: str, home: Path, as_json: bool) -> None:
    """Show who changed what in a record, when and why, newest first."""
    with run_as(home) as (node, actor):
        changes = list_changes(list_history(node, actor, find_record_id(node, actor, number)))
    if as_json:
        print_document(HistoryDocument(versions=changes))
        return
    console = open_console()
    for change in changes:
        console.print(
            f"Version {change.version}, {say_moment(change.at)}, {change.person} of {change.authority}: {change.reason}"
        )
        table = make_table("field", "before", "after")
        for field in change.changes:
            table.add_row(field.field, str(field.before or "-"), str(field.after or "-"))
        console.print(table)


@command.command("export")
@click.argument("number")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
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


@command.command("erase")
@click.argument("number")
@reason_option
@click.option("--yes", is_flag=True, help="Do not ask first.")
@home_option
@json_option
def erase(number: str, reason: str, yes: bool, home: Path, as_json: bool) -> None:
    """Erase a record: names, photos, faces and templates, at once and for good; its key is destroyed.

    Where there is no record of that number, what is remembered of refused photos under it is erased.
    """
    with run_as(home) as (node, actor):
        try:
            subject = find_record_id(node, actor, number)
        except NotFound:
            subject = None
        if not yes:
            question = f"Erase {number!r} with all photos and templates? This cannot be undone, by nobody."
            click.confirm(question, abort=True, err=True)
        if subject is None:
            _say_intake(erase_intake(node, actor, number, reason=reason), as_json=as_json)
        else:
            _say_erasure(erase_record(node, actor, subject, reason=reason), as_json=as_json)


def _say_erasure(receipt: ErasureReceipt, *, as_json: bool) -> None:
    if as_json:
        print_document(ErasureDocument.model_validate(receipt))
        return
    say(
        f"Erased {receipt.number!r}: {say_count(receipt.photos, 'photo', 'photos')}, "
        f"{say_count(receipt.faces, 'face', 'faces')}, {say_count(receipt.references, 'template', 'templates')}, "
        f"{say_count(receipt.versions, 'version', 'versions')}, "
        f"{say_count(receipt.outcomes, 'intake outcome', 'intake outcomes')}. Its key is destroyed."
    )
    _say_proof(receipt.ledger_entry, cleared=receipt.files_cleared)


def _say_intake(erased: IntakeErased, *, as_json: bool) -> None:
    if as_json:
        document = {"number": erased.number, "outcomes": erased.outcomes, "ledger_entry": erased.ledger_entry}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    say(f"There was no record {erased.number!r}; erased {erased.outcomes} intake outcomes of refused photos.")
    _say_proof(erased.ledger_entry, cleared=erased.files_cleared)


def _say_proof(entry: int, *, cleared: bool) -> None:
    click.echo(f"Ledger entry {entry} proves it: semblance ledger prove {entry}")
    if not cleared:
        click.echo("Another program is reading the store; freed pages are wiped from the disk when it has ended.")
    click.get_current_context().exit(DONE if cleared else INCOMPLETE)
