"""What was extracted from a photo, kept between runs of an evaluation: one small file an entry.

Templates are biometric data: the folder is closed to other users and can be deleted at any time. An entry is written
beside its place and moved there, so that two runs at once never see half of one; an entry that is damaged counts as not
there.
"""

import contextlib
import hashlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from pydantic import ConfigDict, TypeAdapter

from semblance.errors import UnreadableFile
from semblance.terms.ids import PackDigest, Sha256
from semblance.terms.samples import Template

_FORM: Final = 2


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


_ENTRY: Final = TypeAdapter(
    tuple[int, CacheKey, KeptExtraction], config=ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
)
"""The form of an entry, what it depends on, and what it holds."""


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
        except (OSError, ValueError):
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
        return self.folder / key.digest[:2] / f"{key.digest[2:]}.json"


def _format(key: CacheKey, entry: KeptExtraction) -> bytes:
    body = _ENTRY.dump_json((_FORM, key, entry))
    return hashlib.sha256(body).hexdigest().encode("ascii") + b"\n" + body


def _parse(data: bytes, key: CacheKey) -> KeptExtraction | None:
    """Return the entry, or None where it is damaged or another's; raises ValueError where it is of another form."""
    checksum, _, body = data.partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode("ascii") != checksum:
        return None
    form, kept, entry = _ENTRY.validate_json(body)
    template = entry.template
    if template is not None and len(template.values) != 4 * template.dimension:
        return None
    return entry if (form, kept) == (_FORM, key) else None
