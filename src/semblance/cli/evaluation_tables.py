"""The summary of an evaluation on a terminal."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from semblance.cli.output import make_table
from semblance.evaluation.intervals import Rate
from semblance.evaluation.page import format_count, format_interval, format_rate, format_score
from semblance.evaluation.report import LEAD_SENTENCE, EvaluationReport, format_percent

_FAILURES_SHOWN = 10


def print_evaluation(console: Console, report: EvaluationReport, written: Sequence[Path]) -> None:
    """Print what was measured, the rates, what the sample cannot show, and where the report is."""
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
    table = make_table("", *(pack.name for pack in report.packs), title="Misses")
    table.add_row("references without template", *(format_count(p.failures.references) for p in report.packs))
    table.add_row("probes without template", *(format_count(p.failures.probes) for p in report.packs))
    for place, miss in enumerate(report.packs[0].rank_misses):
        table.add_row(f"not within rank {miss.rank}", *(_say(p.rank_misses[place].miss) for p in report.packs))
    for place, target in enumerate(report.supported_targets):
        points = [pack.operating_points[place] for pack in report.packs]
        table.add_row(f"FNIR at FPIR {format_percent(target)}", *(_say(point.fnir) for point in points))
        table.add_row("  threshold", *(format_score(point.threshold) for point in points))
    return table


def _make_ladder(report: EvaluationReport) -> Table:
    names = [pack.name for pack in report.packs]
    what = "mate not at rank 1" if report.target is None else f"FNIR at FPIR {format_percent(report.target)}"
    table = make_table("rung", "searches", *names, numbers=frozenset({"searches", *names}))
    table.title = f"{what}, by rung (in brackets: not at rank 1, and probes without template)"
    of = {(result.rung.name, result.pack): result for result in report.rungs}
    for rung in dict.fromkeys(result.rung.name for result in report.rungs):
        results = [of[rung, name] for name in names]
        cells = [
            f"{format_rate(result.fnir or result.rank_one_miss)} "
            f"({result.rank_one_miss.count}, {result.failures.count})"
            for result in results
        ]
        table.add_row(rung, str(results[0].rank_one_miss.of), *cells)
    return table


def _make_discards(report: EvaluationReport) -> Table:
    table = make_table("probes", "pack", "refused", "FNIR of all", "FNIR of those left", "falls by")
    table.title = "Refusing the worst probes by UnifiedQualityScore"
    for pack in report.packs:
        for curve in pack.discard:
            for reduction in curve.reductions:
                falls = "-" if reduction.value is None else f"{reduction.value * 100:.0f} %"
                table.add_row(
                    curve.scope,
                    pack.name,
                    format_percent(reduction.fraction),
                    format_rate(reduction.before),
                    _say(reduction.after),
                    falls,
                )
    return table


def _make_groups(report: EvaluationReport, place: int) -> Table:
    label = report.packs[0].groups[place].label
    table = make_table(label, "pack", "FNIR", "FPIR", "", title=f"Unequal error by {label}")
    for group_place, group in enumerate(report.packs[0].groups[place].groups):
        for pack in report.packs:
            own = pack.groups[place].groups[group_place]
            table.add_row(
                group.group if pack is report.packs[0] else "",
                pack.name,
                _say(own.fnir),
                _say(own.fpir),
                "too small" if own.small else "",
            )
    return table


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
