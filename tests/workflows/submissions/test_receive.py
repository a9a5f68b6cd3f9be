"""Files in pieces: cut off and gone on with, damaged, twice, too large, without room; and what may not be submitted."""

import io
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
import sqlalchemy as sa
from tests.cast import ADA, ALICE, BOB, CAROL, DE, DORA, EMIL, MALLORY
from tests.workflows.submissions.conftest import DRAFT, MARKER, MarkedExtractor, draw_photo, make_video, zip_up

from semblance.audit.entry import read_entry
from semblance.cases.case import Case
from semblance.errors import (
    Busy,
    Conflict,
    DecoderFailed,
    DependencyMissing,
    IntakeError,
    NotFound,
    PolicyError,
    RefusedByPolicy,
    SemblanceError,
    StoreFull,
    SubmissionInvalid,
)
from semblance.gallery.submission import FileKind, FileState, MediaFacts, SourceKind, Submission, SubmissionDraft
from semblance.node.node import Node
from semblance.store import ledger
from semblance.store.schema.submission import submission_chunk
from semblance.store.submission_chunks import CHUNK, SealedSource
from semblance.terms.ids import Sha256, SubmissionFileId, SubmissionId, digest_bytes
from semblance.terms.permission import Actor
from semblance.workflows.cases.cases import close_case
from semblance.workflows.cases.probes import read_probe
from semblance.workflows.oversight.policy import replace_policy
from semblance.workflows.submissions import read_facts
from semblance.workflows.submissions.complete import Completed, complete_file, submit_whole
from semblance.workflows.submissions.hand_in import hand_in_photo, read_photo
from semblance.workflows.submissions.read_facts import read_waiting
from semblance.workflows.submissions.receive import Receiving, add_file, describe_receiving, give_up_file, receive_chunk
from semblance.workflows.submissions.submissions import begin_submission, list_submissions, read_submission

VIDEO = make_video()
pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


def begin(node: Node, submission: Submission, data: bytes = VIDEO, name: str = "counter.mp4") -> Receiving:
    return add_file(node, ALICE, submission.id, name=name, size=len(data))


def send(node: Node, receiving: Receiving, data: bytes, *numbers: int, actor: Actor = ALICE) -> None:
    for number in numbers:
        piece = data[number * CHUNK : (number + 1) * CHUNK]
        receive_chunk(node, actor, receiving.file.submission, receiving.file.id, number, piece)


def list_actions(node: Node) -> list[str]:
    with node.store.reading() as tx:
        return [str(read_entry(data)["action"]) for _, data in ledger.iterate_entries(tx)]


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"authority": " - "}, {"authority"}),
        ({"obtained": ""}, {"obtained"}),
        ({"legal_basis": "\n"}, {"legal_basis"}),
        ({"source": SourceKind.COMPANY}, {"company"}),
        ({"source": SourceKind.COMPANY, "company": "Metro", "authority": ""}, {"authority"}),
        ({"company": "Metro"}, {"company"}),
        ({"review_on": DRAFT.review_on.replace(month=3, day=1)}, {"review_on"}),
        ({"review_on": DRAFT.review_on.replace(year=2027)}, {"review_on"}),
        ({"authority": "", "obtained": "", "legal_basis": ""}, {"authority", "obtained", "legal_basis"}),
    ],
)
def test_where_it_comes_from_is_said_in_full(
    node: Node, case: Case, changed: dict[str, object], fields: set[str]
) -> None:
    draft = replace(DRAFT, **changed)  # type: ignore[arg-type]
    with pytest.raises(SubmissionInvalid) as caught:
        begin_submission(node, ALICE, case.id, draft)
    assert {problem.values["field"] for problem in caught.value.problems} == fields
    assert "submission.make" not in list_actions(node)


def test_a_company_hands_in_through_an_authority(node: Node, case: Case) -> None:
    made = begin_submission(node, ALICE, case.id, replace(DRAFT, source=SourceKind.COMPANY, company="Metro de Lyon"))
    assert read_submission(node, BOB, made.id).submission == made


