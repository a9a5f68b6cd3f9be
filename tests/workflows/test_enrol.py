"""Enrolling: every outcome once, nothing twice, nothing lost."""

import json
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event

from semblance.errors import PackConflict, PolicyError, StoreFull, UnreadableFile
from semblance.exchange.intake import IntakeItem
from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.suitability import SuitabilityLine
from semblance.store import gallery
from semblance.workflows.choose_face import choose_face
from semblance.workflows.delete import delete_subject
from semblance.workflows.enrol import enrol_photos
from semblance.workflows.node import Node
from semblance.workflows.show import describe_node, describe_subject, list_awaiting, list_subjects, read_photo

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]
MakeNode = Callable[..., Node]


def templates(node: Node) -> list[tuple[int, bytes]]:
    with node.store.reading() as tx:
        return [(row.sequence, row.template.values) for rows in gallery.iterate_references(tx, after=0) for row in rows]


def test_each_photo_ends_in_one_outcome(node: Node, draw: Draw, item: MakeItem) -> None:
    def fail() -> bytes:
        raise UnreadableFile("E/gone.jpg cannot be read")

    seen: list[str] = []
    report = enrol_photos(
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
        person="Emil",
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
    assert report.rows[2].reasons == ("the eyes are 21 pixels apart; 60 are needed",)
    assert report.rows[5].reasons == ("E/text.jpg is not a photo; use JPEG or PNG",)
    assert report.rows[7].reasons == ("the same photo already stands under this subject as A/1.jpg",)
    assert report.rows[7].photo == report.rows[0].photo
    summary = describe_node(node)
    assert (summary.subjects, summary.references, summary.photos, summary.awaiting_choice) == (2, 2, 3, 1)
    assert [row.subject.key for row in list_subjects(node).rows] == ["A", "D"]
    assert len(templates(node)) == 2


def test_the_report_can_be_read_by_a_program(node: Node, draw: Draw, item: MakeItem) -> None:
    report = enrol_photos(node, [item("Zoë", "z.jpg", draw("Z")), item("B", "b.jpg", b"")], person="Emil")
    document = json.loads(report.to_json())
    assert document["counts"] == {
        "enrolled": 1,
        "unsuitable": 0,
        "kept_unsuitable": 0,
        "no_face": 0,
        "several_faces": 0,
        "unreadable": 1,
        "duplicate": 0,
    }
    assert document["photos"][0]["subject"] == "Zoë"
    assert document["photos"][0]["photo"] == report.rows[0].photo
    assert document["pack"] == node.extractor.digest
    assert document["interrupted"] is False


def test_nothing_is_done_twice(make_node: MakeNode, extractor_type: Any, draw: Draw, item: MakeItem) -> None:
    items = [
        item("A", "A/1.jpg", draw("A")),
        item("B", "B/small.jpg", draw("B", eyes=20)),
        item("C", "C/none.jpg", draw()),
        item("D", "D/group.jpg", draw("D", "X")),
        item("E", "E/text.jpg", b"hello"),
        item("A", "A/again.jpg", draw("A")),
    ]
    first = enrol_photos(make_node(), items, person="Emil")
    extractor = extractor_type()
    again = enrol_photos(make_node(extractor), items, person="Emil")
    assert extractor.extracted == []
    assert all(row.resumed for row in again.rows)
    assert [(row.status, row.reasons, row.photo) for row in again.rows] == [
        (row.status, row.reasons, row.photo) for row in first.rows
    ]
    assert again.resumed == 6
    assert len(templates(make_node())) == 1


def test_other_options_judge_again(make_node: MakeNode, draw: Draw, item: MakeItem) -> None:
    items = [item("B", "B/small.jpg", draw("B", eyes=20))]

    def run(line: SuitabilityLine | None = None, *, keep: bool = False) -> IntakeStatus:
        return enrol_photos(make_node(line=line), items, person="Emil", keep_unsuitable=keep).rows[0].status

    assert run() is IntakeStatus.UNSUITABLE
    assert describe_node(make_node()).subjects == 0
    assert run(keep=True) is IntakeStatus.KEPT_UNSUITABLE
    assert describe_node(make_node()).kept_unsuitable == 1
    assert templates(make_node()) == []
    # it stays kept: refusing it now does not throw away what somebody kept
    assert run() is IntakeStatus.KEPT_UNSUITABLE
    assert run(SuitabilityLine(inter_eye_distance=15)) is IntakeStatus.ENROLLED
    summary = describe_node(make_node())
    assert (summary.photos, summary.references, summary.kept_unsuitable) == (1, 1, 0)
    # and enrolled it stays, whatever line is drawn later
    assert run() is IntakeStatus.ENROLLED


def test_the_same_photo_under_two_subjects_is_enrolled_and_said(node: Node, draw: Draw, item: MakeItem) -> None:
    report = enrol_photos(node, [item("A", "a.jpg", draw("A")), item("B", "b.jpg", draw("A"))], person="Emil")
    assert report.rows[1].status is IntakeStatus.ENROLLED
    assert report.rows[1].reasons == ("the same photo stands under subject A",)
    assert describe_subject(node, "B").photos[0].reasons == report.rows[1].reasons


def test_one_name_is_one_subject_however_it_is_typed(node: Node, draw: Draw, item: MakeItem) -> None:
    composed, decomposed = "Zo\u00eb", " Zoe\u0308"
    enrol_photos(node, [item(composed, "1", draw("Z")), item(decomposed, "2", draw("Z", take=2))], person="Emil")
    assert len(describe_subject(node, decomposed).photos) == 2


def test_of_several_faces_only_the_chosen_one_becomes_a_template(node: Node, draw: Draw, item: MakeItem) -> None:
    data = draw("A", "B", "C")
    report = enrol_photos(node, [item("B", "group.jpg", data)], person="Emil")
    assert templates(node) == []
    (waiting,) = list_awaiting(node)
    assert len(waiting.faces) == 3
    row = choose_face(node, waiting.photo, 1, person="Emil")
    assert row.status is IntakeStatus.ENROLLED
    expected = node.extractor.extract(data, name="x", choose=1).template
    assert expected is not None
    assert [values for _, values in templates(node)] == [expected.values]
    (photo,) = describe_subject(node, "B").photos
    assert (photo.chosen, photo.status) == (1, IntakeStatus.ENROLLED)
    assert read_photo(node, photo.photo).data == data
    again = enrol_photos(node, [item("B", "group.jpg", data)], person="Emil")
    assert (again.rows[0].status, again.rows[0].resumed) == (IntakeStatus.ENROLLED, True)
    assert report.rows[0].photo == again.rows[0].photo


def test_a_face_chosen_beforehand_is_taken(node: Node, draw: Draw, item: MakeItem) -> None:
    report = enrol_photos(
        node,
        [item("B", "g.jpg", draw("A", "B"), face=1), item("C", "h.jpg", draw("A", "C", take=1), face=7)],
        person="Emil",
    )
    assert [row.status for row in report.rows] == [IntakeStatus.ENROLLED, IntakeStatus.SEVERAL_FACES]
    assert report.rows[1].reasons[0] == "h.jpg has no face 7; 2 were found"
    chosen = enrol_photos(node, [item("C", "h.jpg", draw("A", "C", take=1), face=1)], person="Emil")
    assert chosen.rows[0].status is IntakeStatus.ENROLLED
    assert describe_node(node).references == 2


def test_a_filled_gallery_refuses_another_pack(
    make_node: MakeNode, extractor_type: Any, draw: Draw, item: MakeItem
) -> None:
    first, other = make_node(), make_node(extractor_type("newer"))
    enrol_photos(first, [item("A", "a.jpg", draw("A"))], person="Emil")
    with pytest.raises(PackConflict, match="semblance models use stand-in"):
        enrol_photos(other, [item("B", "b.jpg", draw("B"))], person="Emil")
    assert describe_node(first).photos == 1
    delete_subject(first, "A", person="Dora", reason="Erasure was asked for")
    report = enrol_photos(other, [item("B", "b.jpg", draw("B"))], person="Emil")
    assert report.counts[IntakeStatus.ENROLLED] == 1


def test_packs_that_meet_in_an_empty_gallery_do_not_mix(
    make_node: MakeNode, extractor_type: Any, draw: Draw, item: MakeItem
) -> None:
    first, other = make_node(), make_node(extractor_type("newer"))

    def enrol_first_meanwhile() -> bytes:
        enrol_photos(first, [item("A", "a.jpg", draw("A"))], person="Emil")
        return draw("B")

    with pytest.raises(PackConflict):
        enrol_photos(other, [IntakeItem("B", "b.jpg", enrol_first_meanwhile)], person="Emil")
    assert [row.subject.key for row in list_subjects(first).rows] == ["A"]


def test_two_enrolments_at_once_enrol_each_photo_once(make_node: MakeNode, draw: Draw, item: MakeItem) -> None:
    items = [item(f"S{n % 20}", f"S{n % 20}/{n}.jpg", draw(f"S{n % 20}", take=n)) for n in range(60)]
    with ThreadPoolExecutor(2) as pool:
        nodes = [make_node(), make_node()]
        reports = list(pool.map(lambda node: enrol_photos(node, items, person="Emil", workers=2), nodes))
    assert all(report.counts[IntakeStatus.ENROLLED] == 60 for report in reports)
    assert sum(not row.resumed for report in reports for row in report.rows) == 60
    summary = describe_node(make_node())
    assert (summary.subjects, summary.references, summary.gallery_version) == (20, 60, 60)


def test_results_are_committed_in_the_order_given(make_node: MakeNode, draw: Draw, item: MakeItem) -> None:
    items = [item(f"S{n}", f"{n}.jpg", draw(f"S{n}")) for n in range(40)]
    many = make_node()
    enrol_photos(many, items, person="Emil", workers=8)
    expected = [many.extractor.extract(one.load(), name="x").template for one in items]
    assert [values for _, values in templates(many)] == [found.values for found in expected if found is not None]


def test_ctrl_c_commits_what_is_in_hand_and_says_so(make_node: MakeNode, draw: Draw, item: MakeItem) -> None:
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("signals reach the main thread only")
    node = make_node()
    items = [item(f"S{n}", f"{n}.jpg", draw(f"S{n}")) for n in range(60)]
    before = signal.getsignal(signal.SIGINT)
    report = enrol_photos(
        node,
        items,
        person="Emil",
        workers=2,
        on_progress=lambda row: os.kill(os.getpid(), signal.SIGINT) if row.name == "5.jpg" else None,
    )
    assert report.interrupted
    assert 6 <= len(report.rows) < 60
    assert len(templates(node)) == len(report.rows)
    assert signal.getsignal(signal.SIGINT) is before
    rest = enrol_photos(node, items, person="Emil")
    assert not rest.interrupted
    assert rest.resumed == len(report.rows)
    assert len(templates(node)) == 60


def test_ctrl_c_after_the_last_photo_interrupts_nothing(node: Node, draw: Draw, item: MakeItem) -> None:
    report = enrol_photos(
        node,
        [item("A", "a.jpg", draw("A"))],
        person="Emil",
        on_progress=lambda _: os.kill(os.getpid(), signal.SIGINT),
    )
    assert not report.interrupted


def test_an_error_in_the_middle_keeps_what_was_committed(node: Node, draw: Draw, item: MakeItem) -> None:
    def crash() -> bytes:
        raise RuntimeError("a defect")

    items = [item(f"S{n}", f"{n}.jpg", draw(f"S{n}")) for n in range(30)]
    with pytest.raises(RuntimeError, match="a defect"):
        enrol_photos(node, [*items, IntakeItem("X", "x.jpg", crash)], person="Emil", workers=1)
    done = len(templates(node))
    assert enrol_photos(node, items, person="Emil").resumed == done


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

    enrol_photos(
        node, map(hand_in, range(200)), person="Emil", workers=2, on_progress=lambda row: committed.append(row.name)
    )
    assert len(committed) == 200
    assert worst <= 2 * 3 + 1 + 16


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_disk_that_fills_up_loses_nothing_and_going_on_completes(
    make_node: MakeNode, draw: Draw, item: MakeItem
) -> None:
    items = [item(f"S{n}", f"{n}.jpg", draw(f"S{n}", padding=20_000)) for n in range(60)]
    full = make_node()
    event.listen(full.store._engine, "checkout", lambda raw, *_: raw.execute("PRAGMA max_page_count = 200"))
    committed: list[str] = []
    with pytest.raises(StoreFull, match="is not done twice"):
        enrol_photos(full, items, person="Emil", on_progress=lambda row: committed.append(row.name))
    assert 0 < len(committed) < 60
    roomy = make_node()
    assert describe_node(roomy).photos == len(committed)
    rest = enrol_photos(roomy, items, person="Emil")
    assert rest.resumed == len(committed)
    assert describe_node(roomy).references == 60


def test_nobody_enrols_without_a_name(node: Node, draw: Draw, item: MakeItem) -> None:
    with pytest.raises(PolicyError, match="say who"):
        enrol_photos(node, [item("A", "a.jpg", draw("A"))], person=" ")
