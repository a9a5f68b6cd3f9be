"""The faces of tracks as one picture to look at: a row a track, with its number, and the time under each face."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from semblance.faces.pictures import encode_jpeg

ROWS_CAP: Final = 400
"""No picture has more rows: higher ones cannot be written as a JPEG."""
_SIDE: Final = 128
_LINE: Final = 20
_NAMES: Final = 90
_QUALITY: Final = 90


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A track: what stands before it, and its faces as JPEGs, each with what stands under it."""

    name: str
    faces: Sequence[tuple[bytes, str]]


def draw_track_sheet(rows: Sequence[SheetRow]) -> bytes:
    """Return the rows as a JPEG; raises ValueError where there are none, or more than ``ROWS_CAP``."""
    if not 0 < len(rows) <= ROWS_CAP:
        raise ValueError(f"{len(rows)} rows make no sheet")
    columns, high = max(len(row.faces) for row in rows), _SIDE + _LINE
    sheet = Image.new("RGB", (_NAMES + max(1, columns) * _SIDE, len(rows) * high), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=14)
    for line, row in enumerate(rows):
        draw.text((8, line * high + 8), row.name, font=font, fill="black")
        for place, (picture, words) in enumerate(row.faces):
            left = _NAMES + place * _SIDE
            with Image.open(io.BytesIO(picture)) as face:
                sheet.paste(face.convert("RGB").resize((_SIDE, _SIDE)), (left, line * high))
            draw.text((left + 4, line * high + _SIDE), words, font=font, fill="black")
    return encode_jpeg(sheet, quality=_QUALITY)
