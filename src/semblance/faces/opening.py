"""Opening a photo: its size, frames and colours are known afterwards, but no pixel has been decoded yet.

Pillow's plugins are called directly and not through ``Image.open``: that guesses the format again, and warns about
large photos through the process-wide warning filters, which no thread may change while others are decoding.
"""

import contextlib
import ctypes
import io
import re
import struct
import warnings
from typing import Final

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
    _imaging,
)

from semblance.faces.formats import RAW_FILE, PhotoFormat
from semblance.messages.message import Message, quote_text


def silence_image_libraries() -> None:
    """Ignore Pillow's warnings, and stop libtiff from printing errors that Pillow raises anyway."""
    warnings.filterwarnings("ignore", module=r"PIL\.")
    # Pillow offers no way to say this; the symbol is found through its extension's own dependencies. A build without
    # libtiff, or with one that hides its symbols, has nothing to silence or cannot be silenced.
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(str(_imaging.__file__))
        for name in ("TIFFSetErrorHandler", "TIFFSetWarningHandler"):
            set_handler = getattr(library, name)
            set_handler.argtypes, set_handler.restype = [ctypes.c_void_p], ctypes.c_void_p
            set_handler(None)


silence_image_libraries()

_PLUGINS: Final[dict[PhotoFormat, type[ImageFile.ImageFile]]] = {
    PhotoFormat.JPEG: JpegImagePlugin.JpegImageFile,
    PhotoFormat.PNG: PngImagePlugin.PngImageFile,
    PhotoFormat.WEBP: WebPImagePlugin.WebPImageFile,
    PhotoFormat.TIFF: TiffImagePlugin.TiffImageFile,
    PhotoFormat.BMP: BmpImagePlugin.BmpImageFile,
    PhotoFormat.GIF: GifImagePlugin.GifImageFile,
    PhotoFormat.JPEG_2000: Jpeg2KImagePlugin.Jpeg2KImageFile,
    PhotoFormat.AVIF: AvifImagePlugin.AvifImageFile,
}

_NEW_SUBFILE_TYPE: Final = 254
_DNG_VERSION: Final = 50706
_LARGEST_COMPONENTS: Final = 4
_AVIF_EXIF_ITEM: Final = re.compile(rb"(infe.{8})Exif", re.DOTALL)
_VARIANTS_NOT_READ: Final = (
    "cannot handle",
    "unknown pixel mode",
    "unsupported",
    "unable to determine j2k image mode",
    "decoder ",
)


class VariantNotRead(ValueError):
    """The bytes are whole, but of a variant of their format that Semblance does not read; ``variant`` names it."""

    def __init__(self, variant: Message) -> None:
        super().__init__(variant)
        self.variant = variant


def peek_size(data: bytes, photo_format: PhotoFormat) -> tuple[int, int] | None:
    """Return width and height as a header states them, where a decoder would take memory before telling them.

    WebP: the canvas is allocated on opening. JPEG 2000: the codestream may be larger than the box around it says.
    None for the other formats and where the header is not where it should be.
    """
    try:
        if photo_format is PhotoFormat.WEBP:
            return _peek_webp(data)
        if photo_format is PhotoFormat.JPEG_2000:
            return _peek_codestream(data)
    except struct.error:
        return None
    return None


def open_photo(data: bytes, photo_format: PhotoFormat) -> Image.Image:
    """Return the photo opened but not decoded; for HEIC, turned upright by its own transformations.

    Raises VariantNotRead, and whatever the library at hand raises for damaged bytes.
    """
    if photo_format is PhotoFormat.HEIC:
        # Imported when the first such photo comes: it brings a large library that most nodes never need.
        from pillow_heif.as_plugin import HeifImageFile

        heic: Image.Image = HeifImageFile(io.BytesIO(data), "")  # type: ignore[no-untyped-call]
        return heic
    try:
        image = _PLUGINS[photo_format](io.BytesIO(data), "")
    except ValueError as error:
        if photo_format is not PhotoFormat.AVIF or "exif" not in str(error).lower():
            raise
        return _open_avif_without_exif(data)
    except (SyntaxError, OSError) as error:
        if str(error).lower().startswith(_VARIANTS_NOT_READ):
            raise VariantNotRead(quote_text(str(error))) from error
        raise
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        _refuse_raw(image, data)
    return image


def describe_frames(image: Image.Image, photo_format: PhotoFormat) -> Message | None:
    """Return a note where the file holds more than the one image that is used, else None."""
    if photo_format in (PhotoFormat.GIF, PhotoFormat.TIFF):
        # These formats do not state a number; counting would read the whole file, however long.
        try:
            several = bool(getattr(image, "is_animated", False))
        except (EOFError, SyntaxError, OSError, ValueError, TypeError, struct.error):
            several = False
        if not several:
            return None
        if photo_format is PhotoFormat.GIF:
            return Message("photo.first-frame", "animated; its first frame is used")
        return Message("photo.first-page", "its first page is used")
    count = int(getattr(image, "n_frames", 1))
    if count < 2:
        return None
    if photo_format is PhotoFormat.HEIC:
        return Message("photo.primary-image", "holds {n} images; the one marked as primary is used", n=count)
    if _has_still(image):
        return Message(
            "photo.not-the-still",
            "animated; the first of its {n} frames is used, not the still picture beside them",
            n=count - 1,
        )
    return Message("photo.first-of-frames", "animated; the first of its {n} frames is used", n=count)


def leave_still(image: Image.Image) -> None:
    """Go on to the first frame of an animation that has a still picture beside it, for programs that show no animation.

    What people see is the animation.
    """
    if _has_still(image):
        image.seek(1)


def _has_still(image: Image.Image) -> bool:
    return isinstance(image, PngImagePlugin.PngImageFile) and bool(image.default_image) and image.n_frames > 1


def _open_avif_without_exif(data: bytes) -> Image.Image:
    """Open an AVIF whose damaged EXIF makes its decoder give up, by hiding that item (ISO/IEC 23008-12, A.2.1)."""
    image = AvifImagePlugin.AvifImageFile(io.BytesIO(_AVIF_EXIF_ITEM.sub(rb"\1skip", data)), "")
    image.info.setdefault("exif", b"damaged")
    return image


def _refuse_raw(image: TiffImagePlugin.TiffImageFile, data: bytes) -> None:
    """Refuse camera raw files that pass for TIFF: their first image is a thumbnail, not the photo."""
    tags = image.tag_v2
    subfile_type = tags.get(_NEW_SUBFILE_TYPE, 0)
    reduced = isinstance(subfile_type, int) and bool(subfile_type & 1)
    if reduced or _DNG_VERSION in tags or data[8:10] == b"CR":
        raise VariantNotRead(RAW_FILE)


def _peek_webp(data: bytes) -> tuple[int, int] | None:
    chunk = data[12:16]
    if chunk == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if chunk == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _peek_codestream(data: bytes) -> tuple[int, int] | None:
    """Read the image and tile size segment (ITU-T T.800, A.5.1)."""
    start = data.find(b"\xff\x4f\xff\x51")
    if start < 0:
        return None
    right, bottom, left, top = struct.unpack_from(">IIII", data, start + 8)
    (components,) = struct.unpack_from(">H", data, start + 40)
    if components > _LARGEST_COMPONENTS:
        raise VariantNotRead(Message("photo.many-channels", "JPEG 2000 with {n} channels", n=components))
    return max(0, right - left), max(0, bottom - top)
