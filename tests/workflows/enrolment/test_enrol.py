"""Enrolling: every outcome once, nothing twice, nothing lost."""

import json
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event
from tests.cast import ADA, ALICE, DE, EMIL, FR, MALLORY
from tests.workflows.record_acts import (
    TERMS,
    catch_refusal,
    choose_face,
    enrol,
    erase,
    find_id,
    list_numbers,
    list_photos,
    look,
    read_bytes,
)

from semblance.audit.entry import read_entry
from semblance.edge.photos import EnrolDocument
from semblance.errors import DecoderFailed, PackConflict, RecordInvalid, StoreFull, UnreadableFile
from semblance.exchange.intake import IntakeItem
from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.record import ImageSource
from semblance.gallery.suitability import SuitabilityLine
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import ledger, templates
from semblance.terms.permission import Actor
from semblance.terms.record import RecordKind, RecordState, Restriction, RestrictionMode
from semblance.workflows.enrolment.enrol import enrol_photos
from semblance.workflows.oversight.oversight import describe_node
from semblance.workflows.records.read_record import list_awaiting, read_record
from semblance.workflows.records.write_record import publish_record, withdraw_record

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]
MakeNode = Callable[..., Node]

HIDDEN = Restriction(RestrictionMode.EXCEPT, frozenset({FR}))


def read_values(node: Node) -> list[tuple[int, bytes]]:
    with node.store.reading() as tx:
        return [
            (row.sequence, row.template.values) for rows in templates.iterate_references(tx, after=0) for row in rows
        ]


def test_each_photo_ends_in_one_outcome(node: Node, draw: Draw, item: MakeItem) -> None:
    def fail() -> bytes:
        raise UnreadableFile("test.error", "E/gone.jpg cannot be read")

    seen: list[str] = []
    report = enrol(
        node,
        [
            item("A", "A/1.jpg", draw("A")),
            item("A", "A/2.jpg", draw("A", take=2)),
            item("B", "B/small.jpg", draw("B", eyes=21.7)),
            item("C", "C/none.jpg", draw()),
            item("D", "D/group.jpg", draw("D", "X", "Y")),
            item("E", "E/text.jpg", b"hello"),
            IntakeItem("E", "E/gone.jpg", fail),
            item("A", "A/again.jpg", draw("A")),
        ],
        on_progress=lambda row: seen.append(row.name),
    )
    assert [row.status.value for row in report.rows] == [
        "enrolled",
        "enrolled",
        "unsuitable",
        "no_face",
        "several_faces",
        "unreadable",
        "unreadable",
        "duplicate",
    ]
    assert seen == [row.name for row in report.rows]
    assert [str(reason) for reason in report.rows[2].reasons] == ["the eyes are 21 pixels apart; 60 are needed"]
    assert [str(reason) for reason in report.rows[5].reasons] == ["E/text.jpg is not a photo; use JPEG or PNG"]
    assert report.rows[7].reasons == (Message("photo.duplicate", "", name="A/1.jpg"),)
    assert report.rows[7].photo == report.rows[0].photo
    summary = look(node)
    assert (summary.records, summary.references, summary.photos, summary.awaiting_choice) == (2, 2, 3, 1)
    assert list_numbers(node) == ["A", "D"]
    assert len(read_values(node)) == 2


def test_the_report_can_be_read_by_a_program(node: Node, draw: Draw, item: MakeItem) -> None:
    report = enrol(node, [item("Zoë", "z.jpg", draw("Z")), item("B", "b.jpg", b"")])
    document = json.loads(EnrolDocument.model_validate(report).model_dump_json())
    assert document["counts"] == {
        "enrolled": 1,
        "unsuitable": 0,
        "kept_unsuitable": 0,
        "no_face": 0,
        "several_faces": 0,
        "unreadable": 1,
        "duplicate": 0,
        "barred": 0,
    }
    assert document["photos"][0]["subject"] == "Zoë"
    assert document["photos"][0]["photo"] == report.rows[0].photo
    assert document["pack"] == node.extractor.digest
    assert document["interrupted"] is False


