"""``semblance follow`` and ``semblance tracks``: follow the faces of a video, look at the tracks, pick the one."""

import time
from typing import Final

import click

from semblance.cli.acting import acting
from semblance.cli.exit_codes import DONE, INCOMPLETE
from semblance.cli.output import Aside, Reply, draw_bar, make_facts, make_table
from semblance.edge.following import describe_following
from semblance.edge.jobs import describe_job
from semblance.edge.searches import describe_probe
from semblance.errors import IntakeError, NotFound
from semblance.faces.tracking.best_frames import find_spans
from semblance.node.node import Node
from semblance.terms.ids import SubmissionFileId, SubmissionId
from semblance.terms.job import Job, JobState
from semblance.terms.permission import Actor
from semblance.terms.tracks import Track
from semblance.workflows.cases.cases import name_case
from semblance.workflows.following.follow_video import begin_following
from semblance.workflows.following.pick_track import pick_track
from semblance.workflows.following.read_following import read_following
from semblance.workflows.jobs.jobs import read_job
from semblance.workflows.submissions.submissions import read_submission

_LOOK: Final = 0.5
_SPANS: Final = 4


@click.command("follow")
@click.argument("submission")
@click.argument("file")
@click.option("--no-wait", is_flag=True, help="Do not wait until it is done.")
@acting
def command(node: Node, actor: Actor, submission: str, file: str, no_wait: bool) -> Reply:
    """Follow every face of a video, FILE of a SUBMISSION, by its id or its name; nobody is compared with any record.

    `semblance serve` or `semblance worker` does it. Ctrl-C ends the waiting only.
    """
    wanted = _find_file(node, actor, submission, file)
    job = begin_following(node, actor, SubmissionId(submission), wanted)
    left = no_wait
    try:
        if not no_wait:
            job = _wait(node, actor, job)
    except KeyboardInterrupt:
        left = True
    if left:
        onward = f"It goes on without you: semblance job show {job.id}"
        return Reply(describe_job(job, node.clock()), f"Job {job.id}: the faces of {file} are being followed.", onward)
    if job.state is not JobState.DONE:
        why = job.ending or f"It was broken off; what was found until then stays. Job {job.id}."
        return Reply(describe_job(job, node.clock()), str(why), code=INCOMPLETE)
    return Reply(
        describe_job(job, node.clock()), f"{job.ending}.", f"To look at them: semblance tracks {submission} {wanted}"
    )


@click.command("tracks")
@click.argument("submission")
@click.argument("file")
@click.option("--pick", type=int, metavar="NUMBER", help="Hand in this track as a probe of the case.")
@acting
def tracks(node: Node, actor: Actor, submission: str, file: str, pick: int | None) -> Reply:
    """List the tracks of a video, FILE of a SUBMISSION, the one that was seen longest first, or pick one of them.

    Only the one that is picked is ever compared; everybody else goes with the submission.
    """
    held, wanted = SubmissionId(submission), _find_file(node, actor, submission, file)
    if pick is not None:
        probe = pick_track(node, actor, held, wanted, pick)
        frames = 0 if probe.track is None else len(probe.track.frames)
        facts = {"probe": probe.id, "track": pick, "frames": frames, "kept until": probe.expires_at}
        return Reply(describe_probe(probe, name_case(node, probe.case), node.suitability), make_facts(facts))
    found = read_following(node, actor, held, wanted)
    document = describe_following(found, node.clock())
    if found.followed is None:
        return Reply(document, "The faces have not been followed yet: semblance follow.")
    ordered = sorted(found.followed.tracks, key=lambda track: -_measure(track))
    rows = (_list(track) for track in ordered)
    table = make_table(("track", "seconds", "frames", "quality", "seen"), rows, numbers={"seconds", "frames"})
    return Reply(
        document,
        table if ordered else "No face was found.",
        not found.followed.done and Aside(f"Followed up to {found.followed.reached:.1f} s; tracks may still change."),
        *(str(note) for note in found.followed.notes),
        code=DONE,
    )


def _find_file(node: Node, actor: Actor, submission: str, file: str) -> SubmissionFileId:
    """Return the id of the file that is named; raises NotFound, IntakeError where several have that name."""
    files = read_submission(node, actor, SubmissionId(submission)).files
    found = [each.id for each in files if file in {each.id, each.name}]
    if len(found) > 1:
        raise IntakeError(
            "operator.follow.several-files", "{n} files are called {name}; name one by its id.", n=len(found), name=file
        )
    if not found:
        raise NotFound("operator.follow.no-file", "There is no file {name} in the submission.", name=file)
    return found[0]


def _wait(node: Node, actor: Actor, job: Job) -> Job:
    with draw_bar("seconds of the video") as draw:
        while job.is_open:
            time.sleep(_LOOK)
            job = read_job(node, actor, job.id)
            draw(job.progress.done, job.progress.total)
    return job


def _measure(track: Track) -> float:
    return sum(end - start for start, end in find_spans(track))


def _list(track: Track) -> tuple[object, ...]:
    spans = find_spans(track)
    told = ", ".join(f"{start:.2f}-{end:.2f}" for start, end in spans[:_SPANS])
    more = f" and {len(spans) - _SPANS} more" if len(spans) > _SPANS else ""
    best = max(sighting.quality for sighting in track.sightings)
    return track.number, f"{_measure(track):.1f}", len(track.sightings), best, f"{told}{more}"
