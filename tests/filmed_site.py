"""A film in a submission of a served node, and its faces followed."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tests.cast import ALICE
from tests.site_fixtures import Served
from tests.workflows.filming import make_film

from semblance.gallery.submission import SourceKind, SubmissionDraft
from semblance.node.extraction_cache import find_reader
from semblance.terms.ids import SubmissionFileId, SubmissionId
from semblance.workflows.following.follow_video import begin_following
from semblance.workflows.jobs.run_jobs import run_jobs
from semblance.workflows.scheduled.kinds import KINDS
from semblance.workflows.submissions.complete import submit_whole
from semblance.workflows.submissions.read_facts import read_waiting
from semblance.workflows.submissions.submissions import begin_submission

FILM = "platform 3.mp4"


@dataclass(frozen=True)
class Filmed:
    """A film of two people in a submission of Alice's case."""

    submission: SubmissionId
    file: SubmissionFileId

    @property
    def place(self) -> str:
        return f"/submissions/{self.submission}/files/{self.file}"

    @property
    def page(self) -> str:
        return f"{self.place}/tracks"


def submit_film(site: Served, portraits: Sequence[Path]) -> Filmed:
    """Submit a film of the two people of these portraits."""
    node = site.node
    day = node.clock().date() + timedelta(days=20)
    said = "Camera of platform 3", "Code of criminal procedure, article 60-1"
    draft = SubmissionDraft(SourceKind.NATIONAL_AUTHORITY, "Police judiciaire, Lyon", *said, day)
    made = begin_submission(node, ALICE, site.case, draft)
    film = make_film(find_reader(node.extractor), portraits)
    file = submit_whole(node, ALICE, made.id, film, name=FILM).file
    for _read in read_waiting(node):
        pass
    return Filmed(made.id, file.id)


def follow_film(site: Served, filmed: Filmed) -> None:
    """Have its faces followed to the end."""
    begin_following(site.node, ALICE, filmed.submission, filmed.file)
    do_jobs(site)


def do_jobs(site: Served) -> None:
    """Do the jobs that wait."""
    run_jobs(site.node, threading.Event(), KINDS, once=True)
