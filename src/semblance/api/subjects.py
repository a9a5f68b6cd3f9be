"""Subjects: list, look, enrol, delete."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Query, UploadFile

from semblance.api.answers import list_answers
from semblance.edge.describe import describe_receipt, describe_report, describe_subject_detail, describe_subject_page
from semblance.edge.documents import DeletionDocument, EnrolDocument, SubjectDocument, SubjectListDocument, shorten_name
from semblance.errors import PolicyError, UnusableText
from semblance.exchange.intake import IntakeItem
from semblance.gallery.subject import KEY_LENGTH_CAP, find_key_fault, normalise_key
from semblance.workflows.delete import delete_subject
from semblance.workflows.enrol import enrol_photos
from semblance.workflows.node import Node
from semblance.workflows.show import describe_subject, list_subjects

Key = Annotated[
    str, Path(description="The subject's key, as the submitting authority gave it.", examples=["FR-2024-0017"])
]
PersonText = Annotated[str, Form(description="Who acts.", min_length=1, examples=["alice"])]


def make_subject_routes(node: Node) -> APIRouter:
    """Return the routes about subjects."""
    routes = APIRouter(prefix="/subjects", tags=["gallery"])

    @routes.get("", summary="List the subjects", responses=list_answers())
    def list_all(
        after: Annotated[str | None, Query(description="Go on after this key.", max_length=KEY_LENGTH_CAP)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        text: Annotated[
            str | None, Query(description="Only keys that have this text in them.", max_length=KEY_LENGTH_CAP)
        ] = None,
    ) -> SubjectListDocument:
        """Return subjects in the order of their keys, a page at a time."""
        return describe_subject_page(list_subjects(node, after=after, limit=limit, text=text))

    @routes.post("/{subject:path}/photos", summary="Enrol a photo", responses=list_answers(403, 409, 413, 507))
    def enrol(
        subject: Key,
        person: PersonText,
        photo: Annotated[UploadFile, File(description="The photo, as it was received.")],
        face: Annotated[int | None, Form(ge=0, description="The face to take, where the photo shows several.")] = None,
        keep_unsuitable: Annotated[bool, Form(description="Keep the photo without a template if unsuitable.")] = False,
    ) -> EnrolDocument:
        """Enrol one photo of the subject, and make the subject if it is new.

        An unsuitable photo, one with no face or with several, is an answer with status 200: see `status` and `reasons`
        of the photo in the report.
        """
        person = require_text(person, "person")
        fault = find_key_fault(normalise_key(subject))
        if fault is not None:
            raise UnusableText(f"The photo was not taken: {fault}. Name the subject otherwise.")
        data = photo.file.read()
        name = shorten_name(photo.filename or "photo")
        item = IntakeItem(subject_key=subject, name=name, load=lambda: data, face=face)
        report = enrol_photos(node, [item], person=person, keep_unsuitable=keep_unsuitable, workers=1)
        return describe_report(report)

    @routes.get("/{subject:path}", summary="A subject and its photos", responses=list_answers(404))
    def read(subject: Key) -> SubjectDocument:
        """Return a subject with the outcome, faces and quality of each of its photos."""
        return describe_subject_detail(describe_subject(node, subject), node.suitability)

    @routes.delete("/{subject:path}", summary="Delete a subject", responses=list_answers(403, 404))
    def delete(
        subject: Key,
        person: Annotated[str, Query(description="Who deletes.", min_length=1)],
        reason: Annotated[str, Query(description="Why.", min_length=1)],
    ) -> DeletionDocument:
        """Delete the subject's photos, faces and templates at once and for good; the receipt counts them."""
        person, reason = require_text(person, "person"), require_text(reason, "reason")
        return describe_receipt(delete_subject(node, subject, person=person, reason=reason))

    return routes


def require_text(text: str, name: str) -> str:
    """Return the text without outer white space; raises PolicyError where nothing is left."""
    stripped = text.strip()
    if not stripped:
        raise PolicyError(f"Nothing is done without a {name}: fill it in.")
    return stripped
