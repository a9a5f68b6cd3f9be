"""ICC profiles: from whatever colours a photo was stored in to sRGB (ICC.1:2022, IEC 61966-2-1)."""

import io
from functools import lru_cache
from typing import Final

import numpy as np
from PIL import Image, ImageCms

from semblance.messages.message import Message

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
