"""Importing notices: each with its photos or not at all, nothing twice, and what changed as a new version."""

import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from tests.cast import ALICE, EMIL, MALLORY
from tests.notices import make_notice
from tests.workflows.record_acts import erase, find_id, list_numbers, list_photos, look, read_bytes

from semblance.audit.entry import read_entry
from semblance.errors import PackConflict, RecordInvalid, RefusedByPolicy, StoreFull
from semblance.exchange.interpol_notices.notices import open_notices
from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.record import ImageSource, RecordTerms
from semblance.gallery.record_changes import list_changes
from semblance.node.node import Node
from semblance.store import ledger
from semblance.terms.permission import Actor
from semblance.terms.record import RecordKind, RecordState, Restriction, RestrictionMode
from semblance.workflows.enrolment.import_notices import ImportReport, NoticeRow, NoticeStatus, import_notices
from semblance.workflows.records.read_record import list_history, read_record
from semblance.workflows.records.write_record import edit_record, withdraw_record

Draw = Callable[..., bytes]
MakeNode = Callable[..., Node]

TERMS = RecordTerms(
    kind=RecordKind.RED,
    legal_basis="INTERPOL RPD, article 82",
    retain_until=date(2029, 1, 1),
    source=ImageSource("INTERPOL", "published with the notice", date(2026, 2, 14)),
    neutral=True,
)


def put(folder: Path, number: int, kind: str = "red", *photos: bytes, **changes: Any) -> None:
    """Write a notice and its images into the folder."""
    pictures = [f"{number}00{place}" for place in range(len(photos))]
    folder.mkdir(exist_ok=True)
    (folder / f"{number:03}.json").write_text(json.dumps(make_notice(number, kind, pictures, **changes)))
    for picture, data in zip(pictures, photos, strict=True):
        (folder / f"{picture}.jpg").write_bytes(data)


def do(node: Node, folder: Path, terms: RecordTerms = TERMS, actor: Actor = EMIL, **options: Any) -> ImportReport:
    with open_notices(folder, terms=terms, today=node.clock().date()) as notices:
        return import_notices(node, actor, notices, terms=terms, **options)


def counts(report: ImportReport) -> dict[str, int]:
    return {status.value: count for status, count in report.notices.items() if count}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "notices"


def test_a_notice_becomes_a_record_with_its_photos(node: Node, folder: Path, draw: Draw) -> None:
    put(folder, 1, "red", draw("A"), draw("A", take=2))
    put(folder, 2, "yellow")
    seen: list[NoticeRow] = []
    report = do(node, folder, on_progress=seen.append)
    assert counts(report) == {"imported": 2}
    assert report.photos[IntakeStatus.ENROLLED] == 2
    assert [row.number for row in seen] == ["2005/1", "2006/2"]
    assert list_numbers(node) == ["2005/1", "2006/2"]
    detail = read_record(node, EMIL, find_id(node, "2005/1"))
    assert detail.record.state is RecordState.ACTIVE
    assert detail.record.draft.kind is RecordKind.RED
    assert detail.record.draft.circumstances.warrants
    assert [photo.source.authority for photo in detail.photos] == ["INTERPOL", "INTERPOL"]
    assert {photo.name: read_bytes(node, photo.id) for photo in detail.photos} == {
        "1000.jpg": draw("A"),
        "1001.jpg": draw("A", take=2),
    }
    assert read_record(node, EMIL, find_id(node, "2006/2")).record.draft.kind is RecordKind.YELLOW


def test_without_an_answer_the_records_are_drafts_and_with_no_they_stay_so(
    node: Node, folder: Path, draw: Draw
) -> None:
    put(folder, 1, "red", draw("A"))
    do(node, folder, replace(TERMS, neutral=None))
    assert read_record(node, EMIL, find_id(node, "2005/1")).record.state is RecordState.DRAFT
    put(folder, 2, "red", draw("B"))
    do(node, folder, replace(TERMS, neutral=False))
    held = read_record(node, EMIL, find_id(node, "2006/2")).record
    assert held.state is RecordState.DRAFT
    assert held.answer is not None
    assert not held.answer.neutral


def test_record_and_photos_stand_in_the_ledger_under_the_rule(node: Node, folder: Path, draw: Draw) -> None:
    put(folder, 1, "red", draw("A"))
    do(node, folder)
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    said = [(entry["verb"], entry["action"]) for entry in entries]
    assert said == [("collection", "record.create"), ("alteration", "record.publish"), ("collection", "photo.enrol")]
    assert {entry["person"] for entry in entries} == {"emil"}


