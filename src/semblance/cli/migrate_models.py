"""``semblance models migrate``, ``shadow`` and ``forget``: move a filled gallery to another pack, looking before."""

from collections.abc import Iterator
from pathlib import Path

import click

from semblance.bootstrap.config import read_settings
from semblance.bootstrap.extractors import open_by_name
from semblance.cli.acting import acting, run_as
from semblance.cli.exit_codes import DONE, INCOMPLETE, INTERRUPTED
from semblance.cli.options import home_option, reason_option, workers_option
from semblance.cli.output import Line, Reply, answering, draw_bar, make_table, say_count
from semblance.edge.node import MigrationDocument, ShadowDocument
from semblance.node.node import Node
from semblance.terms.permission import Actor
from semblance.workflows.models.migrate_templates import MigrationReport, migrate_templates
from semblance.workflows.models.shadow_run import DEFAULT_SEARCHES, Moved, ShadowReport, run_shadow
from semblance.workflows.models.switch_pack import Switched, forget_other_packs

_SHOWN = 30


@click.command("migrate")
@click.argument("name")
@workers_option
@click.option("--again", is_flag=True, help="Look once more at photos in which the pack found no face.")
@home_option
@answering
def migrate_command(name: str, workers: int | None, again: bool, home: Path) -> Reply:
    """Make templates of the pack NAME of everything that the gallery holds, beside those that are searched.

    May be stopped with Ctrl-C at any moment; the same command again goes on where it stopped.
    """
    extractor = open_by_name(name, read_settings(home).models)
    with run_as(home) as (node, actor), draw_bar(f"templates of {name}") as draw:
        report = migrate_templates(node, actor, extractor, workers=workers, again=again, on_progress=draw)
    code = INTERRUPTED if report.interrupted else INCOMPLETE if report.faults else DONE
    return Reply(MigrationDocument.model_validate(report), *_say_migration(report), code=code)


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
@answering
def shadow_command(name: str, searches: int, reason: str, home: Path) -> Reply:
    """Repeat past searches with the node's pack and with the pack NAME, and say whose rank differs.

    Nobody is told of a candidate: of examinations that are open only counts are shown, of concluded ones pseudonyms.
    """
    extractor = open_by_name(name, read_settings(home).models)
    with run_as(home) as (node, actor), draw_bar("past searches") as draw:
        report = run_shadow(node, actor, extractor, reason=reason, searches_at_most=searches, on_progress=draw)
    code = INTERRUPTED if report.interrupted else DONE
    return Reply(ShadowDocument.model_validate(report), *_say_shadow(report), code=code)


@click.command("forget")
@reason_option
@acting
def forget_command(node: Node, actor: Actor, reason: str) -> Reply:
    """Delete the templates of every pack but the node's own. There is no way back but making them anew."""
    gone = forget_other_packs(node, actor, reason=reason)
    words = f"Deleted: {say_count(gone, 'template', 'templates')} of packs that are not searched."
    return Reply({"templates": gone}, words)


def say_switched(switched: Switched) -> Iterator[str]:
    """Say what a switch did, and what it asks for."""
    yield f"The gallery is searched with {switched.pack_name} now (ledger entry {switched.entry})."
    yield "Programs that run still use the pack before, and refuse to search: start them anew."
    if switched.missing:
        yield (
            f"{switched.missing} of {switched.references} references have no template of it: no search finds them "
            "until they have one."
        )
    yield "What a score means is unknown until `semblance calibrate` has measured it for this pack."


def _say_migration(report: MigrationReport) -> Iterator[str]:
    coverage, name = report.coverage, report.pack_name
    yield (
        f"Made now: {say_count(report.made, 'template', 'templates')} of {name}. "
        f"{coverage.made} of {say_count(coverage.references, 'reference', 'references')} have one."
    )
    for why, count in report.faults.items():
        yield f"{say_count(count, 'reference', 'references')} without: {why}."
    if report.interrupted:
        yield f"Stopped with {coverage.wanting} to go: the same command goes on from there."
    elif coverage.searched is not None and not coverage.wanting:
        yield f"See what would change: `semblance models shadow {name} --reason …`"
        yield f"Switch: `semblance models use {name} --reason …`"


def _say_shadow(report: ShadowReport) -> Iterator[Line]:
    count = len(report.rows)
    yield (
        f"{say_count(count, 'past search', 'past searches')} repeated: {report.same_first} with the same record first, "
        f"{report.unchanged} with the same list."
    )
    for why, number in report.skipped.items():
        yield f"{number} left out: {why}."
    leads = report.leads
    if leads:
        lost = sum(lead.after is None for lead in leads)
        worse = sum(_is_worse(lead) for lead in leads)
        better = sum(lead.after is not None and (lead.before is None or lead.after < lead.before) for lead in leads)
        yield (
            f"Of {say_count(len(leads), 'lead', 'leads')} that two people made: {better} stand higher, {worse} lower, "
            f"{lost} in no list any more."
        )
    changed = [row for row in report.rows if row.moved or row.entered or row.left]
    if changed:
        columns = "search", "same first", "moved", "entered", "left", "candidates examined"
        rows = (
            (
                row.search[:12],
                "yes" if row.first else "no",
                row.moved,
                row.entered,
                row.left,
                ", ".join(map(_tell, row.examined)),
            )
            for row in changed[:_SHOWN]
        )
        yield make_table(columns, rows, numbers={"moved", "entered", "left"})
        if len(changed) > _SHOWN:
            yield f"… and {len(changed) - _SHOWN} more; --json shows all."
    if report.interrupted:
        yield "Stopped before the end."


def _is_worse(moved: Moved) -> bool:
    return moved.after is not None and moved.before is not None and moved.after > moved.before


def _tell(moved: Moved) -> str:
    before, after = ("—" if rank is None else str(rank) for rank in (moved.before, moved.after))
    return f"{moved.pseudonym}{' (lead)' if moved.lead else ''} {before} → {after}"