def test_an_upload_that_was_cut_off_is_gone_on_with(
    node: Node, submission: Submission, make_node: Callable[..., Node]
) -> None:
    receiving = begin(node, submission)
    assert (receiving.chunks, receiving.chunk_bytes, receiving.held) == (3, CHUNK, ())
    send(node, receiving, VIDEO, 2)
    with pytest.raises(Conflict, match=r"2 pieces of counter\.mp4 are missing, the first is piece 0"):
        complete_file(node, ALICE, submission.id, receiving.file.id)
    # another program, another person, later
    other = make_node(MarkedExtractor())
    again = describe_receiving(other, BOB, submission.id, receiving.file.id)
    assert (again.held, again.missing) == ((2,), (0, 1))
    send(other, again, VIDEO, 0, 1, 2, actor=BOB)
    done = complete_file(other, BOB, submission.id, receiving.file.id, digest=digest_bytes(VIDEO)).file
    assert (done.state, done.kind, done.media_type, done.sha256) == (
        *(FileState.COMPLETE, FileKind.VIDEO, "video/mp4"),
        digest_bytes(VIDEO),
    )
    assert complete_file(node, ALICE, submission.id, receiving.file.id).file == done
    assert list_actions(node).count("submission.receive") == 1
    source = SealedSource(node.store, done)
    assert source.size == len(VIDEO)
    for offset, length in ((0, 10), (CHUNK - 5, 10), (0, len(VIDEO)), (len(VIDEO) - 3, 99), (len(VIDEO), 1), (7, 0)):
        assert source.read(offset, length) == VIDEO[offset : offset + length]


def test_no_clear_byte_is_written(node: Node, submission: Submission) -> None:
    receiving = begin(node, submission)
    send(node, receiving, VIDEO, 0, 1, 2)
    with node.store.reading() as tx:
        rows = tx.connection.scalars(sa.select(submission_chunk.c.data)).all()
    assert len(rows) == 3
    assert not any(MARKER in bytes(data) for data in rows)


def test_a_piece_is_what_its_place_asks_for(node: Node, submission: Submission) -> None:
    receiving = begin(node, submission)
    here = submission.id, receiving.file.id
    for number, data, error in (
        (3, b"x", NotFound),
        (-1, b"x", NotFound),
        (0, VIDEO[: CHUNK - 1], IntakeError),
        (2, VIDEO[2 * CHUNK :] + b"x", IntakeError),
    ):
        with pytest.raises(error):
            receive_chunk(node, ALICE, *here, number, data)
    assert describe_receiving(node, ALICE, *here).held == ()
    right = f"sha-256=:{b64encode(sha256(VIDEO[:CHUNK]).digest()).decode()}:"
    with pytest.raises(IntakeError, match="damaged on its way"):
        receive_chunk(node, ALICE, *here, 1, VIDEO[CHUNK : 2 * CHUNK], digest=right)
    with pytest.raises(IntakeError, match="RFC 9530"):
        receive_chunk(node, ALICE, *here, 0, VIDEO[:CHUNK], digest="md5=:xx:")
    receive_chunk(node, ALICE, *here, 0, VIDEO[:CHUNK], digest=right)


def test_the_same_piece_twice_is_one_and_another_is_a_conflict(node: Node, submission: Submission) -> None:
    receiving = begin(node, submission)
    send(node, receiving, VIDEO, 0, 0)
    with pytest.raises(Conflict, match="another file of that name"):
        send(node, receiving, make_video(seed=2), 0)
    assert describe_receiving(node, ALICE, submission.id, receiving.file.id).held == (0,)


def test_another_digest_than_the_sender_says_is_refused_and_nothing_kept(node: Node, submission: Submission) -> None:
    receiving = begin(node, submission)
    send(node, receiving, VIDEO, 0, 1, 2)
    with pytest.raises(IntakeError, match="another SHA-256"):
        complete_file(node, ALICE, submission.id, receiving.file.id, digest=Sha256("0" * 64))
    (file,) = read_submission(node, ALICE, submission.id).files
    assert (file.state, file.name) == (FileState.REFUSED, "counter.mp4")
    assert "another SHA-256" in str(file.fault)
    with node.store.reading() as tx:
        assert tx.connection.scalar(sa.select(sa.func.count()).select_from(submission_chunk)) == 0
    # sent anew it is another file
    assert submit_whole(node, ALICE, submission.id, VIDEO, name="counter.mp4").file.state is FileState.COMPLETE


