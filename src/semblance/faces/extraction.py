"""The extractor of a model pack: decode, detect, assess, align, encode."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from semblance.faces.detection.detector import Detection, Detector
from semblance.faces.detection.looking import find_faces, refine_face
from semblance.faces.encoding.encoder import Encoder, Features
from semblance.faces.extractor import FaceChoice, pick_face
from semblance.faces.packs.manifest import PackManifest
from semblance.faces.photo import Photo, turn_photo
from semblance.faces.quality.assessment import assess_face
from semblance.faces.quality.pose import FsaNet
from semblance.faces.sandbox.photos import decode_safely, lend_photo
from semblance.faces.upright import WHICH_WAY_UP, Look, Upright, choose_upright, is_clear, stands_upright
from semblance.terms.samples import Extraction, FaceSample, QuarterTurn, Template


class Aligner(Protocol):
    """Cuts the chip of a detected face out of a photo: uint8, (size, size, 3), RGB, upright, read-only; thread-safe."""

    def align(self, pixels: NDArray[np.uint8], face: Detection) -> NDArray[np.uint8]: ...


class PackExtractor:
    """Makes templates with one pack; thread-safe, one thread a call."""

    def __init__(
        self, pack: PackManifest, detector: Detector, aligner: Aligner, encoder: Encoder, pose: FsaNet | None
    ) -> None:
        self.name, self.digest = pack.name, pack.digest
        self.metric, self.dimension, self.tracking = pack.metric, pack.dimension, pack.tracking
        self.detector, self.aligner, self.encoder = detector, aligner, encoder
        self._pack, self._pose = pack, pose

    def extract(
        self, data: bytes, *, name: str, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        """Decode the bytes and extract; raises a kind of IntakeError where they are no readable photo."""
        with lend_photo(data, name=name) as photo:
            return self.extract_photo(photo, choose=choose, turned=turned)

    def locate(
        self, data: bytes, *, name: str, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        """Decode the bytes, find and assess faces, and choose one; nothing is encoded where it is plain to see."""
        with lend_photo(data, name=name) as photo:
            return self._finish(self._find_upright(photo, turned, encodes=False), choose, encodes=False)

    def extract_photo(
        self, photo: Photo, *, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        """Extract from a decoded photo; only the chosen face is ever aligned or encoded, or the only one."""
        return self._finish(self._find_upright(photo, turned, encodes=True), choose, encodes=True)

    def _find_upright(self, photo: Photo, turned: QuarterTurn | None, *, encodes: bool) -> Upright:
        if turned is not None:
            look = self._look(turn_photo(photo, turned))
            return Upright(self._add_features(look) if encodes else look)
        first, ranges = self._look(photo), self._pack.quality
        if encodes:
            first = self._add_features(first)
        if is_clear(first, ranges):
            return Upright(first)
        return choose_upright(first, lambda turn: self._look(turn_photo(photo, turn)), self._add_features, ranges)

    def _look(self, photo: Photo) -> Look:
        found = self.find(photo)
        return Look(photo, (self.refine(photo, found[0]),) if len(found) == 1 else found)

    def _add_features(self, look: Look) -> Look:
        if len(look.found) != 1 or look.features is not None:
            return look
        return replace(look, features=self._encode(look.photo, look.found[0]))

    def _encode(self, photo: Photo, face: Detection) -> Features:
        return self.encoder.encode(self.aligner.align(photo.pixels, face))

    def _finish(self, upright: Upright, choose: FaceChoice, *, encodes: bool) -> Extraction:
        look, doubtful = upright.look, upright.doubtful
        photo, found, features = look.photo, look.found, look.features
        chosen = pick_face(len(found), choose)
        if chosen is not None and len(found) > 1:
            face = self.refine(photo, found[chosen])
            found = (*found[:chosen], face, *found[chosen + 1 :])
            if encodes:
                features = self._encode(photo, face)
                # among faces that stand upright there may be one that does not
                doubtful = not stands_upright(Look(photo, (face,), features), self._pack.quality)
        samples = self.assess(photo, found, chosen, features)
        facts = replace(photo.facts, notes=(*photo.facts.notes, WHICH_WAY_UP)) if doubtful else photo.facts
        if features is None or chosen is None or not encodes:
            return Extraction(facts, samples, chosen, doubtful=doubtful)
        template = Template(self.digest, self.metric, self.dimension, features.values.astype("<f4").tobytes())
        return Extraction(facts, samples, chosen, template, doubtful=doubtful)

    def find(self, photo: Photo) -> tuple[Detection, ...]:
        """Find all faces of a photo, the largest first."""
        return find_faces(self.detector, photo.pixels, longest=self._pack.detector.longest)

    def refine(self, photo: Photo, face: Detection) -> Detection:
        """Place the landmarks of one face again, where the pack asks for it."""
        return refine_face(self.detector, photo.pixels, face) if self._pack.detector.refine else face

    def assess(
        self, photo: Photo, found: tuple[Detection, ...], chosen: int | None, features: Features | None
    ) -> tuple[FaceSample, ...]:
        """Assess the quality of every face; the features count for the chosen one."""
        share = found[1].box.area / found[0].box.area if len(found) > 1 and found[0].box.area > 0 else 0.0
        samples = []
        for ordinal, face in enumerate(found):
            quality = assess_face(
                photo,
                face,
                second_face_share=share,
                features=features if ordinal == chosen else None,
                ranges=self._pack.quality,
                pose=self._pose.estimate(photo.pixels, face) if self._pose is not None else None,
            )
            samples.append(FaceSample(ordinal, face.box, face.landmarks, face.score, quality))
        return tuple(samples)


STAGES: Final = ("decode", "detect", "refine", "align", "encode", "assess")

T = TypeVar("T")


def time_stages(extractor: PackExtractor, data: bytes, *, name: str) -> Mapping[str, float]:
    """Make one template of the photo's largest face; return the seconds that each stage took.

    Stages after the detection are missing where no face was found.
    """
    spent: dict[str, float] = {}

    def timed(stage: str, work: Callable[[], T]) -> T:
        started = time.perf_counter()
        result = work()
        spent[stage] = time.perf_counter() - started
        return result

    photo = timed("decode", lambda: decode_safely(data, name=name))
    found = timed("detect", lambda: extractor.find(photo))
    if found:
        face = timed("refine", lambda: extractor.refine(photo, found[0]))
        chip = timed("align", lambda: extractor.aligner.align(photo.pixels, face))
        features = timed("encode", lambda: extractor.encoder.encode(chip))
        timed("assess", lambda: extractor.assess(photo, (face, *found[1:]), 0, features))
    return spent
