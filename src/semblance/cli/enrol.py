"""``semblance enrol``: one photo, a folder, or a manifest."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from semblance.bootstrap.config import SETTINGS_FILE
from semblance.cli.acting import run_as
from semblance.cli.exit_codes import DONE, INCOMPLETE, INTERRUPTED
from semblance.cli.options import home_option, json_option
from semblance.cli.output import make_table, open_console, print_document, say_count
from semblance.cli.terms_options import GivenTerms, read_terms, terms_options
from semblance.edge.photos import EnrolDocument
from semblance.errors import UnreadableFile
from semblance.exchange.folder import read_intake
from semblance.exchange.intake import Intake
from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.record import RecordTerms
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.search.template_file import open_template_file
from semblance.terms.permission import Actor
from semblance.workflows.enrolment.attach_templates import attach_templates
from semblance.workflows.enrolment.enrol import enrol_photos
from semblance.workflows.enrolment.enrolment_report import EnrolReport, EnrolRow

WORDS = {
    IntakeStatus.ENROLLED: "enrolled",
    IntakeStatus.UNSUITABLE: "unsuitable, refused",
    IntakeStatus.KEPT_UNSUITABLE: "unsuitable, kept without a template",
    IntakeStatus.NO_FACE: "no face found",
    IntakeStatus.SEVERAL_FACES: "several faces, one must be chosen",
    IntakeStatus.UNREADABLE: "unreadable",
    IntakeStatus.DUPLICATE: "duplicate, held already",
    IntakeStatus.BARRED: "barred by the state of the record",
}
_COMPLETE = frozenset({IntakeStatus.ENROLLED, IntakeStatus.KEPT_UNSUITABLE, IntakeStatus.DUPLICATE})
_SHOWN = 20


@click.command("enrol")
@click.argument("photos", type=click.Path(path_type=Path, readable=False))
@home_option
@json_option
@terms_options()
@click.option(
    "--subject", default=None, help="The number of the record; for a single photo or a folder of one subject's photos."
)
@click.option(
    "--face", type=click.IntRange(min=0), default=None, help="The face to take, for a photo that shows several."
)
@click.option("--keep-unsuitable", is_flag=True, help="Keep photos below the suitability line, without a template.")
@click.option(
    "--templates",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Take ready templates from the file that this JSON file names; PHOTOS is a manifest then.",
)
@click.option("--workers", type=click.IntRange(1, 256), default=None, help="Threads [default: one for each processor].")
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Write the full report here, as JSON.",
)
def command(
    photos: Path,
    home: Path,
    as_json: bool,
    given: GivenTerms,
    subject: str | None,
    face: int | None,
    keep_unsuitable: bool,
    templates: Path | None,
    workers: int | None,
    report: Path | None,
) -> None:
    """Enrol PHOTOS: one photo, a folder laid out as number/photo.jpg, or a CSV or JSON manifest.

    Numbers that are new become records of your authority, of the kind and on the basis that you give; photos of records
    that it holds already are added to them. May be stopped with Ctrl-C at any moment; the same command again goes on
    where it stopped and repeats nothing.
    """
    intake = _choose_face(read_intake(photos, subject=subject), face)
    if report is not None:
        _require_writable(report)
    with run_as(home) as (node, actor):
        terms = read_terms(given, actor)
        if templates is not None:
            intake = attach_templates(intake, open_template_file(templates), node.extractor)
        done = _enrol(node, actor, intake, terms=terms, keep_unsuitable=keep_unsuitable, workers=workers, quiet=as_json)
    if report is not None:
        _write_report(done, report)
    if as_json:
        print_document(EnrolDocument.model_validate(done))
    else:
        print_report(done, intake.notes, report, home=home)
    click.get_current_context().exit(_find_exit_code(done))


def _require_writable(report: Path) -> None:
    folder = report.absolute().parent
    if not folder.is_dir():
        raise UnreadableFile(
            "operator.enrol.report-folder-missing",
            "The report cannot be written: {folder} is no folder. Make it first.",
            folder=folder,
        )
    if not os.access(report if report.exists() else folder, os.W_OK):
        raise UnreadableFile(
            "operator.enrol.report-unwritable",
            "The report {report} may not be written. Check the permissions, or name another file.",
            report=report,
        )


def _write_report(done: EnrolReport, report: Path) -> None:
    try:
        report.write_text(EnrolDocument.model_validate(done).model_dump_json(indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UnreadableFile(
            "operator.enrol.report-unwritten",
            "The report {report} could not be written ({strerror}). What was enrolled is kept: the same "
            "command again repeats nothing and writes the report.",
            report=report,
            strerror=error.strerror,
        ) from error


def _choose_face(intake: Intake, face: int | None) -> Intake:
    if face is None:
        return intake
    if len(intake.items) != 1:
        raise click.UsageError("--face goes with a single photo; a manifest has a column `face`.")
    return Intake(tuple(replace(item, face=face) for item in intake.items), intake.notes)


def _enrol(
    node: Node,
    actor: Actor,
    intake: Intake,
    *,
    terms: RecordTerms,
    keep_unsuitable: bool,
    workers: int | None,
    quiet: bool,
) -> EnrolReport:
    def enrol(on_progress: Callable[[EnrolRow], None] | None) -> EnrolReport:
        return enrol_photos(
            node,
            actor,
            intake.items,
            terms=terms,
            keep_unsuitable=keep_unsuitable,
            workers=workers,
            on_progress=on_progress,
        )

    if quiet or len(intake.items) < 2:
        return enrol(None)
    console = open_console()
    columns = (TextColumn("enrolling"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=len(intake.items))
        return enrol(lambda _row: progress.advance(task))


def print_report(report: EnrolReport, notes: tuple[Message, ...], path: Path | None, *, home: Path) -> None:
    """Print the end-of-run table, and the photos that somebody must look at."""
    console = open_console()
    for note in notes:
        console.print(f"Note: {note}")
    table = make_table("photos", "outcome", numbers=frozenset({"photos"}))
    for status, count in report.counts.items():
        table.add_row(str(count), WORDS[status])
    console.print(table)
    console.print(
        f"{say_count(len(report.rows), 'photo', 'photos')} in {report.seconds:.1f} s; "
        f"{report.resumed} of them were dealt with before."
    )
    for line in _explain(report, home / SETTINGS_FILE):
        console.print(line)
    wanting = [row for row in report.rows if row.status not in _COMPLETE]
    if wanting:
        console.print()
        details = make_table("photo", "outcome", "why, and what to do")
        for row in wanting[:_SHOWN]:
            details.add_row(row.name, WORDS[row.status], "\n".join([*map(str, row.reasons), *_advise(row)]))
        console.print(details)
        if len(wanting) > _SHOWN:
            console.print(f"… and {len(wanting) - _SHOWN} more. --report FILE writes all of them.")
    if path is not None:
        console.print(f"The full report is in {path}.")
    if report.interrupted:
        console.print("Stopped before the end. What was enrolled is kept: the same command again goes on from there.")


def _explain(report: EnrolReport, settings: Path) -> Iterator[str]:
    """Say why photos were unsuitable, and which setting would have let how many pass."""
    for status, words in ((IntakeStatus.UNSUITABLE, "unsuitable"), (IntakeStatus.KEPT_UNSUITABLE, "kept, unsuitable")):
        reasons = [reason for reason in report.reasons if reason.status is status]
        if not reasons:
            continue
        counted = ", ".join(f"{reason.words} ({reason.photos})" for reason in reasons)
        yield f"{report.counts[status]} {words}: {counted}."
        for reason in reasons:
            if reason.lower_lines:
                first, *more = reason.lower_lines
                others = "".join(f"; with {line.at:g}, {line.photos}" for line in more)
                yield (
                    f"  With {first.at:g} pixels between the eyes instead of {reason.needed:g}, {first.photos} of them "
                    f"would pass{others}. The setting is {reason.setting} in {settings}."
                )
                yield "  With poorer photos searches err more often: `semblance evaluate` measures how often."


def _advise(row: EnrolRow) -> tuple[str, ...]:
    if row.status is IntakeStatus.SEVERAL_FACES and row.photo is not None:
        return (f"semblance choose {row.photo} FACE",)
    return ()


def _find_exit_code(report: EnrolReport) -> int:
    if report.interrupted:
        return INTERRUPTED
    return DONE if all(row.status in _COMPLETE for row in report.rows) else INCOMPLETE
