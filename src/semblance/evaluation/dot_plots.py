"""Dots with intervals: the ladder of degradation, groups, and quality measures, each a self-contained SVG element."""

import math
from collections.abc import Sequence

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from semblance.evaluation.discard import MeasureWeight
from semblance.evaluation.groups import GroupComparison
from semblance.evaluation.intervals import Rate
from semblance.evaluation.ladder import RungName, RungResult
from semblance.evaluation.plots import GRID, INK, MUTED, PAPER, Style, drawing, render_svg, spread, style_of
from semblance.terms.samples import QualityMeasure


def plot_ladder(results: Sequence[RungResult], packs: Sequence[str]) -> Markup:
    """Return the miss rate of every pack on every rung, the rungs grouped by family, with 95 % intervals."""
    rungs = list(dict.fromkeys(result.rung for result in results))
    places = _place_rungs(rungs)
    of = {(result.pack, result.rung.name): result for result in results}
    target = next((result.target for result in results if result.target is not None), None)
    with drawing(max(7.2, 0.34 * len(rungs) + 1.6), 4.9) as figure:
        axes = figure.subplots()
        offsets = spread(len(packs), 0.34)
        for index, pack in enumerate(packs):
            style = style_of(index)
            labelled = False
            for family in dict.fromkeys(rung.family for rung in rungs):
                own = [rung for rung in rungs if rung.family == family and (pack, rung.name) in of]
                at = [places[rung.name] + offsets[index] for rung in own]
                rates = [compared_rate(of[pack, rung.name]) for rung in own]
                _interval_marks(axes, at, rates, style, None if labelled else pack)
                axes.plot(at, _values(rates), color=style.colour, linestyle=style.line, linewidth=1.2, alpha=0.8)
                labelled = True
        _name_families(axes, rungs, places)
        axes.set_xticks(
            [places[rung.name] for rung in rungs],
            [rung.name for rung in rungs],
            rotation=55,
            ha="right",
            rotation_mode="anchor",
        )
        axes.grid(visible=False, axis="x")
        axes.set_ylim(-0.02, 1.02)
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        axes.set_ylabel("mate not at rank 1" if target is None else f"FNIR at FPIR {target * 100:g} %")
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=max(1, len(packs)))
        return render_svg(figure, name="ladder", title="Miss rate of each pack on each rung of degradation")


def compared_rate(result: RungResult) -> Rate:
    """Return the rate that packs are compared by on a rung: FNIR where a target is supported, else the rank-1 miss."""
    return result.fnir if result.fnir is not None else result.rank_one_miss


def plot_groups(comparisons: Sequence[tuple[str, GroupComparison]], *, name: str) -> Markup:
    """Return FNIR and FPIR of each group of one label, a dot and an interval each, one colour a pack."""
    groups = [group.group for group in comparisons[0][1].groups]
    label = comparisons[0][1].label
    height = 1.3 + len(groups) * max(0.34, 0.17 * len(comparisons))
    with drawing(7.6, height) as figure:
        panels = figure.subplots(1, 2, sharey=True)
        for axes, what in zip(panels, ("FNIR", "FPIR"), strict=True):
            for place, (pack, comparison) in enumerate(comparisons):
                offset = spread(len(comparisons), 0.44)[place]
                rates = [group.fnir if what == "FNIR" else group.fpir for group in comparison.groups]
                at = [row + offset for row in range(len(groups))]
                _interval_marks(axes, at, rates, style_of(place), pack, flat=True)
            axes.set_xlim(-0.02, 1.02)
            axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
            axes.set_xlabel(what)
            axes.grid(visible=False, axis="y")
        panels[0].set_yticks(range(len(groups)), groups)
        panels[0].set_ylim(len(groups) - 0.5, -0.5)
        if len(comparisons) > 1:
            handles = panels[0].get_legend_handles_labels()
            figure.legend(*handles, loc="outside lower center", ncols=len(comparisons))
        return render_svg(figure, name=name, title=f"FNIR and FPIR by {label}, with 95 % intervals")


