"""Submissions: the videos and photos of a case, received in pieces that may be sent again."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Body, Header
from pydantic import Field

from semblance.api.answers import list_answers
from semblance.api.cases import ReasonRequest
from semblance.edge.acting import CurrentActor, CurrentNode
from semblance.edge.document import Document
from semblance.edge.searches import ProbeDocument, describe_probe
from semblance.edge.statuses import NUMBER_CAP
from semblance.edge.submissions import (
    CompletedDocument,
    ReceivingDocument,
    SubmissionDocument,
    SubmissionErasedDocument,
    SubmissionListDocument,
    describe_completed,
    describe_receiving,
    describe_submission,
    describe_submission_erased,
)
from semblance.gallery.submission import SubmissionDraft
from semblance.terms.ids import CaseId, Sha256, SubmissionFileId, SubmissionId
from semblance.workflows.cases.cases import name_case
from semblance.workflows.submissions.complete import complete_file
from semblance.workflows.submissions.hand_in import hand_in_photo
from semblance.workflows.submissions.receive import add_file, give_up_file, receive_chunk
from semblance.workflows.submissions.receive import describe_receiving as find_receiving
from semblance.workflows.submissions.submissions import (
    begin_submission,
    erase_submission,
    list_submissions,
    move_review,
    read_submission,
)

_EXAMPLE = {
    "source": "company",
    "authority": "Police judiciaire, Lyon",
    "company": "Metro de Lyon",
    "obtained": "Cameras of the station, requested on 2 February",
    "legal_basis": "Code of criminal procedure, article 60-1",
    "review_on": "2026-06-01",
}


class FileRequest(Document):
    """A file that is going to be sent: what it is called, perhaps with folders before it, and its size in bytes."""

    name: str = Field(max_length=2000, examples=["camera 3/2026-02-01 18.00.mp4"])
    size: int = Field(ge=0, le=NUMBER_CAP)


class CompletionRequest(Document):
    """What the sender says of the whole file."""

    sha256: str | None = Field(default=None, pattern=r"^[0-9A-Fa-f]{64}$", description="SHA-256, in hexadecimal.")


class ReviewRequest(Document):
    """Until when it is held from now on, and why."""

    review_on: date
    reason: str = Field(min_length=1)


routes = APIRouter(tags=["submissions"], responses=list_answers(401, 403, 404))


@routes.get("/cases/{case}/submissions", summary="List the submissions of a case")
def list_all(node: CurrentNode, actor: CurrentActor, case: CaseId) -> SubmissionListDocument:
    """Return the submissions of a case with their files; reading is logged."""
    found = list_submissions(node, actor, case)
    return SubmissionListDocument(submissions=tuple(map(describe_submission, found)))


@routes.post(
    "/cases/{case}/submissions", summary="Begin a submission", status_code=201, responses=list_answers(409, 507)
)
def begin(
    node: CurrentNode, actor: CurrentActor, case: CaseId, request: Annotated[SubmissionDraft, Body(examples=[_EXAMPLE])]
) -> SubmissionDocument:
    """Say where videos and photos come from and until when they are held; their files are sent after it."""
    made = begin_submission(node, actor, case, request)
    return describe_submission(read_submission(node, actor, made.id))


@routes.get("/submissions/{submission}", summary="A submission")
def read(node: CurrentNode, actor: CurrentActor, submission: SubmissionId) -> SubmissionDocument:
    """Return a submission with its files; reading is logged."""
    return describe_submission(read_submission(node, actor, submission))


@routes.delete("/submissions/{submission}", summary="Erase a submission")
def erase(
    node: CurrentNode, actor: CurrentActor, submission: SubmissionId, request: ReasonRequest
) -> SubmissionErasedDocument:
    """Erase a submission with all its files and their keys."""
    return describe_submission_erased(erase_submission(node, actor, submission, reason=request.reason))


@routes.post("/submissions/{submission}/review", summary="Move the review", responses=list_answers(409))
def review(
    node: CurrentNode, actor: CurrentActor, submission: SubmissionId, request: ReviewRequest
) -> SubmissionDocument:
    """Hold a submission until another day, since somebody reviewed it."""
    move_review(node, actor, submission, request.review_on, reason=request.reason)
    return describe_submission(read_submission(node, actor, submission))


@routes.post(
    "/submissions/{submission}/files", summary="Announce a file", status_code=201, responses=list_answers(409, 507)
)
def announce(
    node: CurrentNode, actor: CurrentActor, submission: SubmissionId, request: FileRequest
) -> ReceivingDocument:
    """Announce a file; the answer says into how many pieces it is to be cut, and how long each is."""
    return describe_receiving(add_file(node, actor, submission, name=request.name, size=request.size))


@routes.get("/submissions/{submission}/files/{file}", summary="Which pieces of a file are held")
def ask(node: CurrentNode, actor: CurrentActor, submission: SubmissionId, file: SubmissionFileId) -> ReceivingDocument:
    """Return which pieces of a file are held, so that an upload that was cut off can go on."""
    return describe_receiving(find_receiving(node, actor, submission, file))


@routes.delete(
    "/submissions/{submission}/files/{file}", summary="Give up a file", status_code=204, responses=list_answers(409)
)
def give_up(node: CurrentNode, actor: CurrentActor, submission: SubmissionId, file: SubmissionFileId) -> None:
    """Forget a file that is not whole; whole ones go with their submission."""
    give_up_file(node, actor, submission, file)


@routes.put(
    "/submissions/{submission}/files/{file}/chunks/{number}",
    summary="Send a piece of a file",
    status_code=204,
    responses=list_answers(409, 413, 507),
)
def send(
    node: CurrentNode,
    actor: CurrentActor,
    submission: SubmissionId,
    file: SubmissionFileId,
    number: int,
    data: Annotated[bytes, Body(media_type="application/octet-stream")],
    content_digest: Annotated[
        str | None, Header(max_length=200, description="`sha-256=:BASE64:` of the piece (RFC 9530).")
    ] = None,
) -> None:
    """Seal one piece, counted from 0. They come in any order; the same one twice is fine, another is a conflict."""
    receive_chunk(node, actor, submission, file, number, data, digest=content_digest)


@routes.post(
    "/submissions/{submission}/files/{file}/completion",
    summary="Complete a file",
    responses=list_answers(409, 413, 415, 507),
)
def complete(
    node: CurrentNode, actor: CurrentActor, submission: SubmissionId, file: SubmissionFileId, request: CompletionRequest
) -> CompletedDocument:
    """Close a file of which every piece was sent: its digest is checked, and a zip file is unpacked."""
    digest = None if request.sha256 is None else Sha256(request.sha256)
    return describe_completed(complete_file(node, actor, submission, file, digest=digest))


@routes.post(
    "/submissions/{submission}/files/{file}/probe",
    summary="Hand in a photo of a submission as a probe",
    status_code=201,
    responses=list_answers(409, 413, 415, 507),
)
def hand_in(node: CurrentNode, actor: CurrentActor, submission: SubmissionId, file: SubmissionFileId) -> ProbeDocument:
    """Hold a photo of the submission as a probe of its case; it says where it comes from."""
    made = hand_in_photo(node, actor, submission, file)
    return describe_probe(made, name_case(node, made.case), node.suitability)
