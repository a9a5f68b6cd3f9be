"""Following the faces of a submission's video: how far it is, the tracks, and the one that is picked and searched."""

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse, RedirectResponse, Response

from semblance.cases.case import CaseState
from semblance.edge.acting import CurrentActor
from semblance.errors import Conflict, IntakeError, NotFound
from semblance.gallery.submission import FileKind, FileState
from semblance.terms.ids import SubmissionFileId, SubmissionId
from semblance.terms.job import JobState
from semblance.terms.permission import Action, Actor
from semblance.web.cases.track_views import UNITS, find_scale, sort_tracks, view_row, view_track
from semblance.web.jobs.jobs import view_job
from semblance.web.page.navigation import make_frame, may
from semblance.web.page.rendering import Problem, render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.wording.say_message import say_message
from semblance.web.wording.words import say_time
from semblance.workflows.following.follow_video import begin_following
from semblance.workflows.following.pick_track import pick_track
from semblance.workflows.following.read_following import read_face, read_following
from semblance.workflows.following.show_frames import read_frames
from semblance.workflows.jobs.jobs import cancel_job

routes = APIRouter(prefix="/submissions/{submission}/files/{file}")


def _show(
    site: Site,
    actor: Actor,
    submission: SubmissionId,
    file: SubmissionFileId,
    *,
    chosen: int | None = None,
    at: float | None = None,
    problem: Problem = None,
) -> HTMLResponse:
    found = read_following(site.node, actor, submission, file)
    if found.file.state is not FileState.COMPLETE or found.file.kind is not FileKind.VIDEO:
        raise NotFound("following.no-page", "{name} is no video that is held here.", name=found.file.name)
    here, scale, is_open = (
        f"/submissions/{submission}/files/{file}",
        find_scale(found),
        found.case.state is CaseState.OPEN,
    )
    tracks = sort_tracks(found.followed.tracks) if found.followed else ()
    track = next((track for track in tracks if track.number == chosen), tracks[0] if tracks else None)
    moving = found.job is not None and found.job.is_open
    return render_page(
        "cases/tracks.html",
        make_frame(site, "cases", actor),
        here=here,
        submission=submission,
        case=found.case.id,
        number=found.case.number,
        name=found.file.name,
        notes=tuple(map(say_message, found.followed.notes if found.followed else ())),
        job=None if found.job is None else view_job(site, actor, found.job, site.node.clock()),
        moving=moving,
        ended_well=found.job is not None and found.job.state is JobState.DONE,
        may_follow=is_open and not moving and may(site, actor, Action.VIDEO_FOLLOW),
        may_pick=is_open and not moving and may(site, actor, Action.PROBE_SUBMIT),
        may_clip=is_open and not moving and may(site, actor, Action.REDACTION_EXPORT),
        is_open=is_open,
        units=UNITS,
        marks=[say_time(scale.start + part * (scale.end - scale.start) / 4) for part in range(5)],
        start=scale.start,
        end=scale.end,
        rows=[view_row(row, found.faces.get(row.number, ()), scale, here=here, chosen=row is track) for row in tracks],
        track=None if track is None else view_track(track, found.faces.get(track.number, ()), here=here),
        at=at,
        problem=problem,
    )


@routes.get("/tracks")
def read(
    site: CurrentSite,
    actor: CurrentActor,
    submission: SubmissionId,
    file: SubmissionFileId,
    track: int | None = Query(None),
    at: float | None = Query(None, allow_inf_nan=False),
) -> Response:
    return _show(site, actor, submission, file, chosen=track, at=at)


@routes.post("/tracks")
def follow(site: CurrentSite, actor: CurrentActor, submission: SubmissionId, file: SubmissionFileId) -> Response:
    try:
        begin_following(site.node, actor, submission, file)
    except (Conflict, IntakeError) as error:
        return _show(site, actor, submission, file, problem=error)
    return RedirectResponse(f"/submissions/{submission}/files/{file}/tracks", status_code=303)


@routes.post("/tracks/cancel")
def cancel(site: CurrentSite, actor: CurrentActor, submission: SubmissionId, file: SubmissionFileId) -> Response:
    job = read_following(site.node, actor, submission, file).job
    if job is not None:
        try:
            cancel_job(site.node, actor, job.id)
        except Conflict as error:
            return _show(site, actor, submission, file, problem=error)
    return RedirectResponse(f"/submissions/{submission}/files/{file}/tracks", status_code=303)


@routes.post("/tracks/{number}/probe")
def pick(
    site: CurrentSite, actor: CurrentActor, submission: SubmissionId, file: SubmissionFileId, number: int
) -> Response:
    try:
        probe = pick_track(site.node, actor, submission, file, number)
    except (Conflict, IntakeError) as error:
        return _show(site, actor, submission, file, chosen=number, problem=error)
    return RedirectResponse(f"/probes/{probe.id}", status_code=303)


@routes.get("/frame")
def show_frame(
    site: CurrentSite,
    actor: CurrentActor,
    submission: SubmissionId,
    file: SubmissionFileId,
    at: float = Query(allow_inf_nan=False),
) -> Response:
    frames = read_frames(site.node, actor, submission, file, start=at, count=1)
    if not frames:
        raise NotFound("following.no-frame", "The video has no frame at that time or after it.")
    return Response(frames[0].picture, media_type="image/jpeg")


@routes.get("/faces/{face}")
def show_face(
    site: CurrentSite, actor: CurrentActor, submission: SubmissionId, file: SubmissionFileId, face: str
) -> Response:
    return Response(read_face(site.node, actor, submission, file, face), media_type="image/jpeg")
