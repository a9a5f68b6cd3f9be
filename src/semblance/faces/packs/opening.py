"""From a pack's name to an extractor that is ready to work."""

from pathlib import Path

from semblance.faces.alignment.aligner import Aligner
from semblance.faces.alignment.dlib_chip import DlibAligner
from semblance.faces.alignment.similarity import SimilarityAligner
from semblance.faces.detection.centerface import CenterFace
from semblance.faces.detection.detector import Detector
from semblance.faces.detection.rows import RowsDetector
from semblance.faces.detection.yunet import YuNet
from semblance.faces.encoding.encoder import Encoder, InputLayout
from semblance.faces.extraction import PackExtractor
from semblance.faces.packs.catalogue import find_pack
from semblance.faces.packs.derived import derive_file
from semblance.faces.packs.files import choose_encoder_file, require_file
from semblance.faces.packs.manifest import DlibAlignerPart, PackManifest
from semblance.faces.quality.fsanet import FsaNet
from semblance.faces.quality.pose import PoseEstimator
from semblance.faces.runtime import Session, open_session


def open_extractor(name: str, *, models: Path) -> PackExtractor:
    """Load a pack; every file's digest is checked first, and nothing is downloaded.

    Raises PackMissing, DigestMismatch or ModelError where the pack cannot be used as its manifest says.
    """
    return open_pack(find_pack(name, models), models=models)


def open_pack(pack: PackManifest, *, models: Path) -> PackExtractor:
    """Load a pack whose manifest is already read."""
    return PackExtractor(
        pack.name,
        pack.digest,
        detector=_open_detector(pack, models),
        aligner=_open_aligner(pack, models),
        encoder=_open_encoder(pack, models),
        metric=pack.metric,
        dimension=pack.dimension,
        longest=pack.detector.longest,
        refine=pack.detector.refine,
        pose=_open_pose(pack, models),
        ranges=pack.quality,
    )


def _open_detector(pack: PackManifest, models: Path) -> Detector:
    part = pack.detector
    session = _open(pack, part.file, part.recipe, models)
    if part.kind == "centerface":
        return CenterFace(session, threshold=part.threshold, overlap=part.overlap)
    if part.kind == "yunet":
        return YuNet(session, threshold=part.threshold, overlap=part.overlap)
    return RowsDetector(session, threshold=part.threshold, overlap=part.overlap)


def _open_aligner(pack: PackManifest, models: Path) -> Aligner:
    part = pack.aligner
    if isinstance(part, DlibAlignerPart):
        return DlibAligner(require_file(pack, part.file, models))
    return SimilarityAligner(part.template, part.size)


def _open_encoder(pack: PackManifest, models: Path) -> Encoder:
    part = pack.encoder
    name = choose_encoder_file(pack, models)
    if name.endswith(".xml"):
        for companion in part.companions:
            require_file(pack, companion, models)
    return Encoder(
        _open(pack, name, "" if name.endswith(".xml") else part.recipe, models),
        InputLayout(part.channels, part.mean, part.scale),
        dimension=pack.dimension,
        metric=pack.metric,
    )


def _open_pose(pack: PackManifest, models: Path) -> PoseEstimator | None:
    if pack.pose is None:
        return None
    return FsaNet([_open(pack, name, "", models) for name in pack.pose.files])


def _open(pack: PackManifest, name: str, recipe: str, models: Path) -> Session:
    path = require_file(pack, name, models)
    return open_session(derive_file(path, recipe, models) if recipe else path)
