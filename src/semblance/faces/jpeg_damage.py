"""What a JPEG lacks: its end, rows that were never sent, detail that was to follow; told where Pillow keeps quiet.

Pixels stay Pillow's: here only the warnings of libjpeg are read, from a decoding to an eighth of the size.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from semblance.faces.flaws import END_MISSING
from semblance.messages.message import Message, quote_text

END: Final = b"\xff\xd9"
"""The end marker of a JPEG."""

_FRAMES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_SCAN: Final = 0xDA
_END: Final = 0xD9
_MARKER: Final = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]", re.DOTALL)
"""Those that stand between data or carry none are left out."""

_UNDECODED: Final = 128
"""What libjpeg leaves where it has no data: no coefficient, which is mid-grey."""

_BLOCK: Final = 8
_PROFILE: Final = b"ICC_PROFILE\0"
_WARNINGS: Final = ("Corrupt JPEG data", "Premature end of JPEG file", "Inconsistent progression", "Invalid SOS")


@dataclass(frozen=True, slots=True)
class JpegDamage:
    """What is wrong with a JPEG that can be decoded all the same.

    ``ends_early``: it lacks its end marker, without which Pillow does not decode it. ``first_row``: from this row of
    the picture as it is stored the pixels are not, or not all, those of the photo; None where none is known to be so.
    """

    note: Message
    ends_early: bool
    first_row: int | None = None


@dataclass(frozen=True, slots=True)
class _Scan:
    """What one scan sends: of which components, which coefficients, down to which bit; its data begin at ``place``."""

    place: int
    components: frozenset[int]
    first: int
    last: int
    precision: int


@dataclass(frozen=True, slots=True)
class _Structure:
    """What the markers say (ITU-T T.81, annex B).

    ``unit``: how many rows of blocks stand in one row of the units that are sent. ``ended``: the end marker is there.
    """

    components: frozenset[int]
    unit: int
    scans: tuple[_Scan, ...]
    ended: bool


def find_damage(data: bytes) -> JpegDamage | None:
    """Return what libjpeg has to say against a JPEG, None where nothing; bytes that it cannot decode are not judged.

    Raises ValueError where no row of the picture is there.
    """
    # colour profiles are judged elsewhere; of a damaged one libjpeg would speak instead of the picture
    data = data.replace(_PROFILE, bytes(len(_PROFILE)))
    warning = _find_warning(data)
    if warning is None:
        return None
    structure = _read_structure(data)
    whole = data if structure.ended else data + END
    if not structure.ended and _is_complete(structure) and _find_warning(whole) is None:
        return JpegDamage(END_MISSING, ends_early=True)
    first = _find_grey(_shrink(whole, strict=False)[..., -1], structure.unit)
    if first == 0:
        raise ValueError("it breaks off before the first row of the picture")
    if not structure.ended and not _is_complete(structure):
        first = 0
    elif not structure.ended and len(structure.scans) > 1:
        # rows are sent several times, each time with more detail
        first = _find_unrefined(whole, structure.scans[-1].place)
    if first is None:
        note = Message("photo.jpeg-warning", "the decoder warns of damage: {warning}", warning=quote_text(warning))
        return JpegDamage(note, ends_early=not structure.ended)
    note = Message("photo.cut-short", "the picture is incomplete: from row {row} on it is missing or coarse", row=first)
    return JpegDamage(note, ends_early=not structure.ended, first_row=first)


def _find_warning(data: bytes) -> str | None:
    try:
        _shrink(data, strict=True)
    except ValueError as error:
        text = str(error)
        return text if text.startswith(_WARNINGS) else None
    return None


def _shrink(data: bytes, *, strict: bool) -> NDArray[np.uint8]:
    """Decode to an eighth of the size, so that one value stands for each block."""
    frame = next((segment for _, marker, segment in _iterate_segments(data) if marker in _FRAMES), b"")
    colours = "CMYK" if frame[5:6] == b"\x04" else "GRAY"
    small: NDArray[np.uint8] = simplejpeg.decode_jpeg(
        data, colours, fastdct=True, fastupsample=True, min_height=1, min_width=1, strict=strict
    )
    return small


def _find_grey(blocks: NDArray[np.uint8], unit: int) -> int | None:
    """Return the first row of pixels from which blocks are undecoded, None where the last block is decoded.

    ``unit``: how many rows of blocks are sent at once; in the last of these that has anything the end may be missing.
    """
    sent = np.flatnonzero((blocks != _UNDECODED).any(axis=1))
    if not sent.size:
        return 0
    last = int(sent[-1]) // unit * unit
    if (blocks[last : last + unit, -1] != _UNDECODED).any():
        last += unit
    return last * _BLOCK if last < len(blocks) else None


def _find_unrefined(whole: bytes, last_scan: int) -> int:
    """Return the first row that the last scan did not reach, as far as its changes to the picture show.

    ``last_scan`` is where its data begin: compared is what libjpeg makes of the scan with and without any.
    """
    refined, before = (simplejpeg.decode_jpeg(data, "RGB", strict=False) for data in (whole, whole[:last_scan] + END))
    for row in range(len(refined) - 1, -1, -1):
        if (refined[row] != before[row]).any():
            return row // _BLOCK * _BLOCK
    return 0


def _is_complete(structure: _Structure) -> bool:
    """Return whether scans with all detail of all components were begun."""
    sent: dict[int, set[int]] = {component: set() for component in structure.components}
    for scan in structure.scans:
        if scan.precision == 0:
            for component in scan.components & sent.keys():
                sent[component].update(range(scan.first, scan.last + 1))
    return bool(sent) and all(len(coefficients) == _BLOCK * _BLOCK for coefficients in sent.values())


def _read_structure(data: bytes) -> _Structure:
    components: frozenset[int] = frozenset()
    unit, scans, ended = 1, list[_Scan](), False
    for place, marker, segment in _iterate_segments(data):
        if marker == _END:
            ended = True
        elif marker in _FRAMES and len(segment) > 5:
            listed = segment[6 : 6 + 3 * segment[5]]
            components = frozenset(listed[::3])
            unit = max((factors & 0x0F for factors in listed[1::3]), default=1) or 1
        elif marker == _SCAN and segment and len(segment) >= 4 + 2 * segment[0]:
            count = segment[0]
            first, last, precision = segment[1 + 2 * count : 4 + 2 * count]
            scans.append(
                _Scan(
                    place + 4 + len(segment), frozenset(segment[1 : 1 + 2 * count : 2]), first, last, precision & 0x0F
                )
            )
    return _Structure(components, unit, tuple(scans), ended)


def _iterate_segments(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Give where each segment begins, its marker and what it holds, up to the end marker."""
    place = 2
    while found := _MARKER.search(data, place):
        place, marker = found.start(), found[0][1]
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        yield place, marker, data[place + 4 : place + 2 + length]
        if marker == _END:
            return
        place += 2 + max(length, 2)
