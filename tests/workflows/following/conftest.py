"""A node with the pack `embedded`, and a film of two people, made from the portraits that come with packages."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.accounts import add_cast
from tests.cast import ALICE
from tests.workflows.conftest import Clock
from tests.workflows.filming import make_film
from tests.workflows.searching import open_case
from tests.workflows.submissions.conftest import DRAFT

from semblance.audit.checkpoint import SigningKey
from semblance.faces.extraction import PackExtractor
from semblance.faces.packs.opening import open_extractor
from semblance.gallery.submission import Submission, SubmittedFile
from semblance.node.node import Node
from semblance.store.ledger_witness import LedgerSeat
from semblance.terms.job import JobState
from semblance.workflows.following.follow_video import begin_following
from semblance.workflows.jobs.jobs import read_job
from semblance.workflows.jobs.run_jobs import run_jobs
from semblance.workflows.scheduled.kinds import KINDS
from semblance.workflows.submissions.complete import submit_whole
from semblance.workflows.submissions.read_facts import read_waiting
from semblance.workflows.submissions.submissions import begin_submission

SIGNING = SigningKey("semblance.invalid/test", bytes(range(32)))


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> PackExtractor:
    """Return the extractor of the pack `embedded`."""
    return open_extractor("embedded", models=tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def film(embedded: PackExtractor, astronaut_path: Path, hopper_path: Path) -> bytes:
    """Return an MP4 in which Eileen Collins and Grace Hopper walk past each other."""
    return make_film(embedded, (astronaut_path, hopper_path))


@pytest.fixture
def filming(make_node: Callable[..., Node], embedded: PackExtractor, clock: Clock) -> Node:
    """Return a node that follows faces."""
    node = make_node(embedded)
    node.store.ledger = LedgerSeat(SIGNING)
    add_cast(node)
    return node


@pytest.fixture
def submission(filming: Node) -> Submission:
    """Return Alice's submission in an open case."""
    return begin_submission(filming, ALICE, open_case(filming).id, DRAFT)


@pytest.fixture
def video(filming: Node, submission: Submission, film: bytes) -> SubmittedFile:
    """Return the film as a file of the submission, whose facts were read."""
    file = submit_whole(filming, ALICE, submission.id, film, name="platform 3.mp4").file
    for _read in read_waiting(filming):
        pass
    return file


def work(node: Node, stop: threading.Event | None = None) -> int:
    """Do the jobs that wait, and return how many were ended."""
    return run_jobs(node, stop or threading.Event(), KINDS, once=True)


def follow(node: Node, submission: Submission, video: SubmittedFile) -> None:
    """Have the faces of the video followed to its end."""
    job = begin_following(node, ALICE, submission.id, video.id)
    assert work(node) == 1
    ended = read_job(node, ALICE, job.id)
    assert ended.state is JobState.DONE, ended.ending
