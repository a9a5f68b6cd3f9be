"""What was extracted from a photo, kept between runs of an evaluation: one small file an entry.

Templates are biometric data: the folder is closed to other users and can be deleted at any time. An entry is written
beside its place and moved there, so that two runs at once never see half of one; an entry that is damaged counts as not
there.
"""

import base64
import binascii
import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final

from semblance.errors import UnreadableFile
from semblance.terms.ids import PackDigest, Sha256
from semblance.terms.samples import Metric, Template

_FORM: Final = 1


@dataclass(frozen=True, slots=True)
class CacheKey:
    """What an entry depends on.

    ``variant`` names what was done to the photo and by which program: rung, strength, seed, eye distance, the digest
    of the code; entries whose variants differ in a character are different entries.
    """

    photo: Sha256
    pack: PackDigest
    variant: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.photo}\n{self.pack}\n{self.variant}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class KeptExtraction:
    """What an evaluation needs of one extraction.

    Either ``template`` is there, or ``failure`` says in a sentence why not. ``inter_eye_distance`` in pixels and
    ``quality`` (measure to scalar) are those of the face that was taken, None where none was found.
    """

    template: Template | None
    failure: str | None
    faces: int
    inter_eye_distance: float | None
    quality: Mapping[str, int] | None


class TemplateCache:
    """A folder of entries, safe to use from several threads and processes at once."""

    def __init__(self, folder: Path) -> None:
        """Make the folder if need be, readable by its owner only; raises UnreadableFile where that cannot be done."""
        self.folder = folder
        self.unwritten = 0
        self._counting = Lock()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise UnreadableFile(
                "operator.evaluation.cache-folder",
                "The cache folder {folder} cannot be made ({why}): name another folder.",
                folder=folder,
                why=error.strerror or error,
            ) from error

    def find(self, key: CacheKey) -> KeptExtraction | None:
        """Return the entry, or None where there is none or it is damaged."""
        try:
            return _parse(self._place(key).read_bytes(), key)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, key: CacheKey, entry: KeptExtraction) -> bool:
        """Write the entry and return whether that worked; ``unwritten`` counts where it did not (a full disk)."""
        place = self._place(key)
        draft = place.with_name(f".{place.name}.{secrets.token_hex(8)}")
        try:
            place.parent.mkdir(mode=0o700, exist_ok=True)
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(_format(key, entry))
            draft.replace(place)
        except OSError:
            # An evaluation does not need its cache: the run goes on, and its report says what was not kept.
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
            with self._counting:
                self.unwritten += 1
            return False
        return True

    def _place(self, key: CacheKey) -> Path:
        digest = key.digest
        return self.folder / digest[:2] / f"{digest[2:]}.json"


def _format(key: CacheKey, entry: KeptExtraction) -> bytes:
    template = entry.template
    content = {
        "form": _FORM,
        "photo": key.photo,
        "pack": key.pack,
        "variant": key.variant,
        "failure": entry.failure,
        "faces": entry.faces,
        "inter_eye_distance": entry.inter_eye_distance,
        "quality": None if entry.quality is None else dict(entry.quality),
        "template": None
        if template is None
        else {
            "metric": template.metric.value,
            "dimension": template.dimension,
            "values": base64.b64encode(template.values).decode("ascii"),
        },
    }
    body = json.dumps(content, sort_keys=True, ensure_ascii=True).encode("ascii")
    return hashlib.sha256(body).hexdigest().encode("ascii") + b"\n" + body


def _parse(data: bytes, key: CacheKey) -> KeptExtraction | None:
    """Return the entry, or None where it is another's; raises ValueError, KeyError or TypeError where it is damaged."""
    checksum, _, body = data.partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode("ascii") != checksum:
        return None
    content: dict[str, Any] = json.loads(body)
    if (content["form"], content["photo"], content["pack"], content["variant"]) != (
        _FORM,
        key.photo,
        key.pack,
        key.variant,
    ):
        return None
    return KeptExtraction(
        _parse_template(content["template"], key.pack),
        content["failure"],
        int(content["faces"]),
        content["inter_eye_distance"],
        content["quality"],
    )


def _parse_template(content: dict[str, Any] | None, pack: PackDigest) -> Template | None:
    if content is None:
        return None
    try:
        values = base64.b64decode(content["values"], validate=True)
    except binascii.Error as error:
        raise ValueError("the template is no base64") from error
    dimension = int(content["dimension"])
    if len(values) != 4 * dimension:
        raise ValueError("the template has the wrong length")
    return Template(pack, Metric(content["metric"]), dimension, values)
