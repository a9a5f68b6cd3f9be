"""``semblance evaluate``: measure how often searches err, on photos whose subjects are known."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from semblance.bootstrap.config import default_evaluations
from semblance.bootstrap.extractors import open_extractors
from semblance.cli.options import FOLDER, SOURCE, home_option, json_option, workers_option
from semblance.cli.output import draw_bar, make_table, open_console, say
from semblance.errors import UnreadableFile
from semblance.evaluation.intervals import Rate
from semblance.evaluation.page import format_count, format_interval, format_rate, format_score
from semblance.evaluation.report import LEAD_SENTENCE, EvaluationReport, format_percent
from semblance.exchange.template_cache import TemplateCache
from semblance.workflows.evaluation.evaluate import DEFAULT_FPIR_TARGETS, DEFAULT_SEED, evaluate_set, write_evaluation

BASELINES = ("face_recognition",)
_FAILURES_SHOWN = 10


@click.command("evaluate")
@click.argument("directory", type=SOURCE)
@home_option
@json_option
@click.option("--pack", "packs", multiple=True, help="A model pack to measure; may be repeated [default: the node's].")
@click.option("--compare", multiple=True, type=click.Choice(BASELINES), help="Another method to set beside the packs.")
@click.option("--degrade", is_flag=True, help="Search the probes again, made worse step by step.")
@click.option("--label", "labels", multiple=True, help="A label column by which unequal error is measured; repeatable.")
@click.option(
    "--fpir",
    "fpir_targets",
    multiple=True,
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=DEFAULT_FPIR_TARGETS,
    help="An FPIR to report FNIR at, 0.05 for 5 %; repeatable [default: 0.1, 0.05, 0.02, 0.01, 0.003, 0.001].",
)
@click.option("--out", type=FOLDER, help="Write report.html and report.json into this folder.")
@click.option(
    "--cache",
    type=FOLDER,
    help="Keep templates in this folder, so that a second run is quick and a stopped one resumes "
    "[default: ~/.cache/semblance/evaluations].",
)
@click.option("--no-cache", is_flag=True, help="Keep no templates between runs.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=DEFAULT_SEED, show_default=True, help="For noise and bands."
)
@workers_option
def command(
    directory: Path,
    home: Path,
    as_json: bool,
    packs: tuple[str, ...],
    compare: tuple[str, ...],
    out: Path | None,
    cache: Path | None,
    no_cache: bool,
    **asked: Any,
) -> None:
    """Enrol every reference of DIRECTORY, search every probe, and say how often the searches err.

    DIRECTORY holds photos and a manifest.csv: subject,path,role and any label columns; the role is reference or probe.
    No gallery is read or changed.
    """
    if out is not None and out.exists() and not out.is_dir():
        raise UnreadableFile(
            "operator.evaluation.no-folder", "The report cannot be written to {out}: it is no folder.", out=out
        )
    if no_cache and cache is not None:
        raise click.UsageError("--cache and --no-cache contradict each other: leave one out.")
    kept = None if no_cache else _open_cache(cache)
    extractors = open_extractors((*packs, *compare), home)

    with draw_bar("photos") as draw:
        report = evaluate_set(directory, extractors, cache=kept, on_progress=draw, **asked)
    written: Sequence[Path] = () if out is None else write_evaluation(report, out)
    if as_json:
        click.echo(report.to_json())
    else:
        _print(report, written)


def _open_cache(named: Path | None) -> TemplateCache | None:
    if named is not None:
        return TemplateCache(named)
    try:
        return TemplateCache(default_evaluations())
    except UnreadableFile as error:
        # nobody asked for this folder, so the evaluation goes on
        say(f"{error} This run keeps no templates.", err=True)
        return None


def _print(report: EvaluationReport, written: Sequence[Path]) -> None:
    console = open_console()
    facts = report.set
    console.print(
        f"{facts.name}: {facts.subjects} subjects, {facts.references} references; {facts.mated} mated and "
        f"{facts.non_mated} non-mated probes; 95 % intervals"
    )
    for table in _make_tables(report):
        console.print()
        console.print(table)
    _print_sentences(console, "Which pack misses least", [verdict.sentence for verdict in report.verdicts])
    for pack in report.packs:
        for group in pack.groups:
            _print_sentences(console, f"{pack.name}, by {group.label}", group.sentences)
    _print_failures(console, report)
    _print_sentences(console, "What this sample does not support", report.not_supported)
    _print_sentences(console, "To be known of this run", report.notes)
    console.print()
    for path in written:
        console.print(f"Written: {path}")
    console.print(LEAD_SENTENCE)


def _make_tables(report: EvaluationReport) -> list[Table]:
    tables = [_make_rates(report)]
    if len({result.rung for result in report.rungs}) > 1:
        tables.append(_make_ladder(report))
    if any(pack.discard for pack in report.packs):
        tables.append(_make_discards(report))
    tables += [_make_groups(report, place) for place in range(len(report.packs[0].groups))]
    return tables


def _make_rates(report: EvaluationReport) -> Table:
    packs = report.packs
    rows: list[tuple[str, ...]] = [
        ("references without template", *(format_count(pack.failures.references) for pack in packs)),
        ("probes without template", *(format_count(pack.failures.probes) for pack in packs)),
    ]
    for place, miss in enumerate(packs[0].rank_misses):
        rows.append((f"not within rank {miss.rank}", *(_say(pack.rank_misses[place].miss) for pack in packs)))
    for place, target in enumerate(report.supported_targets):
        points = [pack.operating_points[place] for pack in packs]
        rows.append((f"FNIR at FPIR {format_percent(target)}", *(_say(point.fnir) for point in points)))
        rows.append(("  threshold", *(format_score(point.threshold) for point in points)))
    return make_table(("", *(pack.name for pack in packs)), rows, title="Misses")


def _make_ladder(report: EvaluationReport) -> Table:
    names = [pack.name for pack in report.packs]
    what = "mate not at rank 1" if report.target is None else f"FNIR at FPIR {format_percent(report.target)}"
    of = {(result.rung.name, result.pack): result for result in report.rungs}
    rows = []
    for rung in dict.fromkeys(result.rung.name for result in report.rungs):
        results = [of[rung, name] for name in names]
        cells = (
            f"{format_rate(result.fnir or result.rank_one_miss)} "
            f"({result.rank_one_miss.count}, {result.failures.count})"
            for result in results
        )
        rows.append((rung, results[0].rank_one_miss.of, *cells))
    title = f"{what}, by rung (in brackets: not at rank 1, and probes without template)"
    return make_table(("rung", "searches", *names), rows, numbers={"searches", *names}, title=title)


def _make_discards(report: EvaluationReport) -> Table:
    columns = "probes", "pack", "refused", "FNIR of all", "FNIR of those left", "falls by"
    rows = (
        (
            curve.scope,
            pack.name,
            format_percent(reduction.fraction),
            format_rate(reduction.before),
            _say(reduction.after),
            "-" if reduction.value is None else f"{reduction.value * 100:.0f} %",
        )
        for pack in report.packs
        for curve in pack.discard
        for reduction in curve.reductions
    )
    return make_table(columns, rows, title="Refusing the worst probes by UnifiedQualityScore")


def _make_groups(report: EvaluationReport, place: int) -> Table:
    first = report.packs[0]
    label = first.groups[place].label
    rows = (
        (
            own.group if pack is first else "",
            pack.name,
            _say(own.fnir),
            _say(own.fpir),
            "too small" if own.small else "",
        )
        for group_place in range(len(first.groups[place].groups))
        for pack in report.packs
        for own in (pack.groups[place].groups[group_place],)
    )
    return make_table((label, "pack", "FNIR", "FPIR", ""), rows, title=f"Unequal error by {label}")


def _print_failures(console: Console, report: EvaluationReport) -> None:
    failed = [(pack.name, file) for pack in report.packs for file in pack.failures.files if file.rung is None]
    sentences = [f"{file.path} ({file.role}), {pack}: {file.reason}" for pack, file in failed[:_FAILURES_SHOWN]]
    if len(failed) > _FAILURES_SHOWN:
        sentences.append(f"{len(failed) - _FAILURES_SHOWN} more stand in the report: --out FOLDER writes it")
    _print_sentences(console, "Photos that gave no template", sentences)


def _print_sentences(console: Console, title: str, sentences: Sequence[str]) -> None:
    if sentences:
        console.print()
        console.print(title, style="bold")
        for sentence in sentences:
            console.print(f"- {sentence}")


def _say(rate: Rate) -> str:
    if rate.value is None:
        return "not measured"
    return f"{format_rate(rate)} ({format_count(rate)}; {format_interval(rate)})"
