"""Looking at what is held."""

from collections.abc import Callable

import pytest

from semblance.errors import Conflict, NotFound
from semblance.exchange.intake import IntakeItem
from semblance.gallery.capture_date import CaptureDate
from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.suitability import SuitabilityLine
from semblance.terms.ids import PhotoId
from semblance.workflows.choose_face import choose_face
from semblance.workflows.enrol import enrol_photos
from semblance.workflows.node import Node
from semblance.workflows.show import (
    describe_node,
    describe_photo,
    describe_subject,
    list_awaiting,
    list_subjects,
    read_photo,
)

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]


def test_subjects_page_by_page(node: Node, draw: Draw, item: MakeItem) -> None:
    keys = sorted(f"subject {n}" for n in range(23))
    enrol_photos(node, [item(key, f"{key}.jpg", draw(key)) for key in keys], person="Emil")
    seen: list[str] = []
    after: str | None = None
    while True:
        page = list_subjects(node, after=after, limit=5)
        seen += [row.subject.key for row in page.rows]
        after = page.next_after
        if after is None:
            break
    assert seen == keys
    found = list_subjects(node, text="CT 2", limit=2)
    assert [row.subject.key for row in found.rows] == ["subject 2", "subject 20"]
    assert found.next_after == "subject 20"


def test_a_photo_is_shown_with_all_that_is_known_of_it(node: Node, draw: Draw) -> None:
    data = draw("A", "B")
    handed_in = IntakeItem("A", "A/1.jpg", lambda: data, CaptureDate("2014-05"), 1, "Passport office")
    (row,) = enrol_photos(node, [handed_in], person="Emil").rows
    assert row.photo is not None
    shown = describe_photo(node, row.photo)
    expected = node.extractor.extract(data, name="x", choose=1)
    assert shown.faces == expected.faces
    assert shown.facts == expected.facts
    assert (shown.chosen, shown.status, shown.captured) == (1, IntakeStatus.ENROLLED, "2014-05")
    assert (shown.source, shown.enrolled_by, shown.name) == ("Passport office", "Emil", "A/1.jpg")
    assert describe_subject(node, "A").photos == (shown,)
    assert read_photo(node, row.photo).data == data


def test_an_empty_node(node: Node) -> None:
    summary = describe_node(node)
    assert (summary.subjects, summary.photos, summary.gallery_pack, summary.store) == (0, 0, None, node.store.kind)
    assert list_subjects(node).rows == ()


def test_choosing_is_for_photos_that_wait(make_node: Callable[..., Node], draw: Draw, item: MakeItem) -> None:
    node = make_node(line=SuitabilityLine(inter_eye_distance=50))
    enrol_photos(node, [item("A", "a.jpg", draw("A")), item("B", "b.jpg", draw("B", "C", eyes=30))], person="Emil")
    (waiting,) = list_awaiting(node)
    with pytest.raises(NotFound, match="has no face 2"):
        choose_face(node, waiting.photo, 2, person="Emil")
    with pytest.raises(NotFound):
        choose_face(node, PhotoId("0" * 32), 0, person="Emil")
    row = choose_face(node, waiting.photo, 0, person="Emil")
    assert row.status is IntakeStatus.KEPT_UNSUITABLE
    assert row.reasons == ("the eyes are 30 pixels apart; 50 are needed",)
    assert describe_node(node).references == 1
    # under another line the other face may still be chosen
    lower = make_node(line=SuitabilityLine(inter_eye_distance=20))
    assert choose_face(lower, waiting.photo, 1, person="Emil").status is IntakeStatus.ENROLLED
    with pytest.raises(Conflict, match="does not wait"):
        choose_face(lower, waiting.photo, 0, person="Emil")
