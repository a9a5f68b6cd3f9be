"""Following the faces of a submission's video: begin it, what it found, frames to look at, and the track picked."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from semblance.api.answers import list_answers
from semblance.edge.acting import CurrentActor, CurrentNode
from semblance.edge.following import FollowingDocument, FrameListDocument, describe_following, describe_frames
from semblance.edge.jobs import JobDocument, describe_job
from semblance.edge.searches import ProbeDocument, describe_probe
from semblance.edge.statuses import NUMBER_CAP
from semblance.terms.ids import SubmissionFileId, SubmissionId
from semblance.workflows.cases.cases import name_case
from semblance.workflows.following.follow_video import begin_following
from semblance.workflows.following.pick_track import pick_track
from semblance.workflows.following.read_following import read_face, read_following
from semblance.workflows.following.show_frames import FRAMES_CAP, read_frames

Seconds = Annotated[float | None, Query(ge=-NUMBER_CAP, le=NUMBER_CAP, allow_inf_nan=False)]

routes = APIRouter(
    prefix="/submissions/{submission}/files/{file}", tags=["submissions"], responses=list_answers(401, 403, 404)
)


@routes.post("/following", summary="Follow the faces of a video", status_code=202, responses=list_answers(409))
def begin(node: CurrentNode, actor: CurrentActor, submission: SubmissionId, file: SubmissionFileId) -> JobDocument:
    """Have every face of a video followed; a worker does it, and nobody is compared with any record."""
    return describe_job(begin_following(node, actor, submission, file), node.clock())


@routes.get("/following", summary="What following the faces found")
def read(
    node: CurrentNode, actor: CurrentActor, submission: SubmissionId, file: SubmissionFileId, at: Seconds = None
) -> FollowingDocument:
    """Return how far it is and the tracks so far; with `at`, a time in seconds, where their faces are then."""
    return describe_following(read_following(node, actor, submission, file), node.clock(), at)


@routes.get(
    "/faces/{face}",
    summary="A face of a track",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "A JPEG."}},
)
def show_face(
    node: CurrentNode, actor: CurrentActor, submission: SubmissionId, file: SubmissionFileId, face: str
) -> Response:
    """Return the small picture of a face."""
    return Response(read_face(node, actor, submission, file, face), media_type="image/jpeg")


@routes.get("/frames", summary="Frames of a video", responses=list_answers(413, 415))
def show_frames(
    node: CurrentNode,
    actor: CurrentActor,
    submission: SubmissionId,
    file: SubmissionFileId,
    start: Seconds = None,
    until: Seconds = None,
    count: Annotated[int, Query(ge=1, le=FRAMES_CAP)] = FRAMES_CAP,
) -> FrameListDocument:
    """Return frames from one time to another, in seconds; ask again from the last where there are more."""
    return describe_frames(read_frames(node, actor, submission, file, start=start, until=until, count=count))


@routes.post(
    "/tracks/{number}/probe",
    summary="Hand in a track as a probe",
    status_code=201,
    responses=list_answers(409, 413, 415, 507),
)
def pick(
    node: CurrentNode, actor: CurrentActor, submission: SubmissionId, file: SubmissionFileId, number: int
) -> ProbeDocument:
    """Hold one track as a probe of the case, searched with all its good frames together; nobody else goes along."""
    made = pick_track(node, actor, submission, file, number)
    return describe_probe(made, name_case(node, made.case), node.suitability)
