"""``semblance models migrate``, ``shadow`` and ``forget``: move a filled gallery to another pack, looking before."""

from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from semblance.bootstrap.config import read_settings
from semblance.bootstrap.extractors import open_by_name
from semblance.cli.acting import run_as
from semblance.cli.exit_codes import DONE, INCOMPLETE, INTERRUPTED
from semblance.cli.options import home_option, json_option, reason_option
from semblance.cli.output import make_table, open_console, print_document, say, say_count
from semblance.edge.node import MigrationDocument, ShadowDocument
from semblance.workflows.models.migrate_templates import MigrationReport, migrate_templates
from semblance.workflows.models.shadow_run import DEFAULT_SEARCHES, Moved, ShadowReport, run_shadow
from semblance.workflows.models.switch_pack import Switched, forget_other_packs

_SHOWN = 30
_COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())


@click.command("migrate")
@click.argument("name")
@click.option("--workers", type=click.IntRange(1, 256), default=None, help="Threads [default: one for each processor].")
@click.option("--again", is_flag=True, help="Look once more at photos in which the pack found no face.")
@home_option
@json_option
def migrate_command(name: str, workers: int | None, again: bool, home: Path, as_json: bool) -> None:
    """Make templates of the pack NAME of everything that the gallery holds, beside those that are searched.

    May be stopped with Ctrl-C at any moment; the same command again goes on where it stopped.
    """
    extractor = open_by_name(name, read_settings(home).models)
    with run_as(home) as (node, actor), _open_progress(as_json) as progress:
        task = progress.add_task(f"templates of {name}", total=None)
        report = migrate_templates(
            node,
            actor,
            extractor,
            workers=workers,
            again=again,
            on_progress=lambda done, total: progress.update(task, completed=done, total=total),
        )
    if as_json:
        print_document(MigrationDocument.model_validate(report))
    else:
        _print_migration(report)
    click.get_current_context().exit(_find_exit_code(report))


@click.command("shadow")
@click.argument("name")
@click.option(
    "--searches",
    type=click.IntRange(1),
    default=DEFAULT_SEARCHES,
    show_default=True,
    help="How many past searches are repeated at most, newest first.",
)
@reason_option
@home_option
@json_option
def shadow_command(name: str, searches: int, reason: str, home: Path, as_json: bool) -> None:
    """Repeat past searches with the node's pack and with the pack NAME, and say whose rank differs.

    Nobody is told of a candidate: of examinations that are open only counts are shown, of concluded ones pseudonyms.
    """
    extractor = open_by_name(name, read_settings(home).models)
    with run_as(home) as (node, actor), _open_progress(as_json) as progress:
        task = progress.add_task("past searches", total=None)
        report = run_shadow(
            node,
            actor,
            extractor,
            reason=reason,
            searches_at_most=searches,
            on_progress=lambda done, total: progress.update(task, completed=done, total=total),
        )
    if as_json:
        print_document(ShadowDocument.model_validate(report))
    else:
        _print_shadow(report)
    click.get_current_context().exit(INTERRUPTED if report.interrupted else DONE)


@click.command("forget")
@reason_option
@home_option
@json_option
def forget_command(reason: str, home: Path, as_json: bool) -> None:
    """Delete the templates of every pack but the node's own. There is no way back but making them anew."""
    with run_as(home) as (node, actor):
        gone = forget_other_packs(node, actor, reason=reason)
    if as_json:
        print_document({"templates": gone})
    else:
        say(f"Deleted: {say_count(gone, 'template', 'templates')} of packs that are not searched.")


def say_switched(switched: Switched) -> None:
    """Say what a switch did, and what it asks for."""
    say(f"The gallery is searched with {switched.pack_name} now (ledger entry {switched.entry}).")
    say("Programs that run still use the pack before, and refuse to search: start them anew.")
    if switched.missing:
        say(
            f"{switched.missing} of {switched.references} references have no template of it: no search finds them "
            "until they have one."
        )
    say("What a score means is unknown until `semblance calibrate` has measured it for this pack.")


def _open_progress(as_json: bool) -> Progress:
    console = open_console()
    return Progress(*_COLUMNS, console=console, transient=True, disable=as_json or not console.is_terminal)


def _find_exit_code(report: MigrationReport) -> int:
    if report.interrupted:
        return INTERRUPTED
    return INCOMPLETE if report.faults else DONE


def _print_migration(report: MigrationReport) -> None:
    coverage, name = report.coverage, report.pack_name
    say(
        f"Made now: {say_count(report.made, 'template', 'templates')} of {name}. "
        f"{coverage.made} of {say_count(coverage.references, 'reference', 'references')} have one."
    )
    for why, count in report.faults.items():
        say(f"{say_count(count, 'reference', 'references')} without: {why}.")
    if report.interrupted:
        say(f"Stopped with {coverage.wanting} to go: the same command goes on from there.")
    elif coverage.searched is not None and not coverage.wanting:
        say(f"See what would change: `semblance models shadow {name} --reason …`")
        say(f"Switch: `semblance models use {name} --reason …`")


def _print_shadow(report: ShadowReport) -> None:
    console = open_console()
    count = len(report.rows)
    say(
        f"{say_count(count, 'past search', 'past searches')} repeated: {report.same_first} with the same record first, "
        f"{report.unchanged} with the same list."
    )
    for why, number in report.skipped.items():
        say(f"{number} left out: {why}.")
    leads = report.leads
    if leads:
        lost = sum(lead.after is None for lead in leads)
        worse = sum(_is_worse(lead) for lead in leads)
        better = sum(lead.after is not None and (lead.before is None or lead.after < lead.before) for lead in leads)
        say(
            f"Of {say_count(len(leads), 'lead', 'leads')} that two people made: {better} stand higher, {worse} lower, "
            f"{lost} in no list any more."
        )
    changed = [row for row in report.rows if row.moved or row.entered or row.left]
    if changed:
        numbers = frozenset({"moved", "entered", "left"})
        table = make_table("search", "same first", "moved", "entered", "left", "candidates examined", numbers=numbers)
        for row in changed[:_SHOWN]:
            table.add_row(
                row.search[:12],
                "yes" if row.first else "no",
                str(row.moved),
                str(row.entered),
                str(row.left),
                ", ".join(map(_tell, row.examined)),
            )
        console.print(table)
        if len(changed) > _SHOWN:
            console.print(f"… and {len(changed) - _SHOWN} more; --json shows all.")
    if report.interrupted:
        say("Stopped before the end.")


def _is_worse(moved: Moved) -> bool:
    return moved.after is not None and moved.before is not None and moved.after > moved.before


def _tell(moved: Moved) -> str:
    before, after = ("—" if rank is None else str(rank) for rank in (moved.before, moved.after))
    return f"{moved.pseudonym}{' (lead)' if moved.lead else ''} {before} → {after}"
