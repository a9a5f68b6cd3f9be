"""Curves: cumulative match, detection error trade-off, error versus discard; each a self-contained SVG element."""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final, Literal
from xml.sax.saxutils import escape

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from semblance.evaluation.discard import DiscardCurve
from semblance.evaluation.identification import CurvePoint

INK: Final = "#101011"
MUTED: Final = "#202021"
GRID: Final = "#303031"
PAPER: Final = "#fefefd"
SERIES: Final = ("#404041", "#505051", "#606061", "#707071", "#808081")
"""Stand-ins that no plot means as colours: each becomes a CSS variable, so that one plot serves light and dark."""

MARKERS: Final = ("o", "s", "^", "D", "v")
LINES: Final[tuple[Any, ...]] = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)), (0, (3, 1)))

_VARIABLES: Final = {
    INK: "--ink",
    MUTED: "--muted",
    GRID: "--grid",
    PAPER: "--paper",
    **{colour: f"--series-{place}" for place, colour in enumerate(SERIES)},
}

# Any: matplotlib's stubs want every key as a literal.
_SETTINGS: Final[Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "semblance",
    "font.size": 10,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "text.color": INK,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}

_DRAWING = Lock()
"""Matplotlib's settings belong to the whole process."""


@dataclass(frozen=True, slots=True)
class Style:
    """What tells one pack's marks from another's, without colour as well."""

    colour: str
    marker: str
    line: Any


def style_of(place: int) -> Style:
    """Return the style of the pack at that place; beyond five they begin again."""
    which = place % len(SERIES)
    return Style(SERIES[which], MARKERS[which], LINES[which])


@contextmanager
def drawing(width: float, height: float) -> Iterator[Figure]:
    """Give a figure of that many inches in the house's style; one at a time in a process."""
    with _DRAWING, mpl.rc_context(_SETTINGS):
        yield Figure(figsize=(width, height), layout="constrained")


def render_svg(figure: Figure, *, name: str, title: str) -> Markup:
    """Return the figure as an ``svg`` element for inlining; ``name`` keeps its identifiers apart from other figures'.

    It refers to nothing outside itself; ``title`` is what a screen reader says.
    """
    buffer = io.StringIO()
    canvas: Any = FigureCanvasSVG(figure)
    canvas.print_svg(buffer, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :].strip()
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    for colour, variable in _VARIABLES.items():
        text = text.replace(colour, f"var({variable})")
    text = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', text)
    text = re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", text)
    # Without these two the browser scales the plot to the page.
    text = re.sub(r'(<svg [^>]*?)\bwidth="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg [^>]*?)\bheight="[^"]*"', r"\1", text, count=1)
    label = escape(title, {'"': "&quot;"})
    return Markup(text.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1))  # noqa: S704 - made here


def spread(places: int, width: float = 0.5) -> Sequence[float]:
    """Return offsets, centred on 0, that keep the marks of several packs beside each other."""
    if places == 1:
        return [0.0]
    return [-width / 2 + width * place / (places - 1) for place in range(places)]


_PERCENT_TICKS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


def plot_cmc(curves: Sequence[tuple[str, Sequence[CurvePoint]]]) -> Markup:
    """Return identification rate against rank, one line a pack, with bands."""
    with drawing(7.2, 3.8) as figure:
        axes = figure.subplots()
        lowest = 1.0
        for place, (pack, points) in enumerate(curves):
            if not points:
                continue
            style = style_of(place)
            ranks = [point.at for point in points]
            _band(axes, ranks, [(p.lower, p.upper) for p in points], style.colour)
            axes.plot(
                ranks,
                [p.value for p in points],
                color=style.colour,
                linestyle=style.line,
                marker=style.marker,
                markevery=[0],
                label=pack,
            )
            lowest = min(lowest, *(p.lower for p in points))
        axes.set_xscale("log")
        last = max((points[-1].at for _, points in curves if points), default=1)
        ticks = [rank for rank in (1, 2, 5, 10, 20, 50) if rank <= last]
        axes.set_xticks(ticks, [str(rank) for rank in ticks])
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_ylim(max(0.0, lowest - 0.02), 1.003)
        axes.yaxis.set_major_formatter(FuncFormatter(_say_percent))
        axes.set_xlabel("rank: places of the candidate list looked at")
        axes.set_ylabel("mate within the rank")
        _legend(axes, len(curves), loc="lower right")
        return render_svg(figure, name="cmc", title="Cumulative match curve: share of mated searches by rank")


