"""Which photo format some bytes are in, told from their first bytes and never from a file's name."""

from enum import StrEnum
from pathlib import PurePath
from typing import Final

from semblance.messages.message import Message


class PhotoFormat(StrEnum):
    """The formats that Semblance reads, by the names people know them by."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WebP"
    TIFF = "TIFF"
    BMP = "BMP"
    GIF = "GIF"
    JPEG_2000 = "JPEG 2000"
    HEIC = "HEIC"
    AVIF = "AVIF"


_JP2_SIGNATURE: Final = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
_CODESTREAM_SIGNATURE: Final = b"\xff\x4f\xff\x51"

_SIGNATURES: Final = (
    (b"\xff\xd8\xff", PhotoFormat.JPEG),
    (b"\x89PNG\r\n\x1a\n", PhotoFormat.PNG),
    (b"II*\x00", PhotoFormat.TIFF),
    (b"MM\x00*", PhotoFormat.TIFF),
    (b"II+\x00", PhotoFormat.TIFF),
    (b"MM\x00+", PhotoFormat.TIFF),
    (b"GIF87a", PhotoFormat.GIF),
    (b"GIF89a", PhotoFormat.GIF),
    (_JP2_SIGNATURE, PhotoFormat.JPEG_2000),
    (_CODESTREAM_SIGNATURE, PhotoFormat.JPEG_2000),
)

_EXTENSIONS: Final = {
    PhotoFormat.JPEG: {".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"},
    PhotoFormat.PNG: {".png", ".apng"},
    PhotoFormat.WEBP: {".webp"},
    PhotoFormat.TIFF: {".tif", ".tiff"},
    PhotoFormat.BMP: {".bmp", ".dib"},
    PhotoFormat.GIF: {".gif"},
    PhotoFormat.JPEG_2000: {".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx"},
    PhotoFormat.HEIC: {".heic", ".heif", ".hif", ".heics", ".heifs"},
    PhotoFormat.AVIF: {".avif", ".avifs", ".heif"},
}

_HEVC_BRANDS: Final = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_AV1_BRANDS: Final = {b"avif", b"avis"}
_CONTAINER_BRANDS: Final = {b"mif1", b"mif2", b"msf1", b"miaf", b"MiHE", b"MiHB", b"MiHA"}

OTHER_FRAMES: Final = frozenset(
    f"photo.{name}" for name in ("first-frame", "first-page", "primary-image", "first-of-frames", "not-the-still")
)
"""The notes which say that a photo is one picture of several in its file."""

FORMATS_READ: Final = Message("photo.formats-read", "JPEG, PNG, WebP, TIFF, BMP, GIF, JPEG 2000, HEIC and AVIF")
RAW_FILE: Final = Message("content.raw-file", "a camera's raw file")
_ARCHIVE: Final = Message("content.archive", "a compressed archive")
_OFFICE: Final = Message("content.office", "an office document")
_PROGRAM: Final = Message("content.program", "a program")
_SOUND: Final = Message("content.sound", "a sound file")
_VIDEO: Final = Message("content.video", "a video")
_ZIP: Final = Message("content.zip", "a ZIP archive or an office document")
_JPEG_XL: Final = Message("content.jpeg-xl", "a JPEG XL image")
_UNKNOWN: Final = Message("content.unknown", "nothing that Semblance knows")

_OTHER_CONTENT: Final = (
    (b"%PDF", Message("content.pdf", "a PDF document")),
    (b"%!PS", Message("content.postscript", "a PostScript document")),
    (b"8BPS", Message("content.photoshop", "a Photoshop document")),
    (b"\xff\x0a", _JPEG_XL),
    (b"\x00\x00\x00\x0cJXL ", _JPEG_XL),
    (b"PK\x03\x04", _ZIP),
    (b"PK\x05\x06", _ZIP),
    (b"\x1f\x8b", _ARCHIVE),
    (b"7z\xbc\xaf", _ARCHIVE),
    (b"Rar!", _ARCHIVE),
    (b"\xd0\xcf\x11\xe0", _OFFICE),
    (b"\x1a\x45\xdf\xa3", _VIDEO),
    (b"\x00\x00\x01\xba", _VIDEO),
    (b"\x00\x00\x01\xb3", _VIDEO),
    (b"FLV\x01", _VIDEO),
    (b"\x30\x26\xb2\x75", _VIDEO),
    (b"OggS", Message("content.ogg", "a sound or video file")),
    (b"ID3", _SOUND),
    (b"\x00\x00\x01\x00", Message("content.icon", "an icon")),
    (b"FUJIFILM", RAW_FILE),
    (b"IIU\x00", RAW_FILE),
    (b"IIRO", RAW_FILE),
    (b"\x7fELF", _PROGRAM),
    (b"MZ", _PROGRAM),
    (b"SQLite format 3\x00", Message("content.database", "a database")),
)

_BMP_HEADER_SIZES: Final = {12, 16, 40, 52, 56, 64, 108, 124}


def recognise_format(data: bytes) -> PhotoFormat | None:
    """Return the format that the bytes claim to be in, or None where it is none that Semblance reads.

    Only signatures are looked at: a format returned here is no promise that the bytes can be decoded.
    """
    for signature, photo_format in _SIGNATURES:
        if data.startswith(signature):
            return photo_format
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return PhotoFormat.WEBP
    if data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in _BMP_HEADER_SIZES:
        return PhotoFormat.BMP
    if data[4:8] == b"ftyp":
        return _recognise_iso_media(data)
    return None


def describe_content(data: bytes) -> Message:
    """Return what bytes that are no photo seem to be, as a noun with its article."""
    for signature, noun in _OTHER_CONTENT:
        if data.startswith(signature):
            return noun
    if data[4:8] == b"ftyp":
        return RAW_FILE if data[8:12] == b"crx " else _VIDEO
    if data[4:8] in (b"moov", b"mdat"):
        return _VIDEO
    if data[:4] == b"RIFF":
        return _VIDEO if data[8:12] == b"AVI " else _SOUND
    return _describe_text(data[:4096])


def contradict_name(name: str, photo_format: PhotoFormat) -> Message | None:
    """Return a note where the name's ending promises another known format, else None."""
    ending = PurePath(name).suffix.lower()
    if ending in _EXTENSIONS[photo_format] or not any(ending in endings for endings in _EXTENSIONS.values()):
        return None
    return Message(
        "photo.other-ending",
        "the name ends in {ending}, but the content is {format}",
        ending=ending,
        format=photo_format,
    )


