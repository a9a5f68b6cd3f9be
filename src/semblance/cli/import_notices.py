"""``semblance import``: INTERPOL notices as JSON, with their images."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TextIO

import click
from pydantic import TypeAdapter
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from semblance.cli.acting import run_as
from semblance.cli.enrol import WORDS as PHOTO_WORDS
from semblance.cli.exit_codes import DONE, INCOMPLETE, INTERRUPTED
from semblance.cli.options import home_option, json_option
from semblance.cli.output import make_table, open_console, print_document, say_count
from semblance.cli.terms_options import GivenTerms, read_terms, terms_options
from semblance.errors import UnreadableFile
from semblance.exchange.interpol_notices.fields import FIELDS
from semblance.exchange.interpol_notices.notices import open_notices
from semblance.gallery.outcome import IntakeStatus
from semblance.terms.record import RecordKind
from semblance.workflows.enrolment.import_notices import import_notices
from semblance.workflows.enrolment.import_report import ImportReport, NoticeRow, NoticeStatus

_WORDS: Final = {
    NoticeStatus.IMPORTED: "imported",
    NoticeStatus.CHANGED: "changed",
    NoticeStatus.HELD: "held already, as they are",
    NoticeStatus.FAULTY: "faulty, not imported",
}
_SHOWN: Final = 20
_ROW: Final = TypeAdapter(NoticeRow)
_BRIEF: Final = frozenset({IntakeStatus.ENROLLED, IntakeStatus.KEPT_UNSUITABLE, IntakeStatus.DUPLICATE})


@click.command("import")
@click.argument("notices", type=click.Path(path_type=Path, readable=False))
@home_option
@json_option
@click.option(
    "--kind",
    "notice_kind",
    type=click.Choice([kind.value for kind in FIELDS]),
    default=None,
    help="What those are that do not say so themselves.",
)
@terms_options(kind=False)
@click.option("--skip-faulty", is_flag=True, help="Import the other notices where some are faulty.")
@click.option("--keep-unsuitable", is_flag=True, help="Keep photos below the suitability line, without a template.")
@click.option("--workers", type=click.IntRange(1, 256), default=None, help="Threads [default: one for each processor].")
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Write one line of JSON for each notice here.",
)
def command(
    notices: Path,
    home: Path,
    as_json: bool,
    notice_kind: str | None,
    given: GivenTerms,
    skip_faulty: bool,
    keep_unsuitable: bool,
    workers: int | None,
    report: Path | None,
) -> None:
    """Import NOTICES: INTERPOL notices as JSON with their images, in one file, a folder, or a zip file.

    Nothing is fetched. Every notice is checked before the first is taken. May be stopped with Ctrl-C at any moment; the
    same command again goes on where it stopped and repeats nothing.
    """
    wanted = None if notice_kind is None else RecordKind(notice_kind)
    with run_as(home) as (node, actor), _open_report(report) as lines, _Bar(quiet=as_json) as bar:
        terms = read_terms(given, actor, kind=wanted or RecordKind.RED)
        today = node.clock().date()
        with open_notices(
            notices, terms=terms, kind=wanted, today=today, skip_faulty=skip_faulty, on_checked=bar.check
        ) as found:
            bar.begin(found.total)
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
    if as_json:
        print_document(done)
    else:
        _print_report(done, report)
    click.get_current_context().exit(_find_exit_code(done))


class _Bar:
    """A bar on a terminal, nothing elsewhere: first for the check, then for the import with its rate."""

    def __init__(self, *, quiet: bool) -> None:
        console = open_console()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=quiet or not console.is_terminal,
        )
        self._task = self._progress.add_task("checking", total=None, rate="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def check(self, count: int) -> None:
        self._progress.update(self._task, completed=count)

    def begin(self, total: int) -> None:
        self._progress.reset(self._task, description="importing", total=total, completed=0)

    def advance(self) -> None:
        speed = self._progress.tasks[0].speed
        self._progress.update(self._task, advance=1, rate="" if speed is None else f"{speed:.0f} a second")


def _follow(bar: _Bar, lines: TextIO | None) -> Callable[[NoticeRow], None]:
    def follow(row: NoticeRow) -> None:
        bar.advance()
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
    table = make_table("count", "outcome", numbers=frozenset({"count"}))
    for status, count in report.notices.items():
        table.add_row(str(count), f"notices {_WORDS[status]}")
    for outcome, count in report.photos.items():
        if count:
            table.add_row(str(count), f"photos {PHOTO_WORDS[outcome]}")
    console.print(table)
    total = sum(report.notices.values())
    rate = total / report.seconds if report.seconds else 0.0
    console.print(f"{say_count(total, 'notice', 'notices')} in {report.seconds:.1f} s, {rate:.0f} a second.")
    if report.wanting:
        console.print()
        details = make_table("notice", "number", "why, and what to do")
        for row in report.wanting[:_SHOWN]:
            details.add_row(row.place, row.number, "\n".join(_explain(row)))
        console.print(details)
        if report.incomplete > _SHOWN:
            console.print(f"… and {report.incomplete - _SHOWN} more. --report FILE writes all of them.")
    if path is not None:
        console.print(f"The full report is in {path}.")
    if report.interrupted:
        console.print("Stopped before the end. What was imported is kept: the same command again goes on from there.")


def _explain(row: NoticeRow) -> Iterator[str]:
    yield from map(str, row.reasons)
    for photo in row.photos:
        if photo.status not in _BRIEF:
            yield f"{photo.name}: {PHOTO_WORDS[photo.status]}; {'; '.join(map(str, photo.reasons))}"


def _find_exit_code(report: ImportReport) -> int:
    if report.interrupted:
        return INTERRUPTED
    return INCOMPLETE if report.incomplete else DONE
