"""From whatever a photo was stored as (palette, grey, ink, transparency) to three 8-bit channels of sRGB."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semblance.faces.depth import DEEP_MODES, flatten_depth
from semblance.faces.profiles import PROFILE_DAMAGED, DamagedProfile, convert_lab_to_srgb, convert_to_srgb
from semblance.messages.message import Message

BACKDROP: Final = (128, 128, 128)
"""What is put behind transparent parts: mid-grey, into which neither fair nor dark hair and skin vanish, as they would
into white or black, and which moves the photo's mean brightness to neither side."""

_WITH_ALPHA: Final = {"LA": "L", "La": "L", "PA": "RGB", "RGBA": "RGB", "RGBa": "RGB"}


def render_srgb(image: Image.Image) -> tuple[NDArray[np.uint8], tuple[Message, ...]]:
    """Return the pixels of a loaded image as sRGB and notes on what had to be assumed.

    The array is uint8, (height, width, 3), contiguous, and may be read-only; the image stays as it is.
    """
    if image.mode == "RGB" and not image.info.get("icc_profile") and "transparency" not in image.info:
        return _to_array(image), _missing_profile(image)
    notes: list[Message] = []
    profile = image.info.get("icc_profile")
    notes.extend(_missing_profile(image))
    if image.mode in DEEP_MODES:
        image, assumed = flatten_depth(image)
        notes.extend(assumed)
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
