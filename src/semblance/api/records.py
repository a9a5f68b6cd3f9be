"""Records: list, read, write, move from state to state, export, erase; and the photos in them."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, UploadFile
from pydantic import ConfigDict, Field
from pydantic.config import JsonDict
from starlette.responses import Response

from semblance.api.answers import list_answers
from semblance.edge.acting import CurrentActor, CurrentNode
from semblance.edge.document import Document, shorten_name
from semblance.edge.photos import EnrolDocument, PhotoDocument
from semblance.edge.records import (
    ErasureDocument,
    HistoryDocument,
    RecordDetailDocument,
    RecordDocument,
    RecordListDocument,
)
from semblance.exchange.record_document import read_draft
from semblance.faces.pictures import render_preview
from semblance.gallery.record import ImageSource
from semblance.gallery.record_changes import list_changes
from semblance.store.record_selection import RecordFilter
from semblance.terms.ids import AuthorityCode, PhotoId, SubjectId
from semblance.terms.record import RecordKind, RecordState
from semblance.workflows.enrolment.choose_face import choose_face
from semblance.workflows.enrolment.enrol import enrol_into
from semblance.workflows.enrolment.enrolment_report import EnrolRow
from semblance.workflows.records.erase_record import erase_record
from semblance.workflows.records.export_record import export_record
from semblance.workflows.records.list_records import list_opened_records, list_records
from semblance.workflows.records.read_record import describe_photo, list_history, read_photo, read_record
from semblance.workflows.records.write_record import (
    create_record,
    decide_dispute,
    dispute_record,
    edit_record,
    extend_record,
    publish_record,
    withdraw_record,
)

_EXAMPLE: JsonDict = {
    "draft": {
        "kind": "yellow",
        "number": "DE-2026-0117",
        "legal_basis": "Article 90 RPD; missing-person report of 12 March 2026",
        "retain_until": "2028-03-12",
        "personal": {"family_name": "Muster", "given_names": "Erika"},
        "circumstances": {"event_date": "2026-03-12", "event_place": "Lyon", "event_country": "FR"},
    },
    "reason": "Reported missing by her family",
}


class _Request(Document):
    reason: str = Field(min_length=1, description="Why; it is recorded.")


class RecordRequest(_Request):
    """A record to be made; the fields of a draft are those that a record's document shows."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    draft: dict[str, Any]


class EditRequest(RecordRequest):
    """A record as it shall be from now on; ``version`` is the one that was edited."""

    version: int = Field(ge=1)


class PublishRequest(_Request):
    """The answer to the publish-time question (Constitution of INTERPOL, article 3)."""

    neutral: bool = Field(description="It is not political, military, religious or racial in character.")


class DecisionRequest(_Request):
    """The end of a dispute."""

    upheld: bool = Field(description="The dispute was right: the record is withdrawn.")


class ExtensionRequest(_Request):
    """A later, or earlier, last day."""

    retain_until: date


class FaceChoiceRequest(Document):
    """The face of a photo that is the subject's."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"face": 0}]})

    face: int = Field(ge=0, description="Ordinal of the face.")


class FindRequest(Document):
    """What a record's number or name holds, and how the list is narrowed besides."""

    text: str = Field(min_length=1, max_length=200, description="Occurs in the number or the name.")
    kind: RecordKind | None = None
    state: RecordState | None = None
    owner: str | None = Field(default=None, max_length=40)
    after: SubjectId | None = Field(default=None, max_length=64, description="Go on after this record.")
    limit: int = Field(default=50, ge=1, le=500)


routes = APIRouter(prefix="/records", tags=["records"], responses=list_answers(401, 403))
photo_routes = APIRouter(prefix="/photos", tags=["records"], responses=list_answers(401, 403))


