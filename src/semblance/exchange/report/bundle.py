"""A report as one file: document, PDF, images and receipts, each named with its digest in a manifest that is signed.

Whoever has the file and the node's public key can verify all of it without the node, and without a network.
"""

import binascii
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from semblance.audit.checkpoint import SigningKey, VerifyingKey, is_sealed, read_key, sign_file
from semblance.audit.receipt import Proven, read_receipt, verify_receipt
from semblance.errors import VerificationError
from semblance.exchange.report.document import FORMAT, ReportDocument

DOCUMENT: Final = "report.json"
PDF: Final = "report.pdf"
MANIFEST: Final = "manifest.json"
_FIELDS: Final = frozenset({"format", "key", "files"})
_LINE: Final = frozenset({"size", "sha256"})
_MOST_FILES: Final = 2_000
_LARGEST: Final = 64_000_000
_LARGEST_MANIFEST: Final = 1_000_000
_ALL: Final = 512_000_000


@dataclass(frozen=True, slots=True)
class VerifiedReport:
    """What a bundle proves: the document, and the entries of the ledger that its receipts prove."""

    document: ReportDocument
    key: VerifyingKey
    proven: tuple[Proven, ...]
    files: int


def write_report(files: Mapping[str, bytes], key: SigningKey) -> bytes:
    """Return the bundle of these files with a manifest that the key has signed; the same files give the same bytes."""
    manifest = json.dumps(
        {
            "format": FORMAT,
            "key": str(key.public),
            "files": {name: {"size": len(data), "sha256": _digest(data)} for name, data in sorted(files.items())},
        },
        sort_keys=True,
        separators=(",", ":"),
    ).encode()
    signed = json.dumps({"manifest": manifest.decode(), "signature": sign_file(manifest, key, purpose=FORMAT)}).encode()
    return _pack(files, signed)


def verify_report(data: bytes, *, trusted: VerifyingKey | None = None) -> VerifiedReport:
    """Return what the bundle proves; raises VerificationError with the first fault.

    Without ``trusted`` the report's own key is believed: then it is only proven that nobody without that key made or
    changed it, and whoever reads the answer should compare the key.
    """
    files = _unpack(data)
    signed = files.pop(MANIFEST, None)
    key, listed = _read_manifest(signed)
    if trusted is not None and trusted != key:
        raise VerificationError(
            "operator.report.other-key", "The report is signed by {key}, not by the key that you trust.", key=key
        )
    if set(files) != set(listed):
        name = min(set(files) ^ set(listed))
        raise VerificationError(
            "operator.report.files-changed", "{name} was added to the report or taken out of it.", name=name
        )
    for name, content in files.items():
        if listed[name] != {"size": len(content), "sha256": _digest(content)}:
            raise VerificationError("operator.report.file-changed", "{name} in the report was changed.", name=name)
    if _pack(files, signed or b"") != data:
        # nothing may hide between the files
        raise VerificationError(
            "operator.report.repacked", "The report is packed in another way than a node packs it; it was changed."
        )
    document = _read_document(files.get(DOCUMENT), key)
    proven = tuple(verify_receipt(read_receipt(_text(name, files)), trusted=key) for name in document.receipts)
    search = document.search.get("id")
    for name, proof in zip(document.receipts, proven, strict=True):
        if search not in {thing.id for thing in proof.things if thing.kind == "search"}:
            raise VerificationError(
                "operator.report.foreign-receipt", "{name} proves an act that is not of the report's search.", name=name
            )
    return VerifiedReport(document, key, proven, len(files))


def _pack(files: Mapping[str, bytes], signed: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in (*sorted(files.items()), (MANIFEST, signed)):
            # pictures and PDF are compressed already, and what is only stored can be packed again byte for byte
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_STORED)
    return buffer.getvalue()


def _unpack(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            _require_bounded(infos)
            return {info.filename: archive.read(info) for info in infos}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError, RuntimeError):
        raise VerificationError(
            "operator.report.unreadable", "The file is no report, or it was damaged or changed."
        ) from None


def _require_bounded(infos: Sequence[zipfile.ZipInfo]) -> None:
    """Raise VerificationError before anything is unpacked that no node packs."""
    if len(infos) > _MOST_FILES or sum(info.file_size for info in infos) > _ALL:
        raise VerificationError("operator.report.too-large", "The file holds more than any report does; it is none.")
    if len({info.filename for info in infos}) != len(infos):
        raise VerificationError(
            "operator.report.file-twice", "A file stands in the report twice; it was changed by hand."
        )
    for info in infos:
        if info.compress_type != zipfile.ZIP_STORED or info.file_size > _LARGEST:
            raise VerificationError(
                "operator.report.compressed",
                "{filename} is packed as no report packs it; it was changed by hand.",
                filename=info.filename,
            )


def _read_manifest(signed: bytes | None) -> tuple[VerifyingKey, dict[str, Any]]:
    if signed is None or len(signed) > _LARGEST_MANIFEST:
        raise VerificationError(
            "operator.report.no-manifest",
            "The report has no {manifest}; it is none, or it was damaged.",
            manifest=MANIFEST,
        )
    strange = VerificationError(
        "operator.report.unknown-format",
        "The report's {manifest} is not of the format {format}, or it was damaged.",
        manifest=MANIFEST,
        format=FORMAT,
    )
    try:
        outer = json.loads(signed)
        text, signature = outer["manifest"], outer["signature"]
        manifest = json.loads(text)
        whole = set(outer) == {"manifest", "signature"} and set(manifest) == _FIELDS and manifest["format"] == FORMAT
        listed = manifest["files"]
        whole = whole and all(set(line) == _LINE for line in listed.values())
        key = read_key(manifest["key"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error):
        raise strange from None
    if not whole:
        raise strange
    if not isinstance(signature, str) or not is_sealed(text.encode(), signature, key, purpose=FORMAT):
        raise VerificationError(
            "operator.report.bad-signature",
            "The report is not signed by {name}: the manifest or its signature was changed.",
            name=key.name,
        )
    return key, listed


def _read_document(data: bytes | None, key: VerifyingKey) -> ReportDocument:
    if data is None:
        raise VerificationError("operator.report.no-document", "The report has no {document}.", document=DOCUMENT)
    try:
        document = ReportDocument.model_validate_json(data)
    except ValidationError:
        raise VerificationError(
            "operator.report.bad-document",
            "The report's {document} does not say what a report says.",
            document=DOCUMENT,
        ) from None
    if document.key != str(key):
        raise VerificationError(
            "operator.report.key-mismatch",
            "The report's {document} names another key than the one that it is signed with.",
            document=DOCUMENT,
        )
    return document


def _text(name: str, files: Mapping[str, bytes]) -> str:
    if name not in files:
        raise VerificationError(
            "operator.report.missing-file", "The report names {name} and does not hold it.", name=name
        )
    return files[name].decode("utf-8", "replace")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
