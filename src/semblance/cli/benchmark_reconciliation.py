"""``semblance bench-reconciliation``: measure missing against found on made-up sets, beside comparing by hand."""

from dataclasses import asdict
from pathlib import Path

import click

from semblance.benchmarks.reconciliation import make_sets, measure_reconciliation
from semblance.bootstrap.extractors import open_by_name
from semblance.cli.models import find_models
from semblance.cli.options import home_option
from semblance.cli.output import Reply, answering, draw_stages, make_table

_LIMITS = (1, 2, 3, 5, 10)


@click.command("bench-reconciliation")
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@home_option
@answering
@click.option("--pack", default="embedded", show_default=True, help="The model pack that makes the templates.")
@click.option("--missing", type=click.IntRange(1), default=350, show_default=True, help="Missing persons.")
@click.option("--found", type=click.IntRange(1), default=250, show_default=True, help="Bodies and living unknowns.")
@click.option("--true-pairs", type=click.IntRange(1), default=40, show_default=True, help="People in both sets.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same sets.")
def command(
    folders: tuple[Path, ...], home: Path, pack: str, missing: int, found: int, true_pairs: int, seed: int
) -> Reply:
    """Compare made-up missing and found persons, whose faces are those of the evaluation sets in FOLDERS."""
    with draw_stages() as tell:
        sets = make_sets(
            open_by_name(pack, find_models(home)[0]),
            folders,
            missing=missing,
            found=found,
            true_pairs=true_pairs,
            seed=seed,
            on_progress=lambda what, done, whole: tell(f"{what}: {done} of {whole}"),
        )
    figures = measure_reconciliation(*sets, _LIMITS)
    rows = (
        (offer.most, offer.offered, f"{offer.found} of {figures.true_pairs}", f"{offer.work:.1f}", offer.excluded)
        for offer in figures.offers
    )
    return Reply(
        {"pack": pack, **asdict(figures)},
        make_table(("pairs of a record", "offered", "true found", "to look at for each", "false excluded"), rows),
        f"{figures.missing} missing, {figures.found} found, {figures.unusable} photos without a template; by hand "
        f"{figures.by_hand} pairs, {figures.by_hand / figures.true_pairs:.0f} for each true one.",
    )
