"""The probe of one track: the good frames of the one face that a person picked, encoded and made one template."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from semblance.errors import TrackUnsuitable
from semblance.faces.detection.detector import Detection
from semblance.faces.runtime import Tensor
from semblance.faces.tracking.best_frames import choose_frames
from semblance.faces.tracking.likeness import Glimpse, average, score_rows, weigh
from semblance.faces.tracking.seeing import FaceReader, FetchFrame, as_photo, encode_face
from semblance.terms.samples import Template
from semblance.terms.tracks import Sighting, Track

FRAMES: Final = 24
"""Frames of a track that are encoded at most."""
_LEAST_QUALITY: Final = 20
_LEAST_EYES: Final = 10.0
"""UnifiedQualityScore, and pixels between the eyes, that a face needs to be one of them."""


@dataclass(frozen=True, slots=True)
class FusedProbe:
    """``parts``: the frames that the template was made of, each with its share; the shares add up to 1."""

    template: Template
    parts: tuple[tuple[Sighting, float], ...]


def choose_good_frames(
    track: Track, *, frames: int = FRAMES, least_quality: int = _LEAST_QUALITY
) -> tuple[Sighting, ...]:
    """Return the sightings that a probe is made of, so that their frames can be read in one go.

    Raises TrackUnsuitable where no frame is good enough.
    """
    good = tuple(sighting for sighting in track.sightings if _is_suitable(sighting, least_quality))
    if not good:
        raise TrackUnsuitable(
            "tracking.unsuitable",
            "None of the {n} frames of this track shows the face well enough to be searched: the best has a quality "
            "of {best}, {needed} is needed, with the eyes {eyes:g} pixels apart. Pick another track or send in a "
            "better copy of the video.",
            n=len(track.sightings),
            best=max(sighting.quality for sighting in track.sightings),
            needed=least_quality,
            eyes=_LEAST_EYES,
        )
    return choose_frames(Track(track.number, good), frames)


def fuse_frames(sightings: Sequence[Sighting], fetch: FetchFrame, reader: FaceReader) -> FusedProbe:
    """Encode one face's sightings and return their mean, weighted by quality.

    A frame whose face is not like the others' is left out. No other face of any frame is looked at. ``fetch`` gives
    pixels in the size in which the face was followed. Raises ValueError where there is no sighting.
    """
    if not sightings:
        raise ValueError("there is no frame to fuse")
    encoded = [(sighting, _encode(sighting, fetch, reader)) for sighting in sightings]
    limits = reader.tracking
    if limits is not None and len(encoded) > 2:
        mean = average([glimpse for _, glimpse in encoded], reader.metric)
        alike = score_rows(np.stack([glimpse.values for _, glimpse in encoded]), mean[None], reader.metric)[:, 0]
        kept = [part for part, score in zip(encoded, alike, strict=True) if score >= limits.other]
        encoded = kept or encoded
    values = average([glimpse for _, glimpse in encoded], reader.metric)
    whole = sum(glimpse.weight for _, glimpse in encoded)
    parts = tuple((sighting, glimpse.weight / whole) for sighting, glimpse in encoded)
    return FusedProbe(_wrap(values, reader), parts)


def _is_suitable(sighting: Sighting, least_quality: int) -> bool:
    eyes = 0.0 if sighting.landmarks is None else sighting.landmarks.inter_eye_distance
    return sighting.quality >= least_quality and eyes >= _LEAST_EYES


def _encode(sighting: Sighting, fetch: FetchFrame, reader: FaceReader) -> Glimpse:
    assert sighting.landmarks is not None
    photo = as_photo(sighting.frame, fetch(sighting.frame))
    face = Detection(sighting.box, sighting.landmarks, sighting.detection_score)
    _, features = encode_face(reader, photo, face)
    return Glimpse(0, weigh(sighting.quality, sighting.detection_score), features.values)


def _wrap(values: Tensor, reader: FaceReader) -> Template:
    return Template(reader.digest, reader.metric, reader.dimension, values.astype("<f4").tobytes())