@routes.get("", summary="List the records")
def list_all(
    node: CurrentNode,
    actor: CurrentActor,
    kind: RecordKind | None = None,
    state: RecordState | None = None,
    owner: Annotated[str | None, Query(max_length=40)] = None,
    ends_before: Annotated[date | None, Query(description="Its last day is before this; by last days.")] = None,
    after: Annotated[SubjectId | None, Query(max_length=64, description="Go on after this record.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> RecordListDocument:
    """Return the records that are open to you, a page at a time: the newest first, or the one that ends first."""
    wanted = _narrow(kind, state, owner, ends_before)
    return RecordListDocument.model_validate(list_records(node, actor, wanted, after=after, limit=limit))


@routes.post("/find", summary="Find records by number or name")
def find(node: CurrentNode, actor: CurrentActor, request: FindRequest) -> RecordListDocument:
    """Return the records open to you whose number or name holds a text, the newest first; slow.

    A request of its own, since a name shall stand in no address.
    """
    wanted = _narrow(request.kind, request.state, request.owner)
    found = list_opened_records(node, actor, request.text, wanted, after=request.after, limit=request.limit)
    return RecordListDocument.model_validate(found)


def _narrow(
    kind: RecordKind | None, state: RecordState | None, owner: str | None, ends_before: date | None = None
) -> RecordFilter:
    return RecordFilter(
        kinds=frozenset() if kind is None else frozenset({kind}),
        states=frozenset() if state is None else frozenset({state}),
        owner=None if owner is None else AuthorityCode(owner),
        ending_before=ends_before,
    )


@routes.post("", summary="Make a record", status_code=201, responses=list_answers(409, 507))
def create(node: CurrentNode, actor: CurrentActor, request: RecordRequest) -> RecordDocument:
    """Make a draft that your authority owns; enrol its photos, then publish it."""
    return RecordDocument.model_validate(create_record(node, actor, read_draft(request.draft), reason=request.reason))


@routes.get("/{record}", summary="A record and its photos", responses=list_answers(404))
def read(node: CurrentNode, actor: CurrentActor, record: SubjectId) -> RecordDetailDocument:
    """Return a record with the outcome, faces and quality of each of its photos; reading is logged."""
    return RecordDetailDocument.model_validate(read_record(node, actor, record), context=node.suitability)


@routes.put("/{record}", summary="Edit a record", responses=list_answers(404, 409))
def edit(node: CurrentNode, actor: CurrentActor, record: SubjectId, request: EditRequest) -> RecordDocument:
    """Change what stands in a record; 409 where somebody changed it since the version that was edited."""
    draft = read_draft(request.draft)
    changed = edit_record(node, actor, record, draft, version=request.version, reason=request.reason)
    return RecordDocument.model_validate(changed)


@routes.get("/{record}/history", summary="Who changed what, when and why", responses=list_answers(404))
def read_history(node: CurrentNode, actor: CurrentActor, record: SubjectId) -> HistoryDocument:
    """Return all versions of a record, newest first, each with the fields that it changed."""
    return HistoryDocument(versions=list_changes(list_history(node, actor, record)))


@routes.post("/{record}/publication", summary="Publish a draft", responses=list_answers(404))
def publish(node: CurrentNode, actor: CurrentActor, record: SubjectId, request: PublishRequest) -> RecordDocument:
    """Answer the publish-time question; with yes the record is active and can be a candidate."""
    return RecordDocument.model_validate(publish_record(node, actor, record, **request.model_dump()))


@routes.post("/{record}/withdrawal", summary="Withdraw a record", responses=list_answers(404))
def withdraw(node: CurrentNode, actor: CurrentActor, record: SubjectId, request: _Request) -> RecordDocument:
    """Take a record out of every search for good."""
    return RecordDocument.model_validate(withdraw_record(node, actor, record, reason=request.reason))


@routes.post("/{record}/dispute", summary="Block a disputed record", responses=list_answers(404))
def dispute(node: CurrentNode, actor: CurrentActor, record: SubjectId, request: _Request) -> RecordDocument:
    """Block an active record until the dispute is decided."""
    return RecordDocument.model_validate(dispute_record(node, actor, record, reason=request.reason))


@routes.post("/{record}/decision", summary="Decide a dispute", responses=list_answers(404))
def decide(node: CurrentNode, actor: CurrentActor, record: SubjectId, request: DecisionRequest) -> RecordDocument:
    """End a dispute: upheld, the record is withdrawn, else it is active again."""
    return RecordDocument.model_validate(decide_dispute(node, actor, record, **request.model_dump()))


@routes.post("/{record}/extension", summary="Move a record's last day", responses=list_answers(404))
def extend(node: CurrentNode, actor: CurrentActor, record: SubjectId, request: ExtensionRequest) -> RecordDocument:
    """Move the last day, never beyond what the policy allows."""
    return RecordDocument.model_validate(extend_record(node, actor, record, **request.model_dump()))


@routes.post(
    "/{record}/export",
    summary="Everything held in a record, as a zip",
    response_class=Response,
    responses={**list_answers(404), 200: {"content": {"application/zip": {}}, "description": "A zip."}},
)
def export(node: CurrentNode, actor: CurrentActor, record: SubjectId, request: _Request) -> Response:
    """Return record.json with all versions, and the images as they were handed in; a disclosure, and logged so."""
    data = export_record(node, actor, record, reason=request.reason)
    headers = {"content-disposition": 'attachment; filename="record.zip"'}
    return Response(data, media_type="application/zip", headers=headers)


@routes.delete("/{record}", summary="Erase a record", responses=list_answers(404))
def erase(node: CurrentNode, actor: CurrentActor, record: SubjectId, request: _Request) -> ErasureDocument:
    """Erase photos, faces, templates, names and versions at once and for good; the receipt counts them."""
    return ErasureDocument.model_validate(erase_record(node, actor, record, reason=request.reason))


@routes.post("/{record}/photos", summary="Enrol a photo", responses=list_answers(404, 409, 413, 415, 507))
def enrol(
    node: CurrentNode,
    actor: CurrentActor,
    record: SubjectId,
    photo: Annotated[UploadFile, File(description="The photo, as it was received.")],
    source: Annotated[str, Form(description="Which authority handed it in.", min_length=1)],
    obtained: Annotated[str, Form(description="How it was obtained.", min_length=1)],
    obtained_on: Annotated[date, Form(description="When it was obtained.")],
    face: Annotated[int | None, Form(ge=0, description="The face to take, where the photo shows several.")] = None,
    keep_unsuitable: Annotated[bool, Form(description="Keep the photo without a template if unsuitable.")] = False,
) -> EnrolDocument:
    """Enrol one photo in a record of your authority.

    An unsuitable photo, one with no face or with several, is an answer with status 200: see `status` and `reasons`
    of the photo in the report.
    """
    report = enrol_into(
        node,
        actor,
        record,
        photo.file.read(),
        name=shorten_name(photo.filename or "photo"),
        source=ImageSource(source, obtained, obtained_on),
        face=face,
        keep_unsuitable=keep_unsuitable,
    )
    return EnrolDocument.model_validate(report)


@photo_routes.get("/{photo}", name="read", summary="A photo without its picture", responses=list_answers(404))
def read_photo_outcome(node: CurrentNode, actor: CurrentActor, photo: PhotoId) -> PhotoDocument:
    """Return a photo's outcome, faces and quality."""
    return PhotoDocument.model_validate(describe_photo(node, actor, photo), context=node.suitability)


@photo_routes.get(
    "/{photo}/picture",
    summary="A photo's picture",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "A JPEG, upright."}, **list_answers(404)},
)
def read_picture(
    node: CurrentNode, actor: CurrentActor, photo: PhotoId, longest_side: Annotated[int, Query(ge=64, le=4000)] = 1200
) -> Response:
    """Return the photo as an upright JPEG in sRGB without metadata; not the bytes that were handed in."""
    found = read_photo(node, actor, photo)
    return Response(
        render_preview(found.data, name=found.name, turned=found.turned, longest_side=longest_side),
        media_type="image/jpeg",
    )


@photo_routes.post("/{photo}/choice", summary="Choose a face", responses=list_answers(404, 409))
def choose(node: CurrentNode, actor: CurrentActor, photo: PhotoId, choice: FaceChoiceRequest) -> EnrolRow:
    """Enrol one face of a photo that shows several; the others never become templates."""
    return choose_face(node, actor, photo, choice.face)
