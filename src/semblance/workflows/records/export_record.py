"""Export a record: everything that it holds, as one file; handing data out is a disclosure."""

import io
import json
import zipfile
from dataclasses import replace

from pydantic import TypeAdapter

from semblance.audit.entry import Touched, Verb
from semblance.gallery.record import ImageSource, Record, RecordVersion
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import photos, records
from semblance.store.engine import Transaction
from semblance.terms.ids import SubjectId
from semblance.terms.permission import Action, Actor
from semblance.workflows.permission import log_act, require_reason
from semblance.workflows.records.read_record import ask_for_record, require_held

FORMAT = "semblance-record/1"
_RECORD = TypeAdapter(Record)
_VERSIONS = TypeAdapter(tuple[RecordVersion, ...])
_SOURCE = TypeAdapter(ImageSource)


def export_record(node: Node, actor: Actor, subject: SubjectId, *, reason: str) -> bytes:
    """Return a zip of ``record.json``, the images as they were handed in, and a manifest of these; raises NotFound."""
    require_reason(reason, Message("reason.no-disclosure", "Handing data out is a disclosure; say why it is made."))
    permit = ask_for_record(node, actor, Action.RECORD_EXPORT, subject)
    with node.store.reading() as tx:
        files = collect_record(tx, subject)
    with node.store.writing() as tx:
        log_act(tx, permit, Verb.DISCLOSURE, Touched("subject", subject), at=node.clock(), reason=reason)
    return zip_files({**files, "manifest.json": _write_manifest(files["record.json"])})


def collect_record(tx: Transaction, subject: SubjectId) -> dict[str, bytes]:
    """Return the files of a record: its document with all versions, and its images; raises NotFound."""
    record = require_held(tx, subject)
    images, files = [], {}
    for photo in photos.list_photos(tx, subject):
        kind = photo.facts.media_type.rpartition("/")[2]
        name = f"images/{photo.id}.{kind}"
        files[name] = photos.read_photo_bytes(tx, photo.id) or b""
        images.append(
            {
                "file": name,
                "name": photo.name,
                "sha256": photo.facts.sha256,
                "status": photo.status.value,
                "reasons": list(map(str, photo.reasons)),
                "captured": photo.captured,
                "face": photo.chosen,
                "source": _SOURCE.dump_python(photo.source, mode="json"),
                "note": photo.note,
                "enrolled_at": photo.enrolled_at.isoformat(),
                "enrolled_by": photo.enrolled_by,
            }
        )
    # whoever is handed this has no catalogue of messages: the reasons are sentences
    versions = [replace(version, reason=str(version.reason)) for version in records.list_versions(tx, subject)]
    document = {
        "format": FORMAT,
        "record": _RECORD.dump_python(record, mode="json"),
        "versions": _VERSIONS.dump_python(tuple(versions), mode="json"),
        "images": images,
    }
    return {"record.json": json.dumps(document, ensure_ascii=False, indent=2).encode(), **files}


def _write_manifest(document: bytes) -> bytes:
    """Return the manifest by which the images are enrolled again, each with its own source."""
    exported = json.loads(document)
    rows = [
        {
            "subject": exported["record"]["draft"]["number"],
            "path": image["file"],
            "captured": image["captured"],
            "face": image["face"],
            "source": image["note"],
            "authority": image["source"]["authority"],
            "obtained": image["source"]["obtained"],
            "obtained_on": image["source"]["on"],
        }
        for image in exported["images"]
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2).encode()


def zip_files(files: dict[str, bytes]) -> bytes:
    """Return the files as one zip; the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
