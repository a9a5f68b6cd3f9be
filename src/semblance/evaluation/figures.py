"""How every plot looks: colours that CSS sets, text that stays text, identifiers that do not clash on one page."""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

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


def render_svg(figure: Figure, *, name: str, title: str) -> str:
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
    return text.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


def spread(places: int, width: float = 0.5) -> Sequence[float]:
    """Return offsets, centred on 0, that keep the marks of several packs beside each other."""
    if places == 1:
        return [0.0]
    return [-width / 2 + width * place / (places - 1) for place in range(places)]
