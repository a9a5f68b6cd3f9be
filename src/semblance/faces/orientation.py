"""Which way up a photo is, and turning it upright (CIPA DC-008 EXIF 2.32, tag 274)."""

import re
import struct
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from semblance.messages.message import Message
from semblance.terms.samples import Box, QuarterTurn

_ORIENTATION_TAG: Final = 0x0112
_SHORT: Final = 3
UPRIGHT: Final = 1
_EXIF_PREFIX: Final = b"Exif\x00\x00"
_XMP_ORIENTATION: Final = re.compile(rb"tiff:Orientation(?:=[\"']|>)\s*([0-9]+)")
"""In an XMP packet (Adobe XMP part 2)."""


_DAMAGED: Final = Message("photo.exif-damaged", "the EXIF block is damaged and was ignored")


class DamagedExif(ValueError):
    """The EXIF block cannot be read as far as the orientation; ``note`` says so of the photo."""

    def __init__(self, note: Message) -> None:
        super().__init__(note)
        self.note = note


def find_orientation(metadata: Mapping[Any, Any]) -> int:
    """Return the orientation, 1 to 8, that the metadata of an opened photo name, EXIF before XMP; 1 where none does.

    Raises DamagedExif.
    """
    exif, xmp = _find_exif(metadata), metadata.get("xmp")
    orientation = read_orientation(exif) if exif is not None else None
    if orientation is None and isinstance(xmp, bytes):
        found = _XMP_ORIENTATION.search(xmp)
        orientation = _checked(int(found.group(1)[:3])) if found else None
    return orientation or UPRIGHT


def _find_exif(metadata: Mapping[Any, Any]) -> bytes | None:
    exif = metadata.get("exif")
    if isinstance(exif, bytes) and exif:
        return exif
    # Where ImageMagick puts EXIF into PNG: a name, a length, then hexadecimal digits on many lines.
    text = metadata.get("Raw profile type exif")
    if isinstance(text, str):
        try:
            return bytes.fromhex("".join(text.split()[2:]))
        except ValueError:
            return b"damaged"
    return None


def read_orientation(exif: bytes) -> int | None:
    """Return the EXIF orientation, 1 to 8, or None where the block names none.

    Reads the first directory only, and of that only this one entry, so that damage elsewhere in the block (maker
    notes, thumbnails) does no harm. Raises DamagedExif where the block breaks off, is no EXIF block, or names an
    orientation that does not exist.
    """
    block = exif.removeprefix(_EXIF_PREFIX)
    byte_order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(block[:4])
    if byte_order is None:
        raise DamagedExif(_DAMAGED)
    try:
        (offset,) = struct.unpack_from(byte_order + "I", block, 4)
        (entries,) = struct.unpack_from(byte_order + "H", block, offset)
        for index in range(entries):
            tag, kind, count = struct.unpack_from(byte_order + "HHI", block, offset + 2 + 12 * index)
            if tag != _ORIENTATION_TAG:
                continue
            (value,) = struct.unpack_from(byte_order + "H", block, offset + 10 + 12 * index)
            if kind != _SHORT or count != 1:
                raise DamagedExif(
                    Message("photo.orientation-damaged", "the EXIF orientation is damaged and was ignored")
                )
            return _checked(int(value))
    except struct.error:
        raise DamagedExif(_DAMAGED) from None
    return None


def turn_upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Return the pixels as the photographer saw them; a view wherever numpy can give one.

    ``pixels``: shape (height, width, channels) as stored. ``orientation``: 1 to 8.
    """
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels


def turn_box(box: Box, size: tuple[int, int], orientation: int) -> Box:
    """Return where a part of the picture as stored, whose width and height are ``size``, lies in the upright photo."""
    (left, top, right, bottom), (width, height) = (box.left, box.top, box.right, box.bottom), size
    if orientation >= 5:
        left, top, right, bottom, width, height = top, left, bottom, right, height, width
    if orientation in (3, 4, 7, 8):
        top, bottom = height - bottom, height - top
    if orientation in (2, 3, 6, 7):
        left, right = width - right, width - left
    return Box(left, top, right, bottom)


_CLOCKWISE: Final = {1: 6, 6: 3, 3: 8, 8: 1, 2: 7, 7: 4, 4: 5, 5: 2}


def turn_further(orientation: int, turned: QuarterTurn) -> int:
    """Return the orientation, 1 to 8, that turns upright as ``orientation`` does and then clockwise by ``turned``."""
    for _ in range(turned // 90):
        orientation = _CLOCKWISE[orientation]
    return orientation


def _checked(value: int) -> int | None:
    if not UPRIGHT <= value <= 8:
        # 0 is what many programs write for "not known".
        if value == 0:
            return None
        raise DamagedExif(
            Message(
                "photo.orientation-unknown",
                "the EXIF block names the orientation {value}, which does not exist; it was ignored",
                value=value,
            )
        )
    return value