def plot_det(curves: Sequence[tuple[str, Sequence[CurvePoint]]], mated: int) -> Markup:
    """Return FNIR against FPIR, both logarithmic; a rate of nought stands on a marked line at the bottom."""
    floor = 0.5 / max(mated, 1)
    with drawing(7.2, 4.2) as figure:
        axes = figure.subplots()
        for place, (pack, points) in enumerate(curves):
            if not points:
                continue
            style = style_of(place)
            ordered = sorted(points, key=lambda point: point.at)
            at = [p.at for p in ordered]
            _band(axes, at, [(max(p.lower, floor), max(p.upper, floor)) for p in ordered], style.colour, step=True)
            axes.step(
                at,
                [max(p.value, floor) for p in ordered],
                where="post",
                color=style.colour,
                linestyle=style.line,
                label=pack,
            )
            axes.plot(at[:1], [max(ordered[0].value, floor)], style.marker, color=style.colour)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.axhline(floor, color=MUTED, linewidth=0.8, linestyle=(0, (1, 2)))
        left = min((p.at for _, points in curves for p in points), default=0.01)
        _percent_axis(axes, "x", left * 0.93, 1.0)
        _percent_axis(axes, "y", floor * 0.85, 1.0, nought=floor)
        axes.set_xlabel("FPIR: searches for people not enrolled that show somebody")
        axes.set_ylabel("FNIR: mate not at rank 1 above the threshold")
        _legend(axes, len(curves), loc="upper right")
        return render_svg(figure, name="det", title="Detection error trade-off: FNIR against FPIR")


def plot_discard(curves: Sequence[tuple[str, DiscardCurve]], *, name: str) -> Markup:
    """Return FNIR against the share of probes refused, with bands, and dotted what a perfect quality score would do."""
    with drawing(7.2, 3.8) as figure:
        axes = figure.subplots()
        top = 0.0
        for place, (pack, curve) in enumerate(curves):
            style = style_of(place)
            shown = [point for point in curve.points if point.fnir.value is not None]
            at = [point.fraction for point in shown]
            _band(axes, at, [(p.fnir.lower, p.fnir.upper) for p in shown], style.colour)
            values = [p.fnir.value or 0.0 for p in shown]
            axes.plot(at, values, color=style.colour, linestyle=style.line, label=pack)
            marked = [place for place, fraction in enumerate(at) if round(fraction * 100) in (0, 5, 10, 20)]
            axes.plot(
                [at[m] for m in marked], [values[m] for m in marked], style.marker, color=style.colour, linestyle="none"
            )
            axes.plot(at, [p.ideal for p in shown], color=style.colour, linestyle=(0, (1, 3)), linewidth=1.1)
            top = max(top, *(p.fnir.upper for p in shown if p.fraction <= 0.2))
        axes.set_xlim(0, 0.5)
        axes.set_ylim(0, min(1.0, top * 1.08 + 0.002))
        axes.xaxis.set_major_formatter(FuncFormatter(_say_percent))
        axes.yaxis.set_major_formatter(FuncFormatter(_say_percent))
        axes.set_xlabel("probes refused, lowest UnifiedQualityScore first")
        axes.set_ylabel("FNIR of the probes left")
        axes.plot([], [], color=MUTED, linestyle=(0, (1, 3)), linewidth=1.1, label="a perfect quality score")
        _legend(axes, len(curves) + 1, loc="upper right")
        return render_svg(figure, name=name, title="Error versus discard: FNIR as the worst probes are refused")


def _band(
    axes: Axes, at: Sequence[float], interval: Sequence[tuple[float, float]], colour: str, *, step: bool = False
) -> None:
    """Draw a faint band with thin edges, so that bands that overlap can still be told apart."""
    lower, upper = [low for low, _ in interval], [high for _, high in interval]
    axes.fill_between(at, lower, upper, color=colour, alpha=0.08, linewidth=0, step="post" if step else None)
    for edge in (lower, upper):
        axes.plot(at, edge, color=colour, linewidth=0.7, alpha=0.55, drawstyle="steps-post" if step else "default")


def _say_percent(value: float, _place: float) -> str:
    return f"{value * 100:.4g} %"


def _legend(axes: Axes, entries: int, *, loc: Literal["lower right", "upper right"]) -> None:
    if entries > 1:
        axes.legend(loc=loc)


def _percent_axis(axes: Axes, which: str, low: float, high: float, *, nought: float | None = None) -> None:
    least = low if nought is None else nought * 1.25
    ticks = [tick for tick in _PERCENT_TICKS if least <= tick <= high]
    names = [f"{tick * 100:g} %" for tick in ticks]
    if nought is not None:
        ticks, names = [nought, *ticks], ["0", *names]
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(_say_percent))
    (axes.set_xticks if which == "x" else axes.set_yticks)(ticks, names)
    (axes.set_xlim if which == "x" else axes.set_ylim)(low, high * 1.04)
