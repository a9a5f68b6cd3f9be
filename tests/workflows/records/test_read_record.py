"""Looking at records, their photos and what waits for somebody."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from tests.cast import ADA, ALICE, DORA, EMIL, FR, MALLORY
from tests.workflows.record_acts import TERMS, catch_refusal, choose_face, enrol, find_id, list_photos, look, read_bytes

from semblance.audit.entry import read_entry
from semblance.errors import Conflict, NotFound
from semblance.exchange.intake import IntakeItem
from semblance.gallery.outcome import CaptureDate, IntakeStatus
from semblance.gallery.suitability import SuitabilityLine
from semblance.node.node import Node
from semblance.store import ledger
from semblance.terms.ids import PhotoId
from semblance.terms.record import Restriction, RestrictionMode
from semblance.workflows.enrolment import choose_face as choosing
from semblance.workflows.records.read_record import describe_photo, list_awaiting, read_photo, read_record
from semblance.workflows.records.write_record import withdraw_record

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]

HIDDEN = Restriction(RestrictionMode.EXCEPT, frozenset({FR}))
NO_PHOTO = PhotoId("0" * 32)


def read_acts(node: Node) -> list[tuple[str, str, str]]:
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    return [(entry["verb"], entry["action"], entry["person"]) for entry in entries]


def test_a_photo_is_shown_with_all_that_is_known_of_it(node: Node, draw: Draw) -> None:
    data = draw("A", "B")
    handed_in = IntakeItem("A", "A/1.jpg", lambda: data, CaptureDate("2014-05"), 1, "Passport office")
    (row,) = enrol(node, [handed_in]).rows
    assert row.photo is not None
    shown = describe_photo(node, EMIL, row.photo)
    expected = node.extractor.extract(data, name="x", choose=1)
    assert shown.faces == expected.faces
    assert shown.facts == expected.facts
    assert (shown.chosen, shown.status, shown.captured) == (1, IntakeStatus.ENROLLED, "2014-05")
    assert (shown.source, shown.note, shown.enrolled_by) == (TERMS.source, "Passport office", "emil")
    assert (shown.subject, shown.name) == (find_id(node, "A"), "A/1.jpg")
    assert list_photos(node, "A") == (shown,)
    assert read_bytes(node, row.photo) == data


def test_reading_is_noted_once_for_a_page_and_never_for_its_pictures(node: Node, draw: Draw, item: MakeItem) -> None:
    (row,) = enrol(node, [item("A", "a.jpg", draw("A"))]).rows
    assert row.photo is not None
    before = len(read_acts(node))
    read_record(node, DORA, find_id(node, "A"))
    read_photo(node, DORA, row.photo)
    describe_photo(node, DORA, row.photo)
    assert read_acts(node)[before:] == [("consultation", "record.read", "dora")] * 2


def test_an_empty_node(node: Node) -> None:
    summary = look(node)
    assert (summary.records, summary.photos, summary.gallery_pack, summary.store) == (0, 0, None, node.store.kind)
    assert list_awaiting(node, EMIL) == ()


def test_a_photo_that_must_not_be_known_of_is_answered_like_none(node: Node, draw: Draw, item: MakeItem) -> None:
    (row,) = enrol(node, [item("A", "a.jpg", draw("A", "B"))], replace(TERMS, restriction=HIDDEN)).rows
    assert row.photo is not None
    fritz = replace(EMIL, authority=FR, name="fritz")
    for act in (
        lambda photo: read_photo(node, DORA, photo),
        lambda photo: describe_photo(node, DORA, photo),
        lambda photo: choosing.choose_face(node, fritz, photo, 0),
    ):
        said = []
        for photo in (row.photo, NO_PHOTO):
            with pytest.raises(NotFound) as raised:
                act(photo)
            said.append(str(raised.value).replace(photo, "ID"))
        assert said[0] == said[1]
    for actor in (MALLORY, ADA):
        answers = [catch_refusal(partial(read_photo, node, actor, photo)) for photo in (row.photo, NO_PHOTO)]
        assert (answers[0].rule, answers[0].message) == (answers[1].rule, answers[1].message)
    assert list_awaiting(node, fritz) == ()
    assert list_awaiting(node, ALICE) == ()
    assert len(list_awaiting(node, EMIL)) == 1


def test_choosing_is_for_photos_that_wait(make_node: Callable[..., Node], draw: Draw, item: MakeItem) -> None:
    node = make_node(line=SuitabilityLine(inter_eye_distance=50))
    enrol(node, [item("A", "a.jpg", draw("A")), item("B", "b.jpg", draw("B", "C", eyes=30))])
    (waiting,) = list_awaiting(node, EMIL)
    with pytest.raises(NotFound, match="has no face 2"):
        choose_face(node, waiting.id, 2)
    with pytest.raises(NotFound):
        choose_face(node, NO_PHOTO, 0)
    row = choose_face(node, waiting.id, 0)
    assert (row.status, row.subject) == (IntakeStatus.KEPT_UNSUITABLE, "B")
    assert list(map(str, row.reasons)) == ["the eyes are 30 pixels apart; 50 are needed"]
    assert look(node).references == 1
    # under another line the other face may still be chosen
    lower = make_node(line=SuitabilityLine(inter_eye_distance=20))
    assert choose_face(lower, waiting.id, 1).status is IntakeStatus.ENROLLED
    with pytest.raises(Conflict, match="does not wait"):
        choose_face(lower, waiting.id, 0)


def test_a_face_is_chosen_by_the_owner_and_while_the_record_stands(node: Node, draw: Draw, item: MakeItem) -> None:
    (row,) = enrol(node, [item("A", "a.jpg", draw("A", "B"))]).rows
    assert row.photo is not None
    photo = row.photo
    assert catch_refusal(lambda: choosing.choose_face(node, ALICE, photo, 0)).rule == "policy.role"
    withdraw_record(node, EMIL, find_id(node, "A"), reason="she was found")
    assert catch_refusal(lambda: choosing.choose_face(node, EMIL, photo, 0)).rule == "policy.state"
    assert look(node).references == 0