def test_the_same_file_twice_in_a_case_is_told_and_not_doubled(node: Node, case: Case, submission: Submission) -> None:
    submit_whole(node, ALICE, submission.id, VIDEO, name="counter.mp4")
    later = begin_submission(node, ALICE, case.id, DRAFT)
    twice = submit_whole(node, ALICE, later.id, VIDEO, name="copy.mp4").file
    assert (twice.state, "counter.mp4" in str(twice.fault)) == (FileState.REFUSED, True)
    other = submit_whole(node, ALICE, later.id, make_video(seed=2), name="other.mp4").file
    assert other.state is FileState.COMPLETE
    first, second = list_submissions(node, ALICE, case.id)
    assert [len(detail.files) for detail in (first, second)] == [1, 2]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("notes.txt", b"who was there", "photos, videos"),
        ("tone.wav", b"RIFF\x10\x00\x00\x00WAVEfmt ", "sound"),
        ("Thumbs.db", b"\xff\xd8\xff", "passed over"),
        ("clip/.DS_Store", b"\xff\xd8\xff", "passed over"),
        ("empty.mp4", b"", "empty"),
        ("", b"\xff\xd8\xff", "missing"),
        ("a\u202e.jpg", b"\xff\xd8\xff", "cannot be printed"),
        ("broken.jpg", b"\xff\xd8\xff no photo", "not a photo"),
    ],
)
def test_what_is_no_photo_and_no_video_is_refused(
    node: Node, submission: Submission, name: str, data: bytes, said: str
) -> None:
    with pytest.raises(IntakeError, match=said):
        submit_whole(node, ALICE, submission.id, data, name=name)
    with node.store.reading() as tx:
        assert tx.connection.scalar(sa.select(sa.func.count()).select_from(submission_chunk)) == 0


def test_the_policy_bounds_files_and_cases(node: Node, submission: Submission) -> None:
    policy = node.policy.read().text
    narrow = policy.replace("file-megabytes = 16000", "file-megabytes = 3").replace(
        "case-megabytes = 64000", "case-megabytes = 4"
    )
    replace_policy(node, DORA, narrow.replace("files = 5000", "files = 2"), reason="Less is enough here")
    with pytest.raises(IntakeError, match="3 MB"):
        add_file(node, ALICE, submission.id, name="long.mp4", size=3_000_001)
    add_file(node, ALICE, submission.id, name="a.mp4", size=3_000_000)
    with pytest.raises(IntakeError, match="4 MB"):
        add_file(node, ALICE, submission.id, name="b.mp4", size=1_000_001)
    add_file(node, ALICE, submission.id, name="b.mp4", size=1000)
    with pytest.raises(IntakeError, match="2 files"):
        add_file(node, ALICE, submission.id, name="c.mp4", size=1000)


def test_a_photo_is_read_without_a_template_and_handed_in_as_a_probe(
    node: Node, case: Case, submission: Submission
) -> None:
    data = draw_photo("Jean", "Anna")
    file = submit_whole(node, ALICE, submission.id, data, name="card/IMG_1.jpg").file
    assert file.facts is not None
    assert (file.facts.width, file.facts.height, len(file.facts.faces)) == (400, 300, 2)
    assert read_photo(node, CAROL, submission.id, file.id).data == data
    probe = hand_in_photo(node, ALICE, submission.id, file.id)
    assert (probe.case, probe.name, probe.submission) == (case.id, "card/IMG_1.jpg", submission.id)
    assert read_probe(node, ALICE, probe.id).data == data
    video = submit_whole(node, ALICE, submission.id, VIDEO, name="counter.mp4").file
    with pytest.raises(IntakeError, match="no photo"):
        hand_in_photo(node, ALICE, submission.id, video.id)


def test_a_video_is_read_and_one_without_a_picture_refused(node: Node, submission: Submission) -> None:
    file = submit_whole(node, ALICE, submission.id, VIDEO, name="counter.mp4").file
    assert file.facts == MediaFacts(640, 480, 12.5)
    with pytest.raises(IntakeError, match="no picture"):
        submit_whole(node, ALICE, submission.id, VIDEO[:20] + b"\xff" * 5000, name="broken.mp4")
    assert [held.state for held in read_submission(node, ALICE, submission.id).files] == ["complete", "refused"]