def test_the_same_command_again_repeats_nothing(
    make_node: MakeNode, extractor_type: Any, folder: Path, draw: Draw
) -> None:
    put(folder, 1, "red", draw("A"), draw("A", take=2))
    put(folder, 2, "red", draw("B", eyes=20))
    put(folder, 3, "yellow")
    put(folder, 4, "red", b"no photo")
    first = do(make_node(), folder)
    extractor = extractor_type()
    node = make_node(extractor)
    with node.store.reading() as tx:
        size = ledger.read_size(tx)
    again = do(node, folder)
    assert counts(first) == {"imported": 4}
    assert counts(again) == {"held": 4}
    assert again.photos == first.photos
    assert extractor.extracted == []
    with node.store.reading() as tx:
        assert ledger.read_size(tx) == size


def test_a_changed_notice_is_a_new_version_and_a_new_photo_is_added(node: Node, folder: Path, draw: Draw) -> None:
    put(folder, 1, "red", draw("A"))
    put(folder, 2, "red", draw("B"))
    put(folder, 3, "red", draw("C"))
    do(node, folder)
    put(folder, 1, "red", draw("A"), distinguishing_marks="a new scar")
    put(folder, 2, "red", draw("B"), draw("B", take=2))
    assert counts(do(node, folder)) == {"changed": 2, "held": 1}
    assert counts(do(node, folder)) == {"held": 3}
    changes = list_changes(list_history(node, EMIL, find_id(node, "2005/1")))
    assert [change.version for change in changes] == [2, 1]
    assert [field.field for field in changes[0].changes] == ["personal.marks"]
    assert len(list_photos(node, "2006/2")) == 2


def test_what_somebody_changed_since_is_not_undone_by_importing_the_same_again(
    node: Node, folder: Path, draw: Draw
) -> None:
    put(folder, 1, "red", draw("A"))
    do(node, folder)
    subject = find_id(node, "2005/1")
    held = read_record(node, EMIL, subject).record
    draft = replace(held.draft, personal=replace(held.draft.personal, marks="seen by the officer"))
    edit_record(node, EMIL, subject, draft, version=1, reason="Seen in person")
    assert counts(do(node, folder)) == {"held": 1}
    assert read_record(node, EMIL, subject).record.draft == draft
    put(folder, 1, "red", draw("A"), distinguishing_marks="news of the publisher")
    assert counts(do(node, folder)) == {"changed": 1}
    assert read_record(node, EMIL, subject).record.draft.personal.marks == "news of the publisher"


def test_an_absent_image_keeps_that_notice_out_and_no_other(node: Node, folder: Path, draw: Draw) -> None:
    put(folder, 1, "red", draw("A"), draw("A", take=2))
    put(folder, 2, "red", draw("B"))
    (folder / "1001.jpg").unlink()
    report = do(node, folder)
    assert counts(report) == {"imported": 1, "faulty": 1}
    assert report.incomplete == 1
    assert report.wanting[0].number == "2005/1"
    assert "'1001' is not there" in str(report.wanting[0].reasons[0])
    assert list_numbers(node) == ["2006/2"]
    (folder / "1001.jpg").write_bytes(draw("A", take=2))
    assert counts(do(node, folder)) == {"imported": 1, "held": 1}


def test_an_image_that_vanishes_after_the_check_keeps_the_notice_out(node: Node, folder: Path, draw: Draw) -> None:
    put(folder, 1, "red", draw("A"), draw("A", take=2))
    with open_notices(folder, terms=TERMS, today=node.clock().date()) as notices:
        found = list(notices)
        (folder / "1001.jpg").unlink()
        report = import_notices(node, EMIL, found, terms=TERMS)
    assert counts(report) == {"faulty": 1}
    assert "1001.jpg cannot be read" in str(report.wanting[0].reasons[0])
    assert list_numbers(node) == []
    assert look(node).photos == 0


def test_photos_that_cannot_be_enrolled_are_named_and_the_record_is_held(node: Node, folder: Path, draw: Draw) -> None:
    put(folder, 1, "red", draw("A", eyes=20), b"no photo", draw(), draw("X", "Y"))
    report = do(node, folder)
    assert counts(report) == {"imported": 1}
    assert {status: count for status, count in report.photos.items() if count} == {
        IntakeStatus.UNSUITABLE: 1,
        IntakeStatus.UNREADABLE: 1,
        IntakeStatus.NO_FACE: 1,
        IntakeStatus.SEVERAL_FACES: 1,
    }
    assert report.incomplete == 1
    assert list_numbers(node) == ["2005/1"]


