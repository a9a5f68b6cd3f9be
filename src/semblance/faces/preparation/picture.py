"""A picture of a prepared photo for a person to look at, made with no more work than the picture needs."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from semblance.errors import StepsInvalid
from semblance.faces.light import shrink
from semblance.faces.photo import Photo
from semblance.faces.pictures import crop_face, render_photo
from semblance.faces.preparation.apply import apply_steps
from semblance.faces.preparation.placing import place_all, place_step
from semblance.terms.preparation import Crop, Deinterlace, Rotate, Sharpen, Step, Straighten
from semblance.terms.samples import Box

_SPARE: Final = 1.5
"""How many times finer than the picture the work is done, so that sharpening looks as it will."""


def render_prepared(photo: Photo, steps: Sequence[Step], *, longest_side: int = 1200) -> bytes:
    """Return a JPEG of the photo as the steps leave it, its longer side ``longest_side`` pixels at most.

    A photo much larger than its picture is made smaller before the steps, which are scaled with it; lines of video can
    be told apart in the whole photo only. Raises StepsInvalid.
    """
    placing = place_all(steps, photo.facts.width, photo.facts.height)
    factor = _SPARE * longest_side / max(placing.width, placing.height)
    return render_photo(_apply_smaller(photo, steps, factor), longest_side=longest_side)


def render_prepared_face(
    photo: Photo, steps: Sequence[Step], *, box: Box, side: int = 320, margin: float = 0.25
) -> bytes:
    """Return a square JPEG of the face in ``box``, pixels of the prepared photo, as crop_face does."""
    placing = place_all(steps, photo.facts.width, photo.facts.height)
    factor = _SPARE * side / (max(box.width, box.height) * (1 + 2 * margin))
    found = _apply_smaller(photo, steps, factor)
    across, down = found.facts.width / placing.width, found.facts.height / placing.height
    here = Box(box.left * across, box.top * down, box.right * across, box.bottom * down)
    return crop_face(found, box=here, side=side, margin=margin)


def _apply_smaller(photo: Photo, steps: Sequence[Step], factor: float) -> Photo:
    """Return the prepared photo, about ``factor`` times as large as it would be where that is smaller."""
    if factor < 1 and not any(isinstance(step, Deinterlace) for step in steps):
        smaller = _shrink(photo, factor)
        try:
            return apply_steps(smaller, _scale(steps, smaller, factor))
        except StepsInvalid:
            # a strip too thin to be made smaller; the steps themselves were found good before
            pass
    return apply_steps(photo, steps)


def _shrink(photo: Photo, factor: float) -> Photo:
    pixels = shrink(photo.pixels, factor)
    return Photo(pixels, replace(photo.facts, width=pixels.shape[1], height=pixels.shape[0]))


def _scale(steps: Sequence[Step], photo: Photo, factor: float) -> tuple[Step, ...]:
    width, height = photo.facts.width, photo.facts.height
    scaled: list[Step] = []
    for step in steps:
        smaller: Step = step
        if isinstance(step, Crop):
            across, down = round(step.width * factor), round(step.height * factor)
            left, top = min(round(step.left * factor), width - across), min(round(step.top * factor), height - down)
            smaller = Crop(max(0, left), max(0, top), across, down)
        elif isinstance(step, Straighten):
            smaller = Rotate(step.degrees)
        elif isinstance(step, Sharpen):
            smaller = replace(step, radius=max(0.3, step.radius * factor))
        scaled.append(smaller)
        placing = place_step(smaller, width, height)
        width, height = placing.width, placing.height
    return tuple(scaled)
