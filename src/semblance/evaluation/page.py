"""The report as one HTML page that stands alone: no script, no outside resource, plots inline."""

from dataclasses import dataclass
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from semblance.evaluation.discard import DISCARDED, DiscardCurve
from semblance.evaluation.dot_plots import compared_rate, plot_groups, plot_ladder, plot_measures
from semblance.evaluation.groups import GroupComparison, WorstToBest
from semblance.evaluation.intervals import CONFIDENCE, Rate
from semblance.evaluation.plots import plot_cmc, plot_det, plot_discard
from semblance.evaluation.report import LEAD_SENTENCE, EvaluationReport, format_percent

_FILES_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Section:
    """One lot of probes or one label: a plot, and what it shows of each pack."""

    title: str
    plot: Markup
    packs: tuple[tuple[str, DiscardCurve | GroupComparison], ...]


def render_page(report: EvaluationReport) -> str:
    """Return the page as HTML text."""
    environment = Environment(
        loader=PackageLoader("semblance.evaluation", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        rate=format_rate,
        percent=format_percent,
        interval=format_interval,
        counted=format_count,
        score=format_score,
        signed=format_signed,
        ratio=format_ratio,
    )
    environment.globals.update(compared_rate=compared_rate, confidence=round(CONFIDENCE * 100), tenth=DISCARDED)
    return environment.get_template("report.html").render(_gather_content(report))


def _gather_content(report: EvaluationReport) -> dict[str, object]:
    """Return what the page shows of the report, with its plots drawn."""
    cmc = [(pack.name, pack.cmc) for pack in report.packs]
    det = [(pack.name, pack.det) for pack in report.packs]
    weighed = [(pack.name, pack.measures) for pack in report.packs if pack.measures]
    drawable = any(measure.correlation is not None for _, measures in weighed for measure in measures)
    ladder = len({result.rung for result in report.rungs}) > 1
    failed = _gather_failed(report)
    return {
        "r": report,
        "lead": LEAD_SENTENCE,
        "cmc": plot_cmc(cmc) if any(points for _, points in cmc) else None,
        "det": plot_det(det, report.set.mated) if any(points for _, points in det) else None,
        "discards": _gather_discards(report),
        "groups": _gather_groups(report),
        "ladder": plot_ladder(report.rungs, [pack.name for pack in report.packs]) if ladder else None,
        "measures": plot_measures(weighed) if drawable else None,
        "failed": failed[:_FILES_SHOWN],
        "failed_unshown": max(0, len(failed) - _FILES_SHOWN),
        "degraded_failures": sum(file.rung is not None for pack in report.packs for file in pack.failures.files),
    }


def _gather_discards(report: EvaluationReport) -> list[Section]:
    sections = []
    for place, scope in enumerate(dict.fromkeys(curve.scope for pack in report.packs for curve in pack.discard)):
        curves = tuple((pack.name, curve) for pack in report.packs for curve in pack.discard if curve.scope == scope)
        sections.append(Section(scope, plot_discard(curves, name=f"discard{place}"), curves))
    return sections


def _gather_groups(report: EvaluationReport) -> list[Section]:
    sections = []
    for place, first in enumerate(report.packs[0].groups):
        comparisons = tuple((pack.name, pack.groups[place]) for pack in report.packs)
        sections.append(Section(first.label, plot_groups(comparisons, name=f"groups{place}"), comparisons))
    return sections


def _gather_failed(report: EvaluationReport) -> list[tuple[tuple[str, str], list[tuple[str, str]]]]:
    """Return path and role of each undegraded photo that failed, with every pack that failed on it and what it said."""
    gathered: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for pack in report.packs:
        for file in pack.failures.files:
            if file.rung is None:
                gathered.setdefault((file.path, file.role), []).append((pack.name, file.reason))
    return list(gathered.items())


def format_rate(rate: Rate | None) -> str:
    """Return a rate as a percentage of one decimal, or a dash where nothing was counted."""
    return "–" if rate is None or rate.value is None else f"{rate.value * 100:.1f} %"  # noqa: RUF001 - a dash


def format_interval(rate: Rate | None) -> str:
    """Return the interval as ``0.2 to 7.3 %``."""
    return "" if rate is None or rate.value is None else f"{rate.lower * 100:.1f} to {rate.upper * 100:.1f} %"


def format_count(rate: Rate | None) -> str:
    """Return what was counted as ``1 of 74``."""
    return "not measured" if rate is None or not rate.of else f"{rate.count} of {rate.of}"


def format_score(threshold: float | None) -> str:
    """Return a threshold with four decimals; none at all shows every candidate."""
    return "none needed" if threshold is None else f"{threshold:.4f}"


def format_signed(value: float | None) -> str:
    """Return a coefficient with its sign, a true minus and two decimals."""
    if value is None:
        return "–"  # noqa: RUF001 - a dash
    return f"{value:+.2f}".replace("-", "−") if abs(value) >= 0.005 else "0.00"  # noqa: RUF001 - a minus


def format_ratio(ratio: WorstToBest) -> str:
    """Return the ratio of worst to best with its interval, in words where it cannot be formed."""
    if ratio.worst is None or ratio.lower is None or ratio.upper is None:
        return "cannot be formed"
    value = "cannot be formed (no error in the best)" if ratio.value is None else f"{ratio.value:.1f}"
    return f"{value}; “{ratio.worst}” to “{ratio.best}”; interval {ratio.lower:.2f} to {ratio.upper:.1f}"
