"""``semblance evaluate``: measure how often searches err, on photos whose subjects are known."""

from collections.abc import Callable, Sequence
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from semblance.bootstrap.config import default_evaluations
from semblance.bootstrap.extractors import open_extractors
from semblance.cli.evaluation_tables import print_evaluation
from semblance.cli.options import home_option, json_option
from semblance.cli.output import open_console, say
from semblance.errors import UnreadableFile
from semblance.evaluation.report import EvaluationReport
from semblance.exchange.template_cache import TemplateCache
from semblance.workflows.evaluation.evaluate import DEFAULT_FPIR_TARGETS, DEFAULT_SEED, evaluate_set, write_evaluation
from semblance.workflows.evaluation.extract_set import Progress as Report

BASELINES = ("face_recognition",)

Evaluation = Callable[[Report | None], EvaluationReport]


@click.command("evaluate")
@click.argument("directory", type=click.Path(path_type=Path, readable=False))
@home_option
@json_option
@click.option("--pack", "packs", multiple=True, help="A model pack to measure; may be repeated [default: the node's].")
@click.option("--compare", multiple=True, type=click.Choice(BASELINES), help="Another method to set beside the packs.")
@click.option("--degrade", is_flag=True, help="Search the probes again, made worse step by step.")
@click.option("--label", "labels", multiple=True, help="A label column by which unequal error is measured; repeatable.")
@click.option(
    "--fpir",
    "targets",
    multiple=True,
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=DEFAULT_FPIR_TARGETS,
    help="An FPIR to report FNIR at, 0.05 for 5 %; repeatable [default: 0.1, 0.05, 0.02, 0.01, 0.003, 0.001].",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Write report.html and report.json into this folder.",
)
@click.option(
    "--cache",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Keep templates in this folder, so that a second run is quick and a stopped one resumes "
    "[default: ~/.cache/semblance/evaluations].",
)
@click.option("--no-cache", is_flag=True, help="Keep no templates between runs.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=DEFAULT_SEED, show_default=True, help="For noise and bands."
)
@click.option("--workers", type=click.IntRange(1, 256), default=None, help="Threads [default: one for each processor].")
def command(
    directory: Path,
    home: Path,
    as_json: bool,
    packs: tuple[str, ...],
    compare: tuple[str, ...],
    degrade: bool,
    labels: tuple[str, ...],
    targets: tuple[float, ...],
    out: Path | None,
    cache: Path | None,
    no_cache: bool,
    seed: int,
    workers: int | None,
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

    def evaluate(on_progress: Report | None) -> EvaluationReport:
        return evaluate_set(
            directory,
            extractors,
            cache=kept,
            degrade=degrade,
            labels=labels,
            seed=seed,
            workers=workers,
            fpir_targets=targets,
            on_progress=on_progress,
        )

    report = evaluate(None) if as_json else _show_progress(evaluate)
    written: Sequence[Path] = () if out is None else write_evaluation(report, out)
    if as_json:
        click.echo(report.to_json())
    else:
        print_evaluation(open_console(), report, written)


def _open_cache(named: Path | None) -> TemplateCache | None:
    if named is not None:
        return TemplateCache(named)
    try:
        return TemplateCache(default_evaluations())
    except UnreadableFile as error:
        # nobody asked for this folder, so the evaluation goes on
        say(f"{error} This run keeps no templates.", err=True)
        return None


def _show_progress(evaluate: Evaluation) -> EvaluationReport:
    console = open_console()
    columns = (TextColumn("photos"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=None)
        return evaluate(lambda done, total: progress.update(task, completed=done, total=total))