@pytest.fixture
def real_video() -> bytes:
    """Return a video of ten grey pictures."""
    av = pytest.importorskip("av", reason="the extra video is not installed")
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="avi") as container:
        stream = container.add_stream("mjpeg", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
        for _number in range(10):
            container.mux(stream.encode(av.VideoFrame(64, 48, "yuvj420p")))
        container.mux(stream.encode())
    return buffer.getvalue()


def test_a_real_video_is_read_from_its_sealed_pieces(node: Node, submission: Submission, real_video: bytes) -> None:
    file = submit_whole(node, ALICE, submission.id, real_video, name="ten.avi").file
    assert file.facts is not None
    assert (file.facts.width, file.facts.height) == (64, 48)
    assert file.facts.seconds == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize("error", [DecoderFailed, DependencyMissing, Busy])
def test_a_video_is_kept_where_only_its_reading_failed(
    node: Node, submission: Submission, monkeypatch: pytest.MonkeyPatch, error: type[SemblanceError]
) -> None:
    def fail(*_source: object, **_options: object) -> None:
        raise error("test.reading-failed", "the decoder broke off; look at it elsewhere")

    with monkeypatch.context() as patch:
        patch.setattr(read_facts, "read_video_facts", fail)
        file = submit_whole(node, ALICE, submission.id, VIDEO, name="counter.mp4").file
        photo = submit_whole(node, ALICE, submission.id, draw_photo("A"), name="a.jpg").file
    assert photo.facts is not None
    assert (file.state, file.facts, file.fault is None) == (FileState.COMPLETE, None, error is not DecoderFailed)
    assert list(read_waiting(node)) == ([] if error is DecoderFailed else [1])


def test_a_file_is_given_up_before_it_is_whole_only(node: Node, submission: Submission) -> None:
    receiving = begin(node, submission)
    send(node, receiving, VIDEO, 0)
    give_up_file(node, ALICE, submission.id, receiving.file.id)
    with pytest.raises(NotFound):
        describe_receiving(node, ALICE, submission.id, receiving.file.id)
    whole = submit_whole(node, ALICE, submission.id, VIDEO, name="counter.mp4").file
    with pytest.raises(Conflict):
        give_up_file(node, ALICE, submission.id, whole.id)
    with pytest.raises(Conflict):
        receive_chunk(node, ALICE, submission.id, whole.id, 0, VIDEO[:CHUNK])


def test_a_case_that_was_closed_takes_nothing(node: Node, case: Case, submission: Submission) -> None:
    receiving = begin(node, submission)
    send(node, receiving, VIDEO, 0)
    close_case(node, ALICE, case.id, reason="She is home again")
    with pytest.raises(NotFound):
        send(node, receiving, VIDEO, 1)
    with pytest.raises(Conflict, match="closed"):
        begin_submission(node, ALICE, case.id, DRAFT)


def test_a_full_disk_keeps_what_is_there(node: Node, submission: Submission) -> None:
    receiving = begin(node, submission)
    send(node, receiving, VIDEO, 0)
    with filling(node), pytest.raises(StoreFull):
        send(node, receiving, VIDEO, 1)
    assert describe_receiving(node, ALICE, submission.id, receiving.file.id).held == (0,)
    send(node, receiving, VIDEO, 1, 2)
    assert complete_file(node, ALICE, submission.id, receiving.file.id).file.state is FileState.COMPLETE


@contextmanager
def filling(node: Node) -> Iterator[None]:
    """Let the database take no more pages than it has."""

    def limit(connection: Any, *_rest: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    def widen(connection: Any, *_rest: object) -> None:
        connection.execute("PRAGMA max_page_count = 1000000")

    made = node.store._engine
    sa.event.listen(made, "checkout", limit)
    yield
    sa.event.remove(made, "checkout", limit)
    sa.event.listen(made, "checkout", widen)


ACTS: dict[str, Callable[[Node, Actor, SubmissionId, SubmissionFileId], object]] = {
    "read": lambda node, actor, held, _file: read_submission(node, actor, held),
    "add": lambda node, actor, held, _file: add_file(node, actor, held, name="a.mp4", size=9),
    "send": lambda node, actor, held, file: receive_chunk(node, actor, held, file, 0, b"x"),
    "ask": lambda node, actor, held, file: describe_receiving(node, actor, held, file),
    "complete": lambda node, actor, held, file: complete_file(node, actor, held, file),
    "look": lambda node, actor, held, file: read_photo(node, actor, held, file),
    "probe": lambda node, actor, held, file: hand_in_photo(node, actor, held, file),
    "give up": lambda node, actor, held, file: give_up_file(node, actor, held, file),
}
NOBODY = SubmissionId("0" * 32)


@pytest.mark.parametrize("act", ACTS)
def test_another_authority_is_told_what_of_nothing_is_told(node: Node, submission: Submission, act: str) -> None:
    file = begin(node, submission).file.id
    stranger = replace(ALICE, name="anke", authority=DE)
    told = []
    for wanted in (submission.id, NOBODY):
        with pytest.raises(NotFound) as caught:
            ACTS[act](node, stranger, wanted, file)
        told.append(str(caught.value).replace(wanted, ""))
    assert told[0] == told[1]
    for refused in (MALLORY, EMIL, ADA):
        with pytest.raises(RefusedByPolicy):
            ACTS[act](node, refused, submission.id, file)


def test_who_reads_does_not_submit(node: Node, case: Case, submission: Submission) -> None:
    for reader in (CAROL, DORA):
        assert read_submission(node, reader, submission.id).submission == submission
        with pytest.raises(PolicyError):
            begin_submission(node, reader, case.id, DRAFT)
        with pytest.raises(PolicyError):
            add_file(node, reader, submission.id, name="a.mp4", size=9)
    draft: SubmissionDraft = DRAFT
    with pytest.raises(NotFound):
        begin_submission(node, replace(ALICE, authority=DE), case.id, draft)


def test_a_zip_gives_its_files(node: Node, submission: Submission) -> None:
    zipped = zip_up(
        **{
            "card/IMG_1.jpg": draw_photo("Jean"),
            "card/clip.mp4": VIDEO,
            "card/again.mp4": VIDEO,
            "card/notes.txt": b"who was there",
            "card/empty.jpg": b"",
            "card/Thumbs.db": b"x",
            "__MACOSX/card/._IMG_1.jpg": b"x",
        }
    )
    done = complete_zip(node, submission, zipped)
    assert done.unpacked is not None
    assert (done.file.state, done.unpacked.held, len(done.unpacked.refused)) == (FileState.UNPACKED, 2, 3)
    assert "2 files and folders" in str(done.unpacked.notes[0])
    files = {file.name: file for file in read_submission(node, ALICE, submission.id).files}
    assert set(files) == {
        "seized.zip",
        *(f"card/{name}" for name in ("IMG_1.jpg", "clip.mp4", "again.mp4", "notes.txt", "empty.jpg")),
    }
    held = files["card/again.mp4"]
    assert (held.state, held.parent, held.sha256) == (FileState.COMPLETE, done.file.id, digest_bytes(VIDEO))
    assert SealedSource(node.store, held).read(0, len(VIDEO)) == VIDEO
    assert files["card/clip.mp4"].state is FileState.REFUSED
    # the archive's own bytes are gone
    with node.store.reading() as tx:
        of = set(tx.connection.scalars(sa.select(submission_chunk.c.file_id)))
    assert of == {held.id, files["card/IMG_1.jpg"].id}
    assert complete_zip(node, submission, zipped).file.state is FileState.REFUSED


@pytest.mark.parametrize(
    ("inner", "said"),
    [
        ({"more.zip": zip_up(a=b"x")}, "archive inside the archive"),
        ({"../outside.jpg": b"\xff\xd8\xff"}, "leads out"),
        ({"bomb.mp4": b"\0" * 3_000_000}, None),
    ],
)
def test_a_zip_that_is_unsafe_is_refused_as_a_whole(
    node: Node, submission: Submission, inner: dict[str, bytes], said: str | None
) -> None:
    if said is None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
            zipped.writestr("bomb.mp4", inner["bomb.mp4"])
        data, said = buffer.getvalue(), "times its size"
    else:
        data = zip_up(**inner)
    with pytest.raises(IntakeError, match=said):
        complete_zip(node, submission, data)
    (file,) = read_submission(node, ALICE, submission.id).files
    assert file.state is FileState.REFUSED


def test_a_zip_in_disguise_inside_a_zip_is_refused_alone(node: Node, submission: Submission) -> None:
    done = complete_zip(node, submission, zip_up(**{"a.jpg": zip_up(x=b"x"), "b.mp4": VIDEO}))
    assert done.unpacked is not None
    (refused,) = done.unpacked.refused
    assert (done.unpacked.held, refused.name, "archive" in str(refused.fault)) == (1, "a.jpg", True)


def complete_zip(node: Node, submission: Submission, data: bytes) -> Completed:
    return submit_whole(node, ALICE, submission.id, data, name="seized.zip")
