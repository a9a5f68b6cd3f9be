"""What a model pack says of itself: which files, from where, under which licence, and how they are to be used."""

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from semblance.errors import ModelError, PackMissing
from semblance.faces.encoding.encoder import Triple
from semblance.faces.quality.unified import NO_RANGES, PackRanges
from semblance.terms.ids import PackDigest
from semblance.terms.samples import Metric

PIPELINE: Final = 1
"""Counts the changes of code that change templates; it is part of every pack's digest."""

Fraction = Annotated[float, Field(ge=-1, le=2)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=120)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Wheel(_Part):
    """A wheel by its file name, which begins with the distribution's name and version, and its SHA-256."""

    name: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.]*-[A-Za-z0-9_.+!]+-py3-none-any\.whl$", max_length=120)
    ]
    sha256: Digest

    @property
    def requirement(self) -> str:
        """Return what an installer calls exactly this version."""
        return "==".join(self.name.split("-")[:2])


class PackFile(_Part):
    """One file: its SHA-256, its licence, what it was trained on, and where it comes from.

    ``package`` and ``path``: inside an installed distribution; where that is not installed, out of its ``wheel``.
    ``url``: at its publisher. Neither: from a folder that the operator names.
    """

    name: FileName
    sha256: Digest
    licence: Annotated[str, Field(min_length=1)]
    training_data: Annotated[str, Field(min_length=1)]
    size: int | None = None
    url: str | None = None
    package: str | None = None
    path: str | None = None
    wheel: Wheel | None = None

    @model_validator(mode="after")
    def _package_and_path(self) -> "PackFile":
        if (self.package is None) != (self.path is None):
            raise ValueError("package and path stand together or not at all")
        if self.wheel is not None and self.package is None:
            raise ValueError("a wheel stands only beside its package and the path in it")
        return self


class DetectorPart(_Part):
    """``longest``: the longer side, in pixels, to which a larger photo is reduced before detection.

    ``refine``: look again at the chosen face, enlarged or reduced to one size, before aligning it.
    """

    kind: Literal["centerface", "yunet", "rows"]
    file: FileName
    recipe: Literal["", "centerface/1"] = ""
    threshold: Annotated[float, Field(gt=0, lt=1)]
    overlap: Annotated[float, Field(gt=0, lt=1)] = 0.3
    longest: Annotated[int, Field(ge=64, le=4096)] = 640
    refine: bool = False


class DlibAlignerPart(_Part):
    """dlib's five-point predictor and 150-pixel chip."""

    kind: Literal["dlib"]
    file: FileName


class SimilarityAlignerPart(_Part):
    """A five-point template, as fractions of a chip of ``size`` pixels."""

    kind: Literal["similarity"]
    size: Annotated[int, Field(ge=32, le=512)]
    template: Annotated[tuple[tuple[Fraction, Fraction], ...], Field(min_length=5, max_length=5)]


class EncoderPart(_Part):
    """``files``: alternatives of the same network, the first that is there is used; ``companions``: their other files.

    A pixel value v (0 to 255) of channel c enters as (v - mean[c]) * scale[c].
    """

    files: Annotated[tuple[FileName, ...], Field(min_length=1)]
    companions: tuple[FileName, ...] = ()
    recipe: Literal["", "dlib-resnet/1", "simplify/1"] = ""
    channels: Literal["rgb", "bgr"]
    mean: Triple = (0.0, 0.0, 0.0)
    scale: Triple = (1.0, 1.0, 1.0)


class PosePart(_Part):
    """Networks that tell the head's pose, averaged; without this part the landmarks tell it."""

    kind: Literal["fsanet"]
    files: Annotated[tuple[FileName, ...], Field(min_length=1)]


class TrackingPart(_Part):
    """Comparison scores by which faces of one video are told: from ``same`` on one person, below ``other`` two."""

    same: float
    other: float

    @model_validator(mode="after")
    def _in_order(self) -> "TrackingPart":
        if self.other >= self.same:
            raise ValueError("other must be below same")
        return self


