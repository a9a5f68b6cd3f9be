"""From whatever a photo was stored as (palette, grey, deep samples, ink, transparency) to three 8-bit channels of sRGB.

ICC profiles after ICC.1:2022, sRGB after IEC 61966-2-1.
"""

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from semblance.messages.message import Message

BACKDROP: Final = (128, 128, 128)
"""What is put behind transparent parts: mid-grey, into which neither fair nor dark hair and skin vanish, as they would
into white or black, and which moves the photo's mean brightness to neither side."""

_WITH_ALPHA: Final = {"LA": "L", "La": "L", "PA": "RGB", "RGBA": "RGB", "RGBa": "RGB"}


_BAND_PIXELS: Final = 4_000_000
"""Converted at once: what is made on the way to sRGB would else take several times the memory of the photo."""


def render_srgb(image: Image.Image) -> tuple[NDArray[np.uint8], tuple[Message, ...]]:
    """Return the pixels of a loaded image as sRGB and notes on what had to be assumed.

    The array is uint8, (height, width, 3), contiguous, and may be read-only; the image stays as it is.
    """
    depth = find_depth(image) if image.mode in DEEP_MODES else None
    rows = max(1, _BAND_PIXELS // image.width)
    if image.height <= rows:
        return _render_band(image, depth)
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    notes: dict[Message, None] = {}
    for top in range(0, image.height, rows):
        bottom = min(top + rows, image.height)
        pixels[top:bottom], noted = _render_band(image.crop((0, top, image.width, bottom)), depth)
        notes |= dict.fromkeys(noted)
    return pixels, tuple(notes)


def _render_band(image: Image.Image, depth: "Depth | None") -> tuple[NDArray[np.uint8], tuple[Message, ...]]:
    if image.mode == "RGB" and not image.info.get("icc_profile") and "transparency" not in image.info:
        return _to_array(image), _missing_profile(image)
    notes: list[Message] = []
    profile = image.info.get("icc_profile")
    notes.extend(_missing_profile(image))
    if depth is not None:
        image = flatten_depth(image, depth)
        notes.extend(depth.notes)
    colours, alpha = _split_alpha(image)
    colours = _to_srgb(colours, profile if isinstance(profile, bytes) else None, notes)
    if alpha is not None:
        backdrop = Image.new("RGB", colours.size, BACKDROP)
        backdrop.paste(colours, mask=alpha)
        colours = backdrop
        notes.append(Message("photo.transparent", "transparent parts were filled with mid-grey"))
    return _to_array(colours), tuple(notes)


def _missing_profile(image: Image.Image) -> tuple[Message, ...]:
    # Pillow leaves the key with nothing in it where the profile's parts do not fit together.
    if "icc_profile" in image.info and not image.info["icc_profile"]:
        return (PROFILE_DAMAGED,)
    return ()


def _split_alpha(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Return the colours (mode L, RGB, CMYK, LAB or YCbCr) and the alpha channel, None where all is opaque."""
    if image.mode in _WITH_ALPHA or "transparency" in image.info:
        if image.mode == "La":
            image = image.convert("LA")
        rgba = image.convert("RGBA")
        alpha = rgba.getchannel("A")
        colours = image.getchannel("L") if image.mode == "LA" else rgba.convert("RGB")
        lowest = alpha.getextrema()[0]
        return colours, None if lowest == 255 else alpha
    if image.mode == "P":
        return image.convert("RGB"), None
    if image.mode == "1":
        return image.convert("L"), None
    return image, None


def _to_srgb(image: Image.Image, profile: bytes | None, notes: list[Message]) -> Image.Image:
    if image.mode == "YCbCr":
        image = image.convert("RGB")
    if profile is not None:
        try:
            image = convert_to_srgb(image, profile)
        except DamagedProfile as flaw:
            notes.append(flaw.note)
    if image.mode == "LAB":
        return convert_lab_to_srgb(image)
    if image.mode == "CMYK":
        notes.append(
            Message("photo.printing-colours", "printing colours without a usable profile; they are approximate")
        )
    return image if image.mode == "RGB" else image.convert("RGB")


def _to_array(image: Image.Image) -> NDArray[np.uint8]:
    return np.frombuffer(image.tobytes(), np.uint8).reshape(image.height, image.width, 3)


_BITS_PER_SAMPLE: Final = 258
_PHOTOMETRIC: Final = 262
_WHITE_IS_ZERO: Final = 0

DEEP_MODES: Final = frozenset({"I;16", "I;16L", "I;16B", "I;16N", "I", "F"})
"""Pillow's names for samples that do not fit into 8 bits."""


@dataclass(frozen=True, slots=True)
class Depth:
    """Which sample of a deep grey photo is white, whether it is black instead, and what was assumed."""

    white: float
    inverted: bool
    notes: tuple[Message, ...]


def flatten_depth(image: Image.Image, depth: Depth) -> Image.Image:
    """Return a deep grey photo (one of DEEP_MODES), or a part of it, as 8 bits, mode L or LA.

    16 bits are scaled from their whole range, never stretched to what happens to be in the photo. Samples that are no
    number become black.
    """
    samples = np.asarray(image)
    finite = np.nan_to_num(samples.astype(np.float64), nan=0.0, posinf=depth.white, neginf=0.0)
    levels = np.rint(np.clip(finite / depth.white, 0.0, 1.0) * 255.0).astype(np.uint8)
    if depth.inverted:
        levels = 255 - levels
    grey = Image.fromarray(levels)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        alpha = np.where(samples == transparent, 0, 255).astype(np.uint8)
        grey.putalpha(Image.fromarray(alpha))
    return grey


def find_depth(image: Image.Image) -> Depth:
    """Return what the samples of a deep grey photo mean.

    32-bit integers and floats have no agreed white: the smallest usual one that no sample exceeds is taken (1 for
    floats, 255, 65 535, 2^31 - 1).
    """
    white, notes = _find_white(image)
    return Depth(white, _tiff_tag(image, _PHOTOMETRIC) == _WHITE_IS_ZERO, notes)


def _find_white(image: Image.Image) -> tuple[float, tuple[Message, ...]]:
    if image.mode.startswith("I;16"):
        bits = _tiff_tag(image, _BITS_PER_SAMPLE)
        return (4095.0 if bits == 12 else 65535.0), ()
    if image.mode == "I" and _tiff_tag(image, _BITS_PER_SAMPLE) == 16:
        return 32767.0, ()
    samples = np.asarray(image)
    with np.errstate(invalid="ignore"):
        highest = float(np.max(samples, initial=0, where=np.isfinite(samples)))
    steps = (255.0, 65535.0, 2147483647.0) if image.mode == "I" else (1.0, 255.0, 65535.0)
    white = next((step for step in steps if highest <= step), max(highest, 1.0))
    return white, (
        Message("photo.no-white-integers", "32-bit integers name no white; {white:.0f} was taken for it", white=white)
        if image.mode == "I"
        else Message("photo.no-white-floats", "32-bit floats name no white; {white:.0f} was taken for it", white=white),
    )


def _tiff_tag(image: Image.Image, tag: int) -> int | None:
    tags = getattr(image, "tag_v2", None)
    value = tags.get(tag) if tags is not None else None
    if isinstance(value, tuple) and value:
        value = value[0]
    return value if isinstance(value, int) else None


LARGEST_PROFILE: Final = 8 * 1024 * 1024
"""Bytes; real profiles for print take up to 3 MiB, and nothing larger is worth a decoder's time."""

_SPACES: Final = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK", "LAB": "Lab"}
_INVISIBLE: Final = 2
"""Levels of 255. Two renderings of sRGB's own curve differ by as much; a face encoder sees nothing of it."""

# A transform's one-pixel cache is shared by all threads that use it.
_FLAGS: Final = ImageCms.Flags.BLACKPOINTCOMPENSATION | ImageCms.Flags.NOCACHE


PROFILE_DAMAGED: Final = Message("photo.profile-damaged", "the colour profile is damaged and was ignored")


class DamagedProfile(ValueError):
    """The profile cannot be used for this photo; ``note`` says so of the photo."""

    def __init__(self, note: Message = PROFILE_DAMAGED) -> None:
        super().__init__(note)
        self.note = note


def convert_to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Return the photo in sRGB, mode RGB; the same photo where its profile is sRGB but for invisible differences.

    ``image``: mode L, RGB, CMYK or LAB. Relative colorimetric with black point compensation, as browsers do for
    photos. Raises DamagedProfile where the profile is unreadable or made for other kinds of photo.
    """
    if len(profile) > LARGEST_PROFILE:
        raise DamagedProfile(
            Message("photo.profile-too-large", "the colour profile is larger than any real one and was ignored")
        )
    transform = _make_transform(profile, image.mode)
    if transform is None:
        return image
    return _apply(transform, image)


def convert_lab_to_srgb(image: Image.Image) -> Image.Image:
    """Return a CIELAB photo (mode LAB, D50) in sRGB, mode RGB."""
    return _apply(_make_lab_transform(), image)


def _apply(transform: ImageCms.ImageCmsTransform, image: Image.Image) -> Image.Image:
    # The transform copies the source's description; without one there is nothing to misread.
    bare = image.copy() if image.readonly else image
    try:
        return transform.apply(bare)
    except (ImageCms.PyCMSError, ValueError, OSError) as error:
        raise DamagedProfile(
            Message("photo.profile-unusable", "the colour profile cannot be applied and was ignored")
        ) from error


@lru_cache(maxsize=16)
def _make_transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return the transform to sRGB, or None where it would change nothing that can be seen."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, AttributeError) as error:
        raise DamagedProfile from error
    if space != _SPACES[mode]:
        raise DamagedProfile(
            Message(
                "photo.profile-other-colours",
                "the colour profile is for {space} colours, unlike the photo; it was ignored",
                space=space or "unknown",
            )
        )
    try:
        transform = ImageCms.ImageCmsTransform(
            source,
            ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=_FLAGS,
        )
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        raise DamagedProfile from error
    return None if _changes_nothing(transform, mode) else transform


@lru_cache(maxsize=1)
def _make_lab_transform() -> ImageCms.ImageCmsTransform:
    return ImageCms.ImageCmsTransform(
        ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")),
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
        "LAB",
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=_FLAGS,
    )


def _changes_nothing(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    if mode == "L":
        chart = Image.fromarray(np.arange(256, dtype=np.uint8)[None, :])
    elif mode == "RGB":
        steps = np.linspace(0, 255, 8).astype(np.uint8)
        cube = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
        chart = Image.fromarray(np.ascontiguousarray(cube.reshape(1, -1, 3)))
    else:
        return False
    before = np.asarray(chart.convert("RGB")).astype(np.int16)
    after = np.asarray(_apply(transform, chart)).astype(np.int16)
    return int(np.abs(after - before).max()) <= _INVISIBLE
