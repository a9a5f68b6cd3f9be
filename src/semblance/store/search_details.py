"""What the sealed document of a search says beyond its first face: preparation, joined probes, narrowing."""

from typing import Any

from semblance.audit.search_record import JoinedProbe, PreparedFace, SearchRecord
from semblance.store.encoding import read_box, read_face, write_box, write_face, write_text
from semblance.terms.ids import PreparationId, ProbeId, Sha256
from semblance.terms.narrowing import EVERYBODY, Narrowing
from semblance.terms.record import RecordKind, Sex


def write_details(record: SearchRecord) -> dict[str, Any]:
    """Return the details as parts of the document."""
    narrowed = record.narrowed
    return {
        "prepared": _write_prepared(record.prepared),
        "also": [
            {
                "probe": one.probe,
                "sha256": one.sha256,
                "name": write_text(one.name),
                "face": one.face,
                "prepared": _write_prepared(one.prepared),
            }
            for one in record.also
        ],
        "narrowed": None
        if narrowed == EVERYBODY
        else {
            "kinds": sorted(narrowed.kinds),
            "youngest": narrowed.youngest,
            "oldest": narrowed.oldest,
            "sex": narrowed.sex,
            "nationality": narrowed.nationality,
        },
    }


def read_details(document: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of SearchRecord that the details hold; a document from before has none of them."""
    return {
        "prepared": _read_prepared(document.get("prepared")),
        "also": tuple(
            JoinedProbe(
                ProbeId(one["probe"]), Sha256(one["sha256"]), one["name"], one["face"], _read_prepared(one["prepared"])
            )
            for one in document.get("also", ())
        ),
        "narrowed": _read_narrowed(document.get("narrowed")),
    }


def _write_prepared(prepared: PreparedFace | None) -> dict[str, Any] | None:
    if prepared is None:
        return None
    return {
        "preparation": prepared.preparation,
        "number": prepared.number,
        "steps": list(prepared.steps),
        "face": prepared.face,
        "box": write_box(prepared.box),
        "original": write_face(prepared.original),
    }


def _read_prepared(document: dict[str, Any] | None) -> PreparedFace | None:
    if document is None:
        return None
    box = read_box(document["box"])
    assert box is not None
    return PreparedFace(
        preparation=PreparationId(document["preparation"]),
        number=document["number"],
        steps=tuple(document["steps"]),
        face=document["face"],
        box=box,
        original=read_face(document["original"]),
    )


def _read_narrowed(document: dict[str, Any] | None) -> Narrowing:
    if document is None:
        return EVERYBODY
    return Narrowing(
        kinds=frozenset(map(RecordKind, document["kinds"])),
        youngest=document["youngest"],
        oldest=document["oldest"],
        sex=None if document["sex"] is None else Sex(document["sex"]),
        nationality=document["nationality"],
    )
