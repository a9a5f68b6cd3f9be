"""From a pack's name to an extractor that is ready to work."""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from semblance.errors import ConfigurationError, ModelError
from semblance.faces.alignment.dlib_chip import DlibAligner
from semblance.faces.alignment.similarity import SimilarityAligner
from semblance.faces.detection.detector import Detector
from semblance.faces.detection.networks import CenterFace, RowsDetector, YuNet, prepare_centerface
from semblance.faces.encoding.dlib_resnet import build_dlib_encoder
from semblance.faces.encoding.encoder import Encoder
from semblance.faces.encoding.simplify import simplify_encoder
from semblance.faces.extraction import Aligner, PackExtractor
from semblance.faces.packs.files import choose_encoder_file, require_file
from semblance.faces.packs.manifest import DlibAlignerPart, PackManifest, find_pack
from semblance.faces.quality.pose import FsaNet
from semblance.faces.runtime import Session, open_session

_DETECTORS: Final[Mapping[str, type[CenterFace | YuNet | RowsDetector]]] = {
    "centerface": CenterFace,
    "yunet": YuNet,
    "rows": RowsDetector,
}


def open_extractor(name: str, *, models: Path) -> PackExtractor:
    """Load a pack; every file's digest is checked first, and nothing is downloaded.

    Raises PackMissing, DigestMismatch or ModelError where the pack cannot be used as its manifest says.
    """
    return open_pack(find_pack(name, models), models=models)


def open_pack(pack: PackManifest, *, models: Path) -> PackExtractor:
    """Load a pack whose manifest is already read."""
    detector, aligner = _open_detector(pack, models), _open_aligner(pack, models)
    part, name = pack.encoder, choose_encoder_file(pack, models)
    converted = name.endswith(".xml")
    if converted:
        for companion in part.companions:
            require_file(pack, companion, models)
    encoder = Encoder(
        _open(pack, name, "" if converted else part.recipe, models),
        channels=part.channels,
        mean=part.mean,
        scale=part.scale,
        dimension=pack.dimension,
        metric=pack.metric,
    )
    pose = FsaNet([_open(pack, name, "", models) for name in pack.pose.files]) if pack.pose is not None else None
    return PackExtractor(pack, detector, aligner, encoder, pose)


def _open_detector(pack: PackManifest, models: Path) -> Detector:
    part = pack.detector
    session = _open(pack, part.file, part.recipe, models)
    return _DETECTORS[part.kind](session, threshold=part.threshold, overlap=part.overlap)


def _open_aligner(pack: PackManifest, models: Path) -> Aligner:
    part = pack.aligner
    if isinstance(part, DlibAlignerPart):
        return DlibAligner(require_file(pack, part.file, models))
    return SimilarityAligner(part.template, part.size)


def _open(pack: PackManifest, name: str, recipe: str, models: Path) -> Session:
    path = require_file(pack, name, models)
    return open_session(derive_file(path, recipe, models) if recipe else path)


_RECIPES: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "centerface/1": prepare_centerface,
    "dlib-resnet/1": build_dlib_encoder,
    "simplify/1": simplify_encoder,
}
"""Named in the cached file's name; a change in how a file is made changes it."""


def derive_file(source: Path, recipe: str, models: Path) -> Path:
    """Return the file that the recipe makes of the source, from the cache where it stands there unharmed.

    A file with the SHA-256 stands beside it; one that does not match is made again. Raises
    ModelError where the source is not what the recipe expects.
    """
    data = source.read_bytes()
    folder = models / "derived"
    name = f"{recipe.replace('/', '-')}-{hashlib.sha256(data).hexdigest()[:32]}.onnx"
    target = folder / name
    seal = folder / f"{name}.sha256"
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if hashlib.sha256(target.read_bytes()).hexdigest() == seal.read_text().strip():
            return target
    make = _RECIPES.get(recipe)
    if make is None:
        raise ModelError(
            "models.no-recipe",
            "The recipe '{recipe}' is unknown to this version. Known: {recipes}.",
            recipe=recipe,
            recipes=_RECIPES,
        )
    made = make(data)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_whole(target, made)
        _write_whole(seal, hashlib.sha256(made).hexdigest().encode())
    except OSError as error:
        raise ConfigurationError(
            "models.folder-unwritable",
            "The models folder {models} cannot be written ({why}). Make room or give it the right "
            "permissions, or name another with SEMBLANCE_MODELS.",
            models=models,
            why=error.strerror or error,
        ) from error
    return target


def _write_whole(target: Path, data: bytes) -> None:
    """Write under another name and move into place, so that nobody ever reads half a file."""
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