def plot_measures(packs: Sequence[tuple[str, Sequence[MeasureWeight]]]) -> Markup:
    """Return each quality measure's correlation with the mate's score: a filled dot and its interval, one a pack."""
    names: dict[str, float] = {}
    for _, measures in packs:
        for measure in measures:
            if measure.correlation is not None:
                names[measure.measure] = max(names.get(measure.measure, -1.0), measure.correlation)
    ordered = sorted(names, key=lambda name: (name != QualityMeasure.UNIFIED.value, -names[name]))
    with drawing(7.6, 1.4 + len(ordered) * max(0.27, 0.13 * len(packs))) as figure:
        axes = figure.subplots()
        axes.axvline(0, color=MUTED, linewidth=0.9)
        for place, (pack, measures) in enumerate(packs):
            style = style_of(place)
            found = {measure.measure: measure for measure in measures if measure.correlation is not None}
            offset = spread(len(packs), 0.44)[place]
            rows = [row for row, name in enumerate(ordered) if name in found]
            at = [row + offset for row in rows]
            chosen = [found[ordered[row]] for row in rows]
            axes.hlines(
                at, [m.lower or 0 for m in chosen], [m.upper or 0 for m in chosen], color=style.colour, linewidth=1.6
            )
            axes.plot([m.correlation or 0.0 for m in chosen], at, style.marker, color=style.colour, label=pack)
            weighed = [(m.weight, y) for m, y in zip(chosen, at, strict=True) if m.weight is not None]
            axes.plot(
                [w for w, _ in weighed],
                [y for _, y in weighed],
                style.marker,
                markerfacecolor=PAPER,
                markeredgecolor=style.colour,
                markersize=4,
                linestyle="none",
            )
        axes.plot([], [], "o", color=MUTED, label="filled: correlation alone, with interval")
        axes.plot([], [], "o", markerfacecolor=PAPER, markeredgecolor=MUTED, label="hollow: weight beside the others")
        axes.set_yticks(range(len(ordered)), ordered)
        axes.set_ylim(len(ordered) - 0.5, -0.5)
        axes.set_xlim(-1.02, 1.02)
        axes.grid(visible=False, axis="y")
        axes.set_xlabel("goes with a higher score against the own reference (1) or with a lower one (-1)")
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2)
        return render_svg(figure, name="measures", title="How each quality measure goes with the mate's score")


def _place_rungs(rungs: Sequence[RungName]) -> dict[str, float]:
    """Return where each rung stands on the axis, with a gap between families."""
    places, at, family = {}, 0.0, None
    for rung in rungs:
        if family is not None and rung.family != family:
            at += 0.7
        places[rung.name] = at
        at, family = at + 1, rung.family
    return places


def _name_families(axes: Axes, rungs: Sequence[RungName], places: dict[str, float]) -> None:
    for family in dict.fromkeys(rung.family for rung in rungs):
        own = [places[rung.name] for rung in rungs if rung.family == family]
        if family != "none":
            axes.text((own[0] + own[-1]) / 2, 1.05, family, ha="center", va="bottom", color=INK, fontsize=9)
        if own[0] > 0:
            axes.axvline(own[0] - 0.85, color=GRID, linewidth=0.8)


def _interval_marks(
    axes: Axes, at: Sequence[float], rates: Sequence[Rate], style: Style, label: str | None, *, flat: bool = False
) -> None:
    measured = [(place, rate) for place, rate in zip(at, rates, strict=True) if rate.value is not None]
    places = [place for place, _ in measured]
    lower, upper = [rate.lower for _, rate in measured], [rate.upper for _, rate in measured]
    values = _values([rate for _, rate in measured])
    if flat:
        axes.hlines(places, lower, upper, color=style.colour, linewidth=1.6)
    else:
        axes.vlines(places, lower, upper, color=style.colour, linewidth=1.3, alpha=0.7)
    along = (values, places) if flat else (places, values)
    axes.plot(*along, style.marker, color=style.colour, linestyle="none", label=label)


def _values(rates: Sequence[Rate]) -> list[float]:
    """Return the rates; a gap in the line where one could not be measured."""
    return [math.nan if rate.value is None else rate.value for rate in rates]
