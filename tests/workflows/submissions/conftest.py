"""Nodes with a case, and files that look like photos and videos from their beginning."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from tests.cast import ALICE
from tests.workflows.searching import open_case
from tests.workflows.stand_in import StandInExtractor, draw

from semblance.cases.case import Case
from semblance.errors import DamagedVideo
from semblance.gallery.submission import SourceKind, Submission, SubmissionDraft
from semblance.node.node import Node
from semblance.store.submission_chunks import CHUNK
from semblance.terms.byte_source import ByteSource
from semblance.terms.frames import StreamFacts, VideoFacts
from semblance.terms.samples import Extraction
from semblance.workflows.submissions import read_facts
from semblance.workflows.submissions.submissions import begin_submission

JPEG = b"\xff\xd8\xff"
MARKER = b"the face behind the counter"
DRAFT = SubmissionDraft(
    source=SourceKind.NATIONAL_AUTHORITY,
    authority="Police judiciaire, Lyon",
    obtained="Camera of the station, seized on 2 February",
    legal_basis="Code of criminal procedure, article 60-1",
    review_on=date(2026, 6, 1),
)


class MarkedExtractor(StandInExtractor):
    """Reads what the stand-in reads, behind the beginning of a JPEG."""

    def locate(self, data: bytes, **options: Any) -> Extraction:
        return super().locate(data.removeprefix(JPEG), **options)

    def extract(self, data: bytes, **options: Any) -> Extraction:
        return super().extract(data.removeprefix(JPEG), **options)


def draw_photo(*people: str, take: int = 0) -> bytes:
    return JPEG + draw(*people, take=take)


def make_video(size: int = 2 * CHUNK + 1000, seed: int = 1) -> bytes:
    """Return what begins as an MP4 file and holds a marker in each piece."""
    start = b"\x00\x00\x00\x18ftypmp42" + seed.to_bytes(8, "big")
    body = bytearray((MARKER + b" %d " % seed) * (size // (len(MARKER) + 3) + 1))
    body[: len(start)] = start
    return bytes(body[:size])


def zip_up(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for name, data in files.items():
            zipped.writestr(name, data)
    return buffer.getvalue()


def describe_video(source: ByteSource, *, name: str) -> VideoFacts:
    """Read what ``make_video`` makes, which no decoder would."""
    if source.read(20, 4) == b"\xff\xff\xff\xff":
        raise DamagedVideo("test.no-video", "{name} has no picture that can be read; use another copy", name=name)
    streams = (StreamFacts(0, "video", "h264"),)
    return VideoFacts(None, source.size, "mp4", "h264", 0, streams, 12.5, 640, 480, 0, 25.0)


@pytest.fixture(autouse=True)
def _read_drawn_videos(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "real_video" not in request.fixturenames:
        monkeypatch.setattr(read_facts, "read_video_facts", describe_video)


@pytest.fixture
def node(make_node: Callable[..., Node]) -> Node:
    return make_node(MarkedExtractor())


@pytest.fixture
def case(node: Node) -> Case:
    return open_case(node)


@pytest.fixture
def submission(node: Node, case: Case) -> Submission:
    return begin_submission(node, ALICE, case.id, DRAFT)
