"""A face followed through a video: where it was seen, in which frames, and nothing by which it could be searched."""

from dataclasses import dataclass

from semblance.terms.frames import FrameName
from semblance.terms.samples import Box, Landmarks


@dataclass(frozen=True, slots=True)
class Sighting:
    """One face in one frame; places are pixels of that frame.

    ``seconds`` is the frame's time in the video. ``detection_score`` runs from 0 to 1, higher is surer. ``quality`` is
    the UnifiedQualityScore, 0 to 100, or -1 where it was not assessable; the encoder has no part in it. ``landmarks``
    are kept of the best hundred or so sightings of a face.
    """

    frame: FrameName
    seconds: float
    box: Box
    landmarks: Landmarks | None
    detection_score: float
    quality: int


@dataclass(frozen=True, slots=True)
class Track:
    """The sightings of one face, in the order of the video, at most one a frame, never none.

    ``number`` is the track's own in its video, and stays while the video is being followed: where two tracks turn out
    to be one, the lower number stays.
    """

    number: int
    sightings: tuple[Sighting, ...]
