"""A decoded picture becomes pixels: whole lines, square pixels, the right colours, upright.

The same picture gives the same pixels on every processor, since its digest is its name.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

import av
import numpy as np
from av.filter import Graph
from av.video.frame import VideoFrame as Picture
from numpy.typing import NDArray

from semblance.faces.video.frame import MAX_FRAME_PIXELS
from semblance.faces.video.high_range import Transfer, render_standard
from semblance.faces.video.opening import check_pixels
from semblance.messages.message import Message
from semblance.terms.samples import QuarterTurn

_EXACT: Final = "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp+bitexact"
_MATRICES: Final = {1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020", 10: "bt2020"}
"""Names of the matrices of ITU-T H.273, table 4."""
_UNSTATED: Final = 2
_FULL: Final = 2
_TRANSFERS: Final = {16: Transfer.PQ, 18: Transfer.HLG}
_WIDE_PRIMARIES: Final = 9
_LEAST_LINES: Final = 16
"""Fewer lines are not worth telling fields apart in, and the filter takes none."""
_WIDEST_ASPECT: Final = 4


@dataclass(slots=True)
class Renderer:
    """Renders pictures of one stream; ``notes`` gathers what had to be done to them, each once."""

    name: str
    aspect: Fraction = Fraction(1)
    """Width of a pixel over its height, as the file says."""
    notes: dict[str, Message] = field(default_factory=dict)
    _graph: "_Graph | None" = None

    def render(self, picture: Picture, before: Picture | None, after: Picture | None) -> NDArray[np.uint8]:
        """Return the picture's pixels, shape (height, width, 3), RGB, upright, in its own full size.

        Its neighbours are looked at where it is interlaced. Raises VideoTooLarge.
        """
        check_pixels(picture.width, picture.height, self.name)
        turn, mirrored = find_turn(picture)
        if picture.interlaced_frame and picture.height >= _LEAST_LINES:
            picture = _fill_lines(picture, before, after)
            self._say(Message("video.interlaced", "interlaced: the lines between were filled in for each picture"))
        transfer = find_transfer(picture)
        if transfer is None:
            pixels = self._graph_for(picture, "rgb24").run(picture).astype(np.uint8, copy=False)
        else:
            pixels = render_standard(
                self._graph_for(picture, "rgb48le").run(picture).astype(np.uint16, copy=False), transfer
            )
            if transfer is Transfer.WIDE:
                self._say(Message("video.wide-gamut", "colours of a wide gamut were brought into the standard one"))
            else:
                self._say(
                    Message(
                        "video.high-range",
                        "high dynamic range ({transfer}) was brought into the standard range: the brightest parts lose "
                        "contrast",
                        transfer=transfer,
                    )
                )
        if mirrored:
            pixels = pixels[:, ::-1]
            self._say(Message("video.mirrored", "shown mirrored, as the file asks for"))
        return np.ascontiguousarray(np.rot90(pixels, -(turn // 90)))

    def _graph_for(self, picture: Picture, wanted: str) -> "_Graph":
        key = (picture.format.name, picture.width, picture.height, picture.colorspace, picture.color_range, wanted)
        if self._graph is None or self._graph.key != key:
            self._graph = _Graph(key, self._square_pixels(picture.width, picture.height), picture)
        return self._graph

    def _square_pixels(self, width: int, height: int) -> tuple[int, int]:
        aspect = self.aspect
        if aspect == 1:
            return width, height
        # nothing is made smaller: what is too narrow becomes wider, what is too low becomes higher
        size = (round(width * aspect), height) if aspect > 1 else (width, round(height / aspect))
        if not Fraction(1, _WIDEST_ASPECT) <= aspect <= _WIDEST_ASPECT or size[0] * size[1] > MAX_FRAME_PIXELS:
            self._say(
                Message(
                    "video.aspect-ignored",
                    "pixels would be {aspect:.3g} times as wide as high; that was ignored",
                    aspect=float(aspect),
                )
            )
            return width, height
        return size

    def _say(self, note: Message) -> None:
        self.notes.setdefault(note.identifier, note)


def find_transfer(picture: Picture) -> Transfer | None:
    """Return how the picture's light was written where that is not the standard range; None where it is."""
    found = _TRANSFERS.get(int(picture.color_trc))
    if found is None and int(picture.color_primaries) == _WIDE_PRIMARIES:
        return Transfer.WIDE
    return found


def find_turn(picture: Picture) -> tuple[QuarterTurn, bool]:
    """Return the clockwise turn that the file asks for, after which it may ask to be mirrored first.

    A turn by anything but quarters is left out.
    """
    data: Any = picture.side_data.get("DISPLAYMATRIX")
    if data is None:
        return 0, False
    a, b, _, c, d = (value / 65536 for value in np.frombuffer(bytes(data), np.int32)[:5])
    mirrored = a * d - b * c < 0
    if mirrored:
        # the matrix mirrors first when its first row is turned round
        a, b = -a, -b
    turns: dict[tuple[int, int], QuarterTurn] = {(1, 0): 0, (0, 1): 90, (-1, 0): 180, (0, -1): 270}
    return turns.get((round(a), round(b)), 0), mirrored


def _fill_lines(picture: Picture, before: Picture | None, after: Picture | None) -> Picture:
    """Return the picture with both fields made whole, from it and its neighbours alone."""
    graph = Graph()
    graph.threads = 1
    source = graph.add("buffer", _describe(picture))
    sink = graph.add("buffersink")
    graph.link_nodes(source, graph.add("bwdif", "mode=send_frame:parity=auto:deint=interlaced"), sink).configure()
    whole = None
    for part in (before, picture, after):
        if part is not None and _describe(part) == _describe(picture):
            graph.vpush(part)
    graph.vpush(None)
    wanted = _tell_time(picture)
    while True:
        try:
            made = graph.vpull()
        except (av.error.BlockingIOError, EOFError):
            break
        if whole is None or _tell_time(made) == wanted:
            whole = made
    return picture if whole is None else whole


def _tell_time(picture: Picture) -> Fraction | None:
    return None if picture.pts is None or picture.time_base is None else picture.pts * picture.time_base


def _describe(picture: Picture) -> str:
    base = picture.time_base
    assert base is not None
    return (
        f"video_size={picture.width}x{picture.height}:pix_fmt={picture.format.name}:"
        f"time_base={base.numerator}/{base.denominator}:pixel_aspect=1/1:"
        f"colorspace={int(picture.colorspace)}:range={int(picture.color_range)}"
    )


class _Graph:
    """The way of pictures of one kind to RGB."""

    def __init__(self, key: tuple[object, ...], size: tuple[int, int], picture: Picture) -> None:
        self.key = key
        graph = Graph()
        graph.threads = 1
        matrix = _MATRICES.get(int(picture.colorspace)) or ("bt709" if picture.height >= 720 else "smpte170m")
        full = int(picture.color_range) == _FULL or picture.format.name.startswith("yuvj")
        scale = (
            f"{size[0]}:{size[1]}:in_color_matrix={matrix}:in_range={'pc' if full else 'tv'}:"
            f"out_range=pc:flags={_EXACT}"
        )
        nodes = (
            graph.add("buffer", _describe(picture)),
            graph.add("scale", scale),
            graph.add("format", f"pix_fmts={key[-1]}"),
            graph.add("buffersink"),
        )
        graph.link_nodes(*nodes).configure()
        self._graph = graph

    def run(self, picture: Picture) -> NDArray[Any]:
        self._graph.vpush(picture)
        return self._graph.vpull().to_ndarray()