def test_the_same_bytes_are_extracted_once_in_a_run(
    make_node: MakeNode, extractor_type: Any, folder: Path, draw: Draw
) -> None:
    extractor = extractor_type()
    node = make_node(extractor)
    for number in range(40):
        put(folder, number, "red", draw("A" if number % 2 else "B"))
    report = do(node, folder, workers=1)
    assert report.photos[IntakeStatus.ENROLLED] == 40
    assert len(extractor.extracted) == 2


def test_a_withdrawn_record_is_left_as_it_is(node: Node, folder: Path, draw: Draw) -> None:
    put(folder, 1, "red", draw("A"))
    do(node, folder)
    subject = find_id(node, "2005/1")
    withdraw_record(node, EMIL, subject, reason="The warrant was lifted")
    put(folder, 1, "red", draw("A", take=2), name="OTHER")
    report = do(node, folder)
    assert counts(report) == {"held": 1}
    assert report.photos[IntakeStatus.BARRED] == 1
    assert report.incomplete == 1
    held = read_record(node, EMIL, subject).record
    assert (held.state, held.version) == (RecordState.WITHDRAWN, 2)


def test_an_erased_record_may_be_imported_anew(node: Node, folder: Path, draw: Draw) -> None:
    put(folder, 1, "red", draw("A"))
    do(node, folder)
    erase(node, "2005/1")
    assert counts(do(node, folder)) == {"imported": 1}
    assert look(node).references == 1


def test_restricted_records_are_imported_restricted(node: Node, folder: Path, draw: Draw) -> None:
    put(folder, 1, "red", draw("A"))
    hidden = Restriction(RestrictionMode.ONLY, frozenset({EMIL.authority}))
    do(node, folder, replace(TERMS, restriction=hidden))
    assert read_record(node, EMIL, find_id(node, "2005/1")).record.draft.restriction == hidden


@pytest.mark.parametrize("actor", [ALICE, MALLORY])
def test_who_may_not_is_refused_and_nothing_is_held(node: Node, folder: Path, draw: Draw, actor: Actor) -> None:
    put(folder, 1, "red", draw("A"))
    with pytest.raises(RefusedByPolicy):
        do(node, folder, actor=actor)
    assert look(node).records == 0
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    assert entries[0]["verb"] == "refusal"
    assert entries[0]["person"] == actor.name


def test_terms_in_the_past_are_refused(node: Node, folder: Path, draw: Draw) -> None:
    put(folder, 1, "red", draw("A"))
    late = replace(TERMS, retain_until=date(2020, 1, 1))
    with pytest.raises(RecordInvalid):
        do(node, folder, late)
    with pytest.raises(RecordInvalid):
        import_notices(node, EMIL, [], terms=late)


def test_another_pack_than_the_gallerys_is_refused_before_anything_is_read(
    make_node: MakeNode, extractor_type: Any, folder: Path, draw: Draw
) -> None:
    put(folder, 1, "red", draw("A"))
    do(make_node(), folder)
    put(folder, 2, "red", draw("B"))
    with pytest.raises(PackConflict):
        do(make_node(extractor_type(name="other")), folder)


def test_ctrl_c_keeps_what_is_done_and_the_same_again_goes_on(
    make_node: MakeNode, extractor_type: Any, folder: Path, draw: Draw
) -> None:
    for number in range(300):
        put(folder, number, "red", draw(f"P{number}"))
    node = make_node(extractor_type(delay=0.002))

    def stop_early(_row: NoticeRow) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    first = do(node, folder, workers=2, on_progress=lambda row: stop_early(row) if row.number == "2014/10" else None)
    done = sum(first.notices.values())
    assert first.interrupted
    assert 10 < done < 300
    assert look(node).records == done
    second = do(make_node(), folder)
    assert not second.interrupted
    assert counts(second) == {"held": done, "imported": 300 - done}
    assert look(node).references == 300
    assert counts(do(make_node(), folder)) == {"held": 300}


def test_a_full_disk_loses_the_batch_in_hand_and_nothing_else(node: Node, folder: Path, draw: Draw) -> None:
    for number in range(10):
        put(folder, number, "red", draw(f"P{number}"))
    engine: Any = node.store._engine
    written = 0

    def fail(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        nonlocal written
        if "INSERT INTO photo_bytes" in statement:
            written += 1
            if written > 4:
                raise StoreFull("test.error", "There is no room left.")

    event.listen(engine, "before_cursor_execute", fail)
    try:
        with pytest.raises(StoreFull):
            do(node, folder)
    finally:
        event.remove(engine, "before_cursor_execute", fail)
    held = look(node)
    assert held.records == held.photos
    again = do(node, folder)
    assert again.notices[NoticeStatus.HELD] + again.notices[NoticeStatus.IMPORTED] == 10
    assert look(node).references == 10