def media_type(photo_format: PhotoFormat, data: bytes) -> str:
    """Return the registered media type of bytes in that format."""
    if photo_format is PhotoFormat.JPEG_2000:
        return "image/j2c" if data.startswith(_CODESTREAM_SIGNATURE) else "image/jp2"
    return f"image/{photo_format.value.lower()}"


def _recognise_iso_media(data: bytes) -> PhotoFormat | None:
    """Tell HEIC, AVIF and videos apart by the brands of the file type box (ISO/IEC 14496-12, 4.3)."""
    length = min(int.from_bytes(data[:4], "big"), 512)
    brands = {data[start : start + 4] for start in (8, *range(16, length - 3, 4))}
    major = data[8:12]
    if major in _AV1_BRANDS or (major in _CONTAINER_BRANDS and brands & _AV1_BRANDS):
        return PhotoFormat.AVIF
    if major in _HEVC_BRANDS or major in _CONTAINER_BRANDS:
        return PhotoFormat.HEIC
    return None


def _describe_text(start: bytes) -> Message:
    stripped = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in stripped:
        return Message("content.svg", "an SVG drawing")
    if stripped.startswith((b"<!doctype html", b"<html")):
        return Message("content.web-page", "a web page")
    if b"\x00" in start:
        return _UNKNOWN
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        # A cut in the middle of the last character is still text.
        if error.start < len(start) - 4 or len(start) < 4096:
            return _UNKNOWN
    return Message("content.text", "text")
