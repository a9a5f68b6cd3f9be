"""``semblance import``: INTERPOL notices as JSON, with their images."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TextIO

import click
from pydantic import TypeAdapter
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from semblance.cli.acting import run_as
from semblance.cli.enrol import print_notes
from semblance.cli.exit_codes import DONE, INCOMPLETE, INTERRUPTED
from semblance.cli.options import FILE, SOURCE, Member, home_option, keep_unsuitable_option, workers_option
from semblance.cli.output import Reply, answering, make_table, open_console, open_progress, say_count
from semblance.cli.photo_table import WORDS as PHOTO_WORDS
from semblance.cli.terms_options import read_terms, terms_options
from semblance.errors import UnreadableFile
from semblance.exchange.interpol_notices.fields import FIELDS
from semblance.exchange.interpol_notices.notices import FaultyNotice, Notices, open_notices
from semblance.gallery.outcome import IntakeStatus
from semblance.messages.message import Message
from semblance.terms.record import RecordKind
from semblance.workflows.enrolment.import_notices import ImportReport, NoticeRow, NoticeStatus, import_notices

_WORDS: Final = {
    NoticeStatus.IMPORTED: "imported",
    NoticeStatus.CHANGED: "changed",
    NoticeStatus.HELD: "held already, as they are",
    NoticeStatus.FAULTY: "faulty, not imported",
}
_SHOWN: Final = 20
_ROW: Final = TypeAdapter(NoticeRow)
_BRIEF: Final = frozenset({IntakeStatus.ENROLLED, IntakeStatus.KEPT_UNSUITABLE, IntakeStatus.DUPLICATE})


@dataclass(frozen=True, slots=True)
class CheckedNotices:
    """How many notices there are, how many could be imported, and what is to be mended in the others."""

    total: int
    sound: int
    faulty: tuple[NoticeRow, ...]
    notes: tuple[Message, ...]


@click.command("import")
@click.argument("notices", type=SOURCE)
@home_option
@answering
@click.option(
    "--kind", "notice_kind", type=Member(RecordKind, *FIELDS), help="What those are that do not say so themselves."
)
@terms_options
@click.option("--all-or-nothing", is_flag=True, help="Import nothing where any notice is faulty.")
@click.option("--check", "only_check", is_flag=True, help="Say what would be faulty, and import nothing.")
@keep_unsuitable_option
@workers_option
@click.option("--report", type=FILE, help="Write one line of JSON for each notice here.")
def command(
    notices: Path,
    home: Path,
    notice_kind: RecordKind | None,
    all_or_nothing: bool,
    only_check: bool,
    keep_unsuitable: bool,
    workers: int | None,
    report: Path | None,
    **given: Any,
) -> Reply:
    """Import NOTICES: INTERPOL notices as JSON with their images, in one file, a folder, or a zip file.

    Nothing is fetched. Every notice is checked before the first is taken; those that are sound are imported, and what
    is to be mended in the others is listed. May be stopped with Ctrl-C at any moment; the same command again goes on
    where it stopped and repeats nothing.
    """
    with (
        run_as(home) as (node, actor),
        _open_report(report) as lines,
        open_progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        ) as bar,
    ):
        task = bar.add_task("checking", total=None, rate="")
        terms = read_terms(actor, kind=notice_kind or RecordKind.RED, **given)
        today = node.clock().date()
        with open_notices(
            notices,
            terms=terms,
            kind=notice_kind,
            today=today,
            all_or_nothing=all_or_nothing,
            on_checked=lambda count: bar.update(task, completed=count),
        ) as found:
            if only_check:
                return _reply_checked(found)
            bar.reset(task, description="importing", total=found.total, completed=0)
            imported = import_notices(
                node,
                actor,
                found,
                terms=terms,
                keep_unsuitable=keep_unsuitable,
                workers=workers,
                on_progress=_follow(bar, lines),
            )
            done = replace(imported, notes=found.notes)
    code = INTERRUPTED if done.interrupted else INCOMPLETE if done.incomplete else DONE
    return Reply(done, partial(_print_report, done, report), code=code)


def _reply_checked(found: Notices) -> Reply:
    faulty = [
        NoticeRow(notice.place, notice.number, NoticeStatus.FAULTY, notice.problems)
        for notice in found
        if isinstance(notice, FaultyNotice)
    ]
    checked = CheckedNotices(found.total, found.total - len(faulty), tuple(faulty), found.notes)

    def show() -> None:
        console = open_console()
        for note in found.notes:
            console.print(f"Note: {note}.")
        if faulty:
            console.print(_make_faulty_table(faulty))
        console.print(f"{say_count(checked.sound, 'notice', 'notices')} of {found.total} can be imported.")

    return Reply(checked, show, code=INCOMPLETE if faulty else DONE)


def _make_faulty_table(rows: Sequence[NoticeRow]) -> Table:
    listed = ((row.place, row.number, "\n".join(_explain(row))) for row in rows)
    return make_table(("notice", "number", "why, and what to do"), listed)


def _follow(bar: Progress, lines: TextIO | None) -> Callable[[NoticeRow], None]:
    (task,) = bar.tasks

    def follow(row: NoticeRow) -> None:
        bar.update(task.id, advance=1, rate="" if task.speed is None else f"{task.speed:.0f} a second")
        if lines is not None:
            lines.write(_ROW.dump_json(row).decode() + "\n")

    return follow


@contextmanager
def _open_report(report: Path | None) -> Iterator[TextIO | None]:
    if report is None:
        yield None
        return
    try:
        file = report.open("w", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UnreadableFile(
            "operator.cli.import-report-unwritable",
            "The report {report} cannot be written ({strerror}). Name another file; nothing was imported.",
            report=report,
            strerror=error.strerror,
        ) from error
    with file:
        yield file


def _print_report(report: ImportReport, path: Path | None) -> None:
    console = open_console()
    for note in report.notes:
        console.print(f"Note: {note}.")
    counts = [
        *((count, f"notices {_WORDS[status]}") for status, count in report.notices.items()),
        *((count, f"photos {PHOTO_WORDS[outcome]}") for outcome, count in report.photos.items() if count),
    ]
    console.print(make_table(("count", "outcome"), counts, numbers={"count"}))
    total = sum(report.notices.values())
    rate = total / report.seconds if report.seconds else 0.0
    console.print(f"{say_count(total, 'notice', 'notices')} in {report.seconds:.1f} s, {rate:.0f} a second.")
    if report.wanting:
        console.print()
        console.print(_make_faulty_table(report.wanting[:_SHOWN]))
        if report.incomplete > _SHOWN:
            console.print(f"… and {report.incomplete - _SHOWN} more. --report FILE writes all of them.")
    print_notes(report.remarked, report.noted)
    if path is not None:
        console.print(f"The full report is in {path}.")
    if report.interrupted:
        console.print("Stopped before the end. What was imported is kept: the same command again goes on from there.")


def _explain(row: NoticeRow) -> Iterator[str]:
    yield from map(str, row.reasons)
    for photo in row.photos:
        if photo.status not in _BRIEF:
            yield f"{photo.name}: {PHOTO_WORDS[photo.status]}; {'; '.join(map(str, photo.reasons))}"
