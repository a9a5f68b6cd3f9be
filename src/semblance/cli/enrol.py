"""``semblance enrol`` and ``choose``: one photo, a folder, or a manifest; and the one face of a photo of several."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import click

from semblance.bootstrap.config import SETTINGS_FILE
from semblance.cli.acting import acting, run_as
from semblance.cli.exit_codes import DONE, INCOMPLETE, INTERRUPTED
from semblance.cli.options import FILE, SOURCE, home_option, keep_unsuitable_option, workers_option
from semblance.cli.output import Reply, answering, draw_bar, make_table, open_console, say_count
from semblance.cli.photo_table import WORDS
from semblance.cli.terms_options import kind_option, read_terms, terms_options
from semblance.edge.photos import EnrolDocument
from semblance.errors import UnreadableFile
from semblance.exchange.folder import read_intake
from semblance.exchange.intake import Intake
from semblance.gallery.outcome import IntakeStatus
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.search.template_file import open_template_file
from semblance.terms.ids import PhotoId
from semblance.terms.permission import Actor
from semblance.workflows.enrolment.attach_templates import attach_templates
from semblance.workflows.enrolment.choose_face import choose_face
from semblance.workflows.enrolment.enrol import enrol_photos
from semblance.workflows.enrolment.enrolment_report import EnrolReport, EnrolRow

_COMPLETE = frozenset({IntakeStatus.ENROLLED, IntakeStatus.KEPT_UNSUITABLE, IntakeStatus.DUPLICATE})
_SHOWN = 20


@click.command("enrol")
@click.argument("photos", type=SOURCE)
@home_option
@answering
@kind_option
@terms_options
@click.option("--subject", help="The number of the record; for a single photo or a folder of one subject's photos.")
@click.option("--face", type=click.IntRange(min=0), help="The face to take, for a photo that shows several.")
@keep_unsuitable_option
@click.option(
    "--templates",
    type=FILE,
    help="Take ready templates from the file that this JSON file names; PHOTOS is a manifest then.",
)
@workers_option
@click.option("--report", type=FILE, help="Write the full report here, as JSON.")
def command(
    photos: Path,
    home: Path,
    subject: str | None,
    face: int | None,
    keep_unsuitable: bool,
    templates: Path | None,
    workers: int | None,
    report: Path | None,
    **given: Any,
) -> Reply:
    """Enrol PHOTOS: one photo, a folder laid out as number/photo.jpg, or a CSV or JSON manifest.

    Numbers that are new become records of your authority, of the kind and on the basis that you give; photos of records
    that it holds already are added to them. May be stopped with Ctrl-C at any moment; the same command again goes on
    where it stopped and repeats nothing.
    """
    intake = _choose_face(read_intake(photos, subject=subject), face)
    if report is not None:
        _require_writable(report)
    with run_as(home) as (node, actor):
        terms = read_terms(actor, **given)
        if templates is not None:
            intake = attach_templates(intake, open_template_file(templates), node.extractor)
        counter, total = count(1), len(intake.items)
        with draw_bar("enrolling", total) as draw:
            done = enrol_photos(
                node,
                actor,
                intake.items,
                terms=terms,
                keep_unsuitable=keep_unsuitable,
                workers=workers,
                on_progress=lambda _row: draw(next(counter), total),
            )
    if report is not None:
        _write_report(done, report)
    if done.interrupted:
        code = INTERRUPTED
    else:
        code = DONE if all(row.status in _COMPLETE for row in done.rows) else INCOMPLETE
    document = EnrolDocument.model_validate(done)
    return Reply(document, partial(print_report, done, intake.notes, report, home=home), code=code)


@click.command("choose")
@click.argument("photo")
@click.argument("face", type=click.IntRange(min=0))
@acting
def choose(node: Node, actor: Actor, photo: str, face: int) -> Reply:
    """Choose FACE of PHOTO as the reference; the other faces never become templates.

    `semblance show photo PHOTO` lists the faces with their numbers; `semblance show waiting` lists such photos.
    """
    row = choose_face(node, actor, PhotoId(photo), face)
    words = f"{row.name}, face {face}: {WORDS[row.status]}."
    code = DONE if row.status is IntakeStatus.ENROLLED else INCOMPLETE
    return Reply(row, words, *(f"  - {reason}" for reason in (*row.reasons, *row.notes)), code=code)


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


def print_report(report: EnrolReport, notes: tuple[Message, ...], path: Path | None, *, home: Path) -> None:
    """Print the end-of-run table, and the photos that somebody must look at."""
    console = open_console()
    for note in notes:
        console.print(f"Note: {note}")
    counts = ((count, WORDS[status]) for status, count in report.counts.items())
    console.print(make_table(("photos", "outcome"), counts, numbers={"photos"}))
    console.print(
        f"{say_count(len(report.rows), 'photo', 'photos')} in {report.seconds:.1f} s; "
        f"{report.resumed} of them were dealt with before."
    )
    for line in _explain(report, home / SETTINGS_FILE):
        console.print(line)
    wanting = [row for row in report.rows if row.status not in _COMPLETE]
    if wanting:
        console.print()
        rows = (
            (row.name, WORDS[row.status], "\n".join([*map(str, row.reasons), *_advise(row)]))
            for row in wanting[:_SHOWN]
        )
        console.print(make_table(("photo", "outcome", "why, and what to do"), rows))
        if len(wanting) > _SHOWN:
            console.print(f"… and {len(wanting) - _SHOWN} more. --report FILE writes all of them.")
    noted = [row for row in report.rows if row.notes]
    print_notes(noted, len(noted))
    if path is not None:
        console.print(f"The full report is in {path}.")
    if report.interrupted:
        console.print("Stopped before the end. What was enrolled is kept: the same command again goes on from there.")


def print_notes(rows: Sequence[EnrolRow], total: int) -> None:
    """Print what decoding had to guess or ignore, of the first photos of which there is something to say."""
    if not rows:
        return
    console = open_console()
    console.print()
    listed = ((row.name, "; ".join(map(str, row.notes))) for row in rows[:_SHOWN])
    console.print(make_table(("photo", "what decoding had to guess or ignore"), listed))
    if total > _SHOWN:
        console.print(f"… and {total - _SHOWN} more. --report FILE writes all of them.")


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
