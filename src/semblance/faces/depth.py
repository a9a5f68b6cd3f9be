"""Grey photos of more than 8 bits a sample, brought to 8 without clipping."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semblance.messages.message import Message

_BITS_PER_SAMPLE: Final = 258
_PHOTOMETRIC: Final = 262
_WHITE_IS_ZERO: Final = 0

DEEP_MODES: Final = frozenset({"I;16", "I;16L", "I;16B", "I;16N", "I", "F"})
"""Pillow's names for samples that do not fit into 8 bits."""


def flatten_depth(image: Image.Image) -> tuple[Image.Image, tuple[Message, ...]]:
    """Return a deep grey photo (one of DEEP_MODES) as 8 bits, mode L or LA, and notes on what was assumed.

    16 bits are scaled from their whole range, never stretched to what happens to be in the photo. 32-bit integers and
    floats have no agreed white: the smallest usual one that no sample exceeds is taken (1 for floats, 255, 65 535,
    2^31 - 1). Samples that are no number become black.
    """
    samples = np.asarray(image)
    white, notes = _find_white(image, samples)
    finite = np.nan_to_num(samples.astype(np.float64), nan=0.0, posinf=white, neginf=0.0)
    levels = np.rint(np.clip(finite / white, 0.0, 1.0) * 255.0).astype(np.uint8)
    if _tiff_tag(image, _PHOTOMETRIC) == _WHITE_IS_ZERO:
        levels = 255 - levels
    grey = Image.fromarray(levels)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        alpha = np.where(samples == transparent, 0, 255).astype(np.uint8)
        grey.putalpha(Image.fromarray(alpha))
    return grey, notes


def _find_white(image: Image.Image, samples: NDArray[Any]) -> tuple[float, tuple[Message, ...]]:
    if image.mode.startswith("I;16"):
        bits = _tiff_tag(image, _BITS_PER_SAMPLE)
        return (4095.0 if bits == 12 else 65535.0), ()
    if image.mode == "I" and _tiff_tag(image, _BITS_PER_SAMPLE) == 16:
        return 32767.0, ()
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
