"""What is wrong with a photo's file although its decoder says nothing."""

import struct
import zlib
from typing import Final

from semblance.faces.formats import PhotoFormat
from semblance.messages.message import Message

END_MISSING: Final = Message("photo.end-missing", "the file lacks its end marker; nothing of the picture is missing")


def find_flaws(data: bytes, photo_format: PhotoFormat) -> list[Message]:
    """Return what a file's own checksums and end say; JPEG has none of them and is asked about elsewhere."""
    return _find_png_flaws(data) if photo_format is PhotoFormat.PNG else []


def _find_png_flaws(data: bytes) -> list[Message]:
    """Compare the checksum of each chunk (ISO/IEC 15948, 5.3): Pillow does not do it for those with the pixels."""
    view, place, wrong, ended = memoryview(data), 8, 0, False
    while not ended and place + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, place)
        end = place + 8 + length
        if end + 4 > len(data):
            break
        wrong += zlib.crc32(view[place + 4 : end]) != int.from_bytes(view[end : end + 4], "big")
        ended = data[place + 4 : place + 8] == b"IEND"
        place = end + 4
    flaws = [] if ended else [END_MISSING]
    if wrong:
        changed = Message("photo.checksum", "{n} parts of the file have another checksum than they say", n=wrong)
        flaws.append(changed)
    return flaws
