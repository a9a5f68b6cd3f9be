"""What a face is followed with: frames in their order, and what reads the faces in them."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from semblance.faces.detection.detector import Detection
from semblance.faces.encoding.encoder import Features
from semblance.faces.packs.manifest import TrackingPart
from semblance.faces.photo import Photo
from semblance.terms.frames import FrameName
from semblance.terms.ids import PackDigest
from semblance.terms.samples import FaceSample, Metric, PhotoFacts


class Frame(Protocol):
    """One frame; ``pixels``: uint8, (height, width, 3), RGB, upright, square pixels. ``seconds``: its time."""

    @property
    def name(self) -> FrameName: ...
    @property
    def seconds(self) -> float: ...
    @property
    def pixels(self) -> NDArray[np.uint8]: ...


FetchFrame = Callable[[FrameName], NDArray[np.uint8]]
"""Gives the pixels of a frame again, uint8 (height, width, 3), RGB, upright."""


class ChipCutter(Protocol):
    """Cuts the chip of a face out of pixels, as a pack's aligner does."""

    def align(self, pixels: NDArray[np.uint8], face: Detection) -> NDArray[np.uint8]: ...


class ChipEncoder(Protocol):
    """Encodes a chip, as a pack's encoder does."""

    def encode(self, chip: NDArray[np.uint8]) -> Features: ...


class FaceReader(Protocol):
    """The parts of a pack's extractor that following a face takes; ``PackExtractor`` has them."""

    @property
    def digest(self) -> PackDigest: ...
    @property
    def metric(self) -> Metric: ...
    @property
    def dimension(self) -> int: ...
    @property
    def tracking(self) -> TrackingPart | None: ...
    @property
    def aligner(self) -> ChipCutter: ...
    @property
    def encoder(self) -> ChipEncoder: ...
    def find(self, photo: Photo) -> tuple[Detection, ...]: ...
    def refine(self, photo: Photo, face: Detection) -> Detection: ...
    def assess(
        self, photo: Photo, found: tuple[Detection, ...], chosen: int | None, features: Features | None
    ) -> tuple[FaceSample, ...]: ...


def as_photo(name: FrameName, pixels: NDArray[np.uint8]) -> Photo:
    """Return a frame as the photo that a pack looks at; its pixels are not copied."""
    height, width = pixels.shape[:2]
    return Photo(pixels, PhotoFacts(name.sha256, "image/x-frame", width, height, pixels.nbytes))


def encode_face(reader: FaceReader, photo: Photo, face: Detection) -> tuple[Detection, Features]:
    """Place one face's landmarks as the pack asks for, and encode it."""
    placed = reader.refine(photo, face)
    return placed, reader.encoder.encode(reader.aligner.align(photo.pixels, placed))