class PackManifest(_Part):
    """A model pack.

    ``quality``: what counts as 0 and as 100 in the unified quality score. ``tracking``: without it a face in a video is
    followed by its position alone, and a track that was interrupted is never joined again.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    version: Annotated[str, Field(min_length=1, max_length=20)]
    title: str
    metric: Metric
    dimension: Annotated[int, Field(ge=2, le=4096)]
    file: Annotated[tuple[PackFile, ...], Field(min_length=1)]
    detector: DetectorPart
    aligner: Annotated[DlibAlignerPart | SimilarityAlignerPart, Field(discriminator="kind")]
    encoder: EncoderPart
    pose: PosePart | None = None
    quality: PackRanges = NO_RANGES
    tracking: TrackingPart | None = None

    @model_validator(mode="after")
    def _names_agree(self) -> "PackManifest":
        names = [file.name for file in self.file]
        if len(set(names)) != len(names):
            raise ValueError("a file name stands twice")
        needed = [self.detector.file, *self.encoder.files, *self.encoder.companions]
        if isinstance(self.aligner, DlibAlignerPart):
            needed.append(self.aligner.file)
        pose = self.pose.files if self.pose is not None else ()
        # The digest leaves out what only tells the pose.
        both = [name for name in pose if name in needed]
        if both:
            raise ValueError(f"{', '.join(both)} cannot tell the pose and make templates")
        unknown = [name for name in (*needed, *pose) if name not in names]
        if unknown:
            raise ValueError(f"no [[file]] is named {', '.join(unknown)}")
        return self

    @property
    def digest(self) -> PackDigest:
        """SHA-256 over all that decides what a template's numbers are.

        Where the files come from, their licences, the pack's title, and what only tells quality or follows faces do
        not.
        """
        aside_of = {"title": True, "file": True, "quality": True, "pose": True, "tracking": True}
        said = self.model_dump(mode="json", exclude=aside_of)
        aside = self.pose.files if self.pose is not None else ()
        said["files"] = sorted((file.name, file.sha256) for file in self.file if file.name not in aside)
        said["pipeline"] = PIPELINE
        text = json.dumps(said, sort_keys=True, separators=(",", ":"))
        return PackDigest(hashlib.sha256(text.encode()).hexdigest())

    def find_file(self, name: str) -> PackFile:
        """Return the file of that name; the manifest's own parts name only files that it lists."""
        return next(file for file in self.file if file.name == name)


def read_manifest(path: Path) -> PackManifest:
    """Read a pack's TOML manifest; raises ModelError that names the file and the first thing wrong with it."""
    try:
        return PackManifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(
            "models.no-manifest",
            "{path} cannot be read as a pack manifest: {error}. docs/models.md shows one.",
            path=path,
            error=error,
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the manifest"
        raise ModelError(
            "models.bad-manifest",
            "{path}: {place}: {fault}. docs/models.md shows a manifest.",
            path=path,
            place=place,
            fault=first["msg"],
        ) from error


MANIFEST_FILE: Final = "pack.toml"
_BUILTIN: Final = Path(__file__).parent / "builtin"


def list_packs(models: Path) -> tuple[PackManifest, ...]:
    """Return all packs, the built-in ones first; raises ModelError where an operator's manifest is wrong."""
    builtin = [read_manifest(path) for path in sorted(_BUILTIN.glob("*.toml"))]
    names = {pack.name for pack in builtin}
    own = [read_manifest(path) for path in sorted(models.glob(f"*/{MANIFEST_FILE}"))]
    return (*builtin, *(pack for pack in own if pack.name not in names))


def find_pack(name: str, models: Path) -> PackManifest:
    """Return the pack of that name; raises PackMissing, which lists the names that there are."""
    packs = list_packs(models)
    for pack in packs:
        if pack.name == name:
            return pack
    known = ", ".join(pack.name for pack in packs)
    raise PackMissing(
        "models.no-pack",
        "There is no model pack called '{name}'. Known packs: {known}. See `semblance models list`.",
        name=name,
        known=known,
    )


def is_builtin(name: str) -> bool:
    """Return whether the name belongs to a pack that Semblance describes itself."""
    return (_BUILTIN / f"{name}.toml").is_file()
