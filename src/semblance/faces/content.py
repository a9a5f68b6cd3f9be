"""What some bytes are, photo, video or archive, told from their beginning and never from a file's name."""

from typing import Final

from semblance.faces.formats import media_type, recognise_format

ARCHIVE: Final = "application/zip"

_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_MATROSKA: Final = b"\x1a\x45\xdf\xa3"
_WEBM: Final = b"webm"
_DOCUMENT_TYPE: Final = 64
"""Within so many bytes of EBML's header stands what kind of document it is (RFC 9559, 5.1.1)."""
_ISO_BOXES: Final = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
"""What a QuickTime file begins with where it does not say its brands."""


def recognise_media(start: bytes) -> str | None:
    """Return the media type of what begins with these bytes, None where it is no photo, no video and no zip file.

    Only signatures are looked at: it may be damaged, or hold sound alone. A video's is video/mp4, video/quicktime,
    video/matroska, video/webm or video/x-msvideo.
    """
    if start.startswith(_ZIP):
        return ARCHIVE
    photo = recognise_format(start)
    if photo is not None:
        return media_type(photo, start)
    if start[4:8] == b"ftyp":
        brand = start[8:12]
        if brand == b"crx ":
            return None
        return "video/quicktime" if brand == b"qt  " else "video/mp4"
    if start[4:8] in _ISO_BOXES:
        return "video/quicktime"
    if start.startswith(_MATROSKA):
        return "video/webm" if _WEBM in start[:_DOCUMENT_TYPE] else "video/matroska"
    if start[:4] == b"RIFF" and start[8:12] == b"AVI ":
        return "video/x-msvideo"
    return None