def test_a_photo_whose_decoder_failed_is_tried_again(
    make_node: MakeNode, extractor_type: Any, draw: Draw, item: MakeItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it was the photo or the machine, nobody can tell."""
    node, photo = make_node(), item("a", "a.png", draw("anna"))

    def fail(*_: object, **__: object) -> None:
        raise DecoderFailed("photo.decoder-failed", "{name} made its decoder fail", name="a.png")

    with monkeypatch.context() as patch:
        patch.setattr(extractor_type, "extract", fail)
        (row,) = enrol(node, [photo]).rows
    assert (row.status, str(row.reasons[0])) == (IntakeStatus.UNREADABLE, "a.png made its decoder fail")
    assert [row.status for row in enrol(node, [photo]).rows] == [IntakeStatus.ENROLLED]


def test_nothing_is_done_twice(make_node: MakeNode, extractor_type: Any, draw: Draw, item: MakeItem) -> None:
    items = [
        item("A", "A/1.jpg", draw("A")),
        item("B", "B/small.jpg", draw("B", eyes=20)),
        item("C", "C/none.jpg", draw()),
        item("D", "D/group.jpg", draw("D", "X")),
        item("E", "E/text.jpg", b"hello"),
        item("A", "A/again.jpg", draw("A")),
    ]
    first = enrol(make_node(), items)
    extractor = extractor_type()
    again = enrol(make_node(extractor), items)
    assert extractor.extracted == []
    assert all(row.resumed for row in again.rows)
    assert [(row.status, row.reasons, row.photo) for row in again.rows] == [
        (row.status, row.reasons, row.photo) for row in first.rows
    ]
    assert again.resumed == 6
    assert len(read_values(make_node())) == 1


def test_other_options_judge_again(make_node: MakeNode, draw: Draw, item: MakeItem) -> None:
    items = [item("B", "B/small.jpg", draw("B", eyes=20))]

    def run(line: SuitabilityLine | None = None, *, keep: bool = False) -> IntakeStatus:
        return enrol(make_node(line=line), items, keep_unsuitable=keep).rows[0].status

    assert run() is IntakeStatus.UNSUITABLE
    assert look(make_node()).records == 0
    assert run(keep=True) is IntakeStatus.KEPT_UNSUITABLE
    assert look(make_node()).kept_unsuitable == 1
    assert read_values(make_node()) == []
    # it stays kept: refusing it now does not throw away what somebody kept
    assert run() is IntakeStatus.KEPT_UNSUITABLE
    assert run(SuitabilityLine(inter_eye_distance=15)) is IntakeStatus.ENROLLED
    summary = look(make_node())
    assert (summary.photos, summary.references, summary.kept_unsuitable) == (1, 1, 0)
    # and enrolled it stays, whatever line is drawn later
    assert run() is IntakeStatus.ENROLLED


def test_the_same_photo_under_two_subjects_is_enrolled_and_said(node: Node, draw: Draw, item: MakeItem) -> None:
    report = enrol(node, [item("A", "a.jpg", draw("A")), item("B", "b.jpg", draw("A"))])
    assert report.rows[1].status is IntakeStatus.ENROLLED
    assert report.rows[1].reasons == (Message("photo.stands-elsewhere", "", number="A", authority="DE"),)
    assert list_photos(node, "B")[0].reasons == report.rows[1].reasons


def test_one_name_is_one_subject_however_it_is_typed(node: Node, draw: Draw, item: MakeItem) -> None:
    composed, decomposed = "Zo\u00eb", " Zoe\u0308"
    enrol(node, [item(composed, "1", draw("Z")), item(decomposed, "2", draw("Z", take=2))])
    assert len(list_photos(node, decomposed)) == 2


def test_of_several_faces_only_the_chosen_one_becomes_a_template(node: Node, draw: Draw, item: MakeItem) -> None:
    data = draw("A", "B", "C")
    report = enrol(node, [item("B", "group.jpg", data)])
    assert read_values(node) == []
    (waiting,) = list_awaiting(node, EMIL)
    assert len(waiting.faces) == 3
    row = choose_face(node, waiting.id, 1)
    assert row.status is IntakeStatus.ENROLLED
    expected = node.extractor.extract(data, name="x", choose=1).template
    assert expected is not None
    assert [values for _, values in read_values(node)] == [expected.values]
    (photo,) = list_photos(node, "B")
    assert (photo.chosen, photo.status) == (1, IntakeStatus.ENROLLED)
    assert read_bytes(node, photo.id) == data
    again = enrol(node, [item("B", "group.jpg", data)])
    assert (again.rows[0].status, again.rows[0].resumed) == (IntakeStatus.ENROLLED, True)
    assert report.rows[0].photo == again.rows[0].photo


def test_a_face_chosen_beforehand_is_taken(node: Node, draw: Draw, item: MakeItem) -> None:
    report = enrol(
        node, [item("B", "g.jpg", draw("A", "B"), face=1), item("C", "h.jpg", draw("A", "C", take=1), face=7)]
    )
    assert [row.status for row in report.rows] == [IntakeStatus.ENROLLED, IntakeStatus.SEVERAL_FACES]
    assert str(report.rows[1].reasons[0]) == "h.jpg has no face 7; 2 were found"
    chosen = enrol(node, [item("C", "h.jpg", draw("A", "C", take=1), face=1)])
    assert chosen.rows[0].status is IntakeStatus.ENROLLED
    assert look(node).references == 2


def test_a_filled_gallery_refuses_another_pack(
    make_node: MakeNode, extractor_type: Any, draw: Draw, item: MakeItem
) -> None:
    first, other = make_node(), make_node(extractor_type("newer"))
    enrol(first, [item("A", "a.jpg", draw("A"))])
    with pytest.raises(PackConflict, match="semblance models use stand-in"):
        enrol(other, [item("B", "b.jpg", draw("B"))])
    assert look(first).photos == 1
    erase(first, "A")
    report = enrol(other, [item("B", "b.jpg", draw("B"))])
    assert report.counts[IntakeStatus.ENROLLED] == 1


def test_packs_that_meet_in_an_empty_gallery_do_not_mix(
    make_node: MakeNode, extractor_type: Any, draw: Draw, item: MakeItem
) -> None:
    first, other = make_node(), make_node(extractor_type("newer"))

    def enrol_first_meanwhile() -> bytes:
        enrol(first, [item("A", "a.jpg", draw("A"))])
        return draw("B")

    with pytest.raises(PackConflict):
        enrol(other, [IntakeItem("B", "b.jpg", enrol_first_meanwhile)])
    assert list_numbers(first) == ["A"]


def test_two_enrolments_at_once_enrol_each_photo_once(make_node: MakeNode, draw: Draw, item: MakeItem) -> None:
    items = [item(f"S{n % 20}", f"S{n % 20}/{n}.jpg", draw(f"S{n % 20}", take=n)) for n in range(60)]
    with ThreadPoolExecutor(2) as pool:
        nodes = [make_node(), make_node()]
        reports = list(pool.map(lambda node: enrol(node, items, workers=2), nodes))
    assert all(report.counts[IntakeStatus.ENROLLED] == 60 for report in reports)
    assert sum(not row.resumed for report in reports for row in report.rows) == 60
    summary = look(make_node())
    assert (summary.records, summary.references, len(read_values(make_node()))) == (20, 60, 60)


def test_results_are_committed_in_the_order_given(make_node: MakeNode, draw: Draw, item: MakeItem) -> None:
    items = [item(f"S{n}", f"{n}.jpg", draw(f"S{n}")) for n in range(40)]
    many = make_node()
    enrol(many, items, workers=8)
    expected = [many.extractor.extract(one.load(), name="x").template for one in items]
    assert [values for _, values in read_values(many)] == [found.values for found in expected if found is not None]


def test_ctrl_c_commits_what_is_in_hand_and_says_so(make_node: MakeNode, draw: Draw, item: MakeItem) -> None:
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("signals reach the main thread only")
    node = make_node()
    items = [item(f"S{n}", f"{n}.jpg", draw(f"S{n}")) for n in range(60)]
    before = signal.getsignal(signal.SIGINT)
    report = enrol(
        node,
        items,
        workers=2,
        on_progress=lambda row: os.kill(os.getpid(), signal.SIGINT) if row.name == "5.jpg" else None,
    )
    assert report.interrupted
    assert 6 <= len(report.rows) < 60
    assert len(read_values(node)) == len(report.rows)
    assert signal.getsignal(signal.SIGINT) is before
    rest = enrol(node, items)
    assert not rest.interrupted
    assert rest.resumed == len(report.rows)
    assert len(read_values(node)) == 60


def test_ctrl_c_after_the_last_photo_interrupts_nothing(node: Node, draw: Draw, item: MakeItem) -> None:
    report = enrol(node, [item("A", "a.jpg", draw("A"))], on_progress=lambda _: os.kill(os.getpid(), signal.SIGINT))
    assert not report.interrupted


def test_an_error_in_the_middle_keeps_what_was_committed(node: Node, draw: Draw, item: MakeItem) -> None:
    def crash() -> bytes:
        raise RuntimeError("a defect")

    items = [item(f"S{n}", f"{n}.jpg", draw(f"S{n}")) for n in range(30)]
    with pytest.raises(RuntimeError, match="a defect"):
        enrol(node, [*items, IntakeItem("X", "x.jpg", crash)], workers=1)
    done = len(read_values(node))
    assert enrol(node, items).resumed == done


def test_photos_are_not_all_held_in_memory_at_once(node: Node, draw: Draw) -> None:
    loaded: list[int] = []
    committed: list[str] = []
    worst = 0

    def load(number: int) -> bytes:
        nonlocal worst
        loaded.append(number)
        worst = max(worst, len(loaded) - len(committed))
        return draw(f"S{number}")

    def hand_in(number: int) -> IntakeItem:
        return IntakeItem(f"S{number}", f"{number}.jpg", lambda: load(number))

    enrol(node, map(hand_in, range(60)), workers=2, on_progress=lambda row: committed.append(row.name))
    assert len(committed) == 60
    assert worst <= 2 * 3 + 1 + 16


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_disk_that_fills_up_loses_nothing_and_going_on_completes(
    make_node: MakeNode, draw: Draw, item: MakeItem
) -> None:
    items = [item(f"S{n}", f"{n}.jpg", draw(f"S{n}", padding=20_000)) for n in range(60)]
    full = make_node()
    event.listen(full.store._engine, "checkout", lambda raw, *_: raw.execute("PRAGMA max_page_count = 420"))
    committed: list[str] = []
    with pytest.raises(StoreFull, match="is not done twice"):
        enrol(full, items, on_progress=lambda row: committed.append(row.name))
    assert 0 < len(committed) < 60
    roomy = make_node()
    assert look(roomy).photos == len(committed)
    rest = enrol(roomy, items)
    assert rest.resumed == len(committed)
    assert look(roomy).references == 60


def test_a_new_subject_gets_a_record_from_the_terms(node: Node, draw: Draw, item: MakeItem) -> None:
    origin = ImageSource("FR", "taken from the passport file", date(2025, 7, 1))
    enrol(node, [item("A", "1.jpg", draw("A")), replace(item("A", "2.jpg", draw("A", take=2)), origin=origin)])
    detail = read_record(node, EMIL, find_id(node, "A"))
    record = detail.record
    assert (record.owner, record.number, record.state, record.version) == (DE, "A", RecordState.ACTIVE, 1)
    assert (record.draft.kind, record.draft.legal_basis) == (TERMS.kind, TERMS.legal_basis)
    assert record.answer is not None
    assert (record.answer.neutral, record.answer.person) == (True, "emil")
    assert {photo.name: photo.source for photo in detail.photos} == {"1.jpg": TERMS.source, "2.jpg": origin}


def test_photos_are_added_to_a_record_that_is_held_and_leave_it_as_it_is(
    node: Node, draw: Draw, item: MakeItem
) -> None:
    enrol(node, [item("A", "1.jpg", draw("A"))])
    before = read_record(node, EMIL, find_id(node, "A")).record
    other = replace(TERMS, kind=RecordKind.BLUE, legal_basis="another law", neutral=False)
    enrol(node, [item("A", "2.jpg", draw("A", take=2))], other)
    detail = read_record(node, EMIL, find_id(node, "A"))
    assert detail.record == before
    assert len(detail.photos) == 2


@pytest.mark.parametrize(("neutral", "refusals"), [(None, 0), (False, 1)])
def test_without_a_yes_to_the_question_new_records_stay_drafts(
    node: Node, draw: Draw, item: MakeItem, neutral: bool | None, refusals: int
) -> None:
    enrol(node, [item("A", "1.jpg", draw("A"))], replace(TERMS, neutral=neutral))
    record = read_record(node, EMIL, find_id(node, "A")).record
    assert record.state is RecordState.DRAFT
    assert (record.answer is None) == (neutral is None)
    assert look(node).active == 0
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    refused = [entry for entry in entries if entry["rule"] == "publish.article-3"]
    assert [(entry["verb"], entry["person"]) for entry in refused] == [("refusal", "emil")] * refusals


def test_the_same_number_of_another_authority_is_another_record(node: Node, draw: Draw, item: MakeItem) -> None:
    fritz = replace(EMIL, authority=FR, name="fritz")
    enrol(node, [item("A", "1.jpg", draw("A"))], replace(TERMS, restriction=HIDDEN))
    report = enrol(node, [item("A", "1.jpg", draw("A"))], actor=fritz)
    (row,) = report.rows
    # a record that France must not know of is not told of either
    assert (row.status, row.reasons, row.resumed) == (IntakeStatus.ENROLLED, (), False)
    assert look(node).records == 2
    assert describe_node(node, fritz).records == 1


def test_what_the_policy_bars_is_said_photo_by_photo(node: Node, draw: Draw, item: MakeItem) -> None:
    enrol(node, [item("A", "1.jpg", draw("A"))])
    withdraw_record(node, EMIL, find_id(node, "A"), reason="she was found")
    report = enrol(node, [item("A", "2.jpg", draw("A", take=2)), item("B", "3.jpg", draw("B"))])
    assert [row.status for row in report.rows] == [IntakeStatus.BARRED, IntakeStatus.ENROLLED]
    assert [str(reason) for reason in report.rows[0].reasons] == [
        "photo.enrol is not possible while the record is withdrawn"
    ]
    assert look(node).photos == 2


@pytest.mark.parametrize(
    ("actor", "rule"), [(ALICE, "policy.role"), (ADA, "policy.role"), (MALLORY, "authority.not-admitted")]
)
def test_who_may_not_enrol_is_refused_before_anything_is_read(
    node: Node, draw: Draw, item: MakeItem, actor: Actor, rule: str
) -> None:
    def read() -> bytes:
        raise AssertionError("nothing is read for somebody who may not enrol")

    items = [IntakeItem("A", "a.jpg", read)]
    assert catch_refusal(lambda: enrol_photos(node, actor, items, terms=TERMS)).rule == rule
    assert look(node).records == 0
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    assert [(entry["verb"], entry["action"], entry["person"]) for entry in entries] == [
        ("refusal", "photo.enrol", actor.name)
    ]


def test_terms_that_cannot_be_meant_enrol_nothing(node: Node, draw: Draw, item: MakeItem) -> None:
    faulty = replace(TERMS, legal_basis="", retain_until=date(2020, 1, 1), source=ImageSource("", "", date(2030, 1, 1)))
    with pytest.raises(RecordInvalid) as raised:
        enrol(node, [item("A", "a.jpg", draw("A"))], faulty)
    assert [problem.values["field"] for problem in raised.value.problems] == [
        "legal_basis",
        "retain_until",
        "source.authority",
        "source.obtained",
        "source.on",
    ]
    assert look(node).records == 0


def test_a_draft_enrolled_without_what_its_kind_needs_is_not_published(node: Node, draw: Draw, item: MakeItem) -> None:
    enrol(node, [item("A", "a.jpg", draw("A"))], replace(TERMS, kind=RecordKind.RED, neutral=None))
    with pytest.raises(RecordInvalid, match="needs warrants"):
        publish_record(node, EMIL, find_id(node, "A"), neutral=True, reason="checked")
