"""From the bytes of a photo to upright sRGB pixels; every failure is an IntakeError that names the photo."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semblance.errors import DamagedImage, ImageTooLarge, IntakeError, UnsupportedImage
from semblance.faces.colour import render_srgb
from semblance.faces.decoded_size import MAX_DECODED_BYTES, count_decoded_bytes
from semblance.faces.flaws import find_flaws
from semblance.faces.formats import (
    FORMATS_READ,
    PhotoFormat,
    contradict_name,
    describe_content,
    media_type,
    recognise_format,
)
from semblance.faces.jpeg_damage import END, find_damage
from semblance.faces.opening import VariantNotRead, describe_frames, leave_still, open_photo, peek_size
from semblance.faces.orientation import UPRIGHT, DamagedExif, find_orientation, turn_box, turn_upright
from semblance.faces.photo import MAX_PIXELS, Photo
from semblance.messages.message import Message, quote_text
from semblance.terms.ids import digest_bytes
from semblance.terms.samples import Box, PhotoFacts

_TURNED_BY_DECODER: Final = frozenset({PhotoFormat.TIFF, PhotoFormat.HEIC})


def decode_photo(data: bytes, *, name: str, max_pixels: int = MAX_PIXELS) -> Photo:
    """Decode the first image in the bytes to upright 8-bit sRGB; ``name`` is what errors and notes call the photo.

    The format is told from the content. Width times height is checked against ``max_pixels`` before a pixel is
    decoded. Transparent parts become mid-grey. What had to be ignored or assumed stands in ``facts.notes``.
    Thread-safe.

    Raises UnsupportedImage (no format that is read), DamagedImage (breaks off or contradicts itself), ImageTooLarge
    (more pixels than the cap); no other exception, whatever the bytes.
    """
    photo_format = recognise_format(data)
    if photo_format is None:
        if not data:
            raise UnsupportedImage(
                "photo.empty", "{name} is empty: Semblance reads {formats}.", name=name, formats=FORMATS_READ
            )
        raise UnsupportedImage(
            "photo.no-photo",
            "{name} is {content}, not a photo: Semblance reads {formats}.",
            name=name,
            content=describe_content(data),
            formats=FORMATS_READ,
        )
    try:
        decoded = _decode(data, photo_format, name, max_pixels)
    except IntakeError:
        raise
    except VariantNotRead as variant:
        raise UnsupportedImage(
            "photo.variant-not-read",
            "{name} is a kind of {format} that Semblance does not read ({variant}): export it as an ordinary "
            "8-bit JPEG or PNG and try again.",
            name=name,
            format=photo_format,
            variant=variant.variant,
        ) from variant
    except MemoryError as error:
        raise ImageTooLarge(
            "photo.out-of-memory", "{name} needs more memory than there is: make it smaller and try again.", name=name
        ) from error
    except Image.DecompressionBombError as error:
        raise ImageTooLarge(
            "photo.bomb",
            "{name} would unpack to far more pixels than the {most} that are read at most: make it smaller and "
            "try again.",
            name=name,
            most=_mega(max_pixels),
        ) from error
    except Exception as error:
        # A decoder may raise anything on damaged bytes, and none of it may end the intake of thousands of photos.
        raise DamagedImage(
            "photo.damaged",
            "{name} starts as {format} but is damaged or incomplete ({why}): get the file again from where it "
            "came, or export it anew.",
            name=name,
            format=photo_format,
            why=_reason(error),
        ) from error
    contradiction = contradict_name(name, photo_format)
    notes = decoded.notes if contradiction is None else (contradiction, *decoded.notes)
    facts = PhotoFacts(
        sha256=digest_bytes(data),
        media_type=media_type(photo_format, data),
        width=decoded.pixels.shape[1],
        height=decoded.pixels.shape[0],
        size=len(data),
        notes=notes,
        undecoded=decoded.undecoded,
    )
    return Photo(pixels=decoded.pixels, facts=facts)


@dataclass(frozen=True, slots=True)
class _Decoded:
    pixels: NDArray[np.uint8]
    notes: tuple[Message, ...]
    undecoded: Box | None


def _decode(data: bytes, photo_format: PhotoFormat, name: str, max_pixels: int) -> _Decoded:
    peeked = peek_size(data, photo_format)
    if peeked is not None:
        _check_size(peeked, name, max_pixels)
    image = open_photo(data, photo_format)
    _check_size(image.size, name, max_pixels)
    _check_bytes(count_decoded_bytes(image, photo_format), name)
    damage = find_damage(data) if photo_format is PhotoFormat.JPEG else None
    if damage is not None and damage.ends_early:
        image = open_photo(data + END, photo_format)
    notes = [damage.note] if damage is not None else find_flaws(data, photo_format)
    frames = describe_frames(image, photo_format)
    if frames is not None:
        notes.append(frames)
    # Some decoders drop the metadata with the file behind it.
    metadata = dict(image.info)
    leave_still(image)
    image.load()
    _check_size(image.size, name, max_pixels)
    pixels, assumed = render_srgb(image)
    notes.extend(assumed)
    orientation = UPRIGHT
    if photo_format not in _TURNED_BY_DECODER:
        try:
            orientation = find_orientation(metadata)
        except DamagedExif as flaw:
            notes.append(flaw.note)
    undecoded = None
    if damage is not None and damage.first_row is not None:
        undecoded = turn_box(Box(0, damage.first_row, *image.size), image.size, orientation)
    pixels = np.ascontiguousarray(turn_upright(pixels, orientation))
    pixels.flags.writeable = False
    return _Decoded(pixels, tuple(notes), undecoded)


def _check_size(size: tuple[int, int], name: str, max_pixels: int) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise DamagedImage(
            "photo.no-pixels",
            "{name} says that it is {width} x {height} pixels, which is no photo: get the file again from "
            "where it came.",
            name=name,
            width=width,
            height=height,
        )
    if width * height > max_pixels:
        raise ImageTooLarge(
            "photo.too-many-pixels",
            "{name} has {width} x {height} pixels ({size}); at most {most} are read: make it smaller and try again.",
            name=name,
            width=width,
            height=height,
            size=_mega(width * height),
            most=_mega(max_pixels),
        )


def _check_bytes(count: int, name: str) -> None:
    if count > MAX_DECODED_BYTES:
        raise ImageTooLarge(
            "photo.too-many-bytes",
            "{name} would take {size} megabytes while it is decoded; at most {most} are allowed: make it smaller, or "
            "export it as an ordinary 8-bit JPEG or PNG, and try again.",
            name=name,
            size=count >> 20,
            most=MAX_DECODED_BYTES >> 20,
        )


def _mega(pixels: int) -> Message:
    if pixels >= 1e6:
        return Message("photo.megapixels", "{n:.3g} megapixels", n=pixels / 1e6)
    return Message("photo.pixels", "{n:,} pixels", n=pixels)


def _reason(error: Exception) -> Message:
    text = str(error).strip().rstrip(".")
    if not text or "not identified by this driver" in text:
        return Message("photo.header-damaged", "its header is damaged or states no size")
    return quote_text(text[:120])
