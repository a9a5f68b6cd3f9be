"""Photos on their side: enrolled and shown upright, refused where that cannot be told, found where older ones lie."""

import io
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from tests.cast import ADA, DE, EMIL, FR
from tests.workflows.painted import PaintedExtractor, paint
from tests.workflows.record_acts import choose_face, enrol, list_photos
from tests.workflows.searching import search, submit

from semblance.audit.entry import read_entry
from semblance.exchange.intake import IntakeItem
from semblance.faces.decode import decode_photo
from semblance.faces.extractor import FaceChoice
from semblance.faces.photo import Photo
from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.suitability import SuitabilityLine
from semblance.node.node import Node
from semblance.store import ledger, other_packs
from semblance.terms.samples import Extraction, QuarterTurn
from semblance.workflows.models.migrate_templates import migrate_templates
from semblance.workflows.records.find_turned import find_turned

MakeItem = Callable[..., IntakeItem]
MakeNode = Callable[..., Node]
LINE = SuitabilityLine(inter_eye_distance=10.0)


class TurningExtractor(PaintedExtractor):
    """Knows that painted photos are wider than high; of violet people it cannot tell which way up they are."""

    def extract_photo(
        self, photo: Photo, *, choose: FaceChoice = "only", turned: QuarterTurn | None = None
    ) -> Extraction:
        lies = turned is None and photo.facts.height > photo.facts.width
        found = super().extract_photo(photo, choose=choose, turned=90 if lies else turned)
        return replace(found, doubtful=turned is None and bool((photo.pixels == (220, 30, 220)).all(axis=2).any()))


def lay(data: bytes, quarters: int = 1) -> bytes:
    """Return the photo as a camera on its side stores it."""
    buffer = io.BytesIO()
    Image.fromarray(np.rot90(decode_photo(data, name="x").pixels, quarters)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def turning(make_node: MakeNode) -> Node:
    return make_node(TurningExtractor(), LINE)


@pytest.fixture
def older(make_node: MakeNode) -> Node:
    """Return a node on the same store that takes every photo as it lies."""
    return make_node(PaintedExtractor(), LINE)


def test_a_photo_on_its_side_is_enrolled_upright_and_found(turning: Node, item: MakeItem) -> None:
    enrol(turning, [item("A", "a.png", lay(paint("red"))), item("B", "b.png", paint("green"))])
    (photo,) = list_photos(turning, "A")
    assert (photo.facts.turned, photo.facts.width, photo.facts.height) == (90, 400, 300)
    assert [str(note) for note in photo.facts.notes] == ["turned by 90° clockwise, so that the face is upright"]
    assert [face.box for face in photo.faces] == [
        face.box for face in PaintedExtractor().extract(paint("red"), name="x").faces
    ]
    for probe in (paint("red", take=3), lay(paint("red", take=4))):
        assert search(turning, probe).candidates[0].number == "A"


def test_where_doubt_stays_a_reference_is_refused_in_words_and_a_probe_is_not(turning: Node, item: MakeItem) -> None:
    doubtful = paint("violet")
    (row,) = enrol(turning, [item("A", "a.png", doubtful)]).rows
    assert row.status is IntakeStatus.UNSUITABLE
    assert [reason.identifier for reason in row.reasons] == ["photo.turn-and-enrol"]
    (kept,) = enrol(turning, [item("A", "a.png", doubtful)], keep_unsuitable=True).rows
    assert kept.status is IntakeStatus.KEPT_UNSUITABLE
    enrol(turning, [item("B", "b.png", paint("green"))])
    assert submit(turning, doubtful)


def test_a_face_is_chosen_where_it_lies_in_the_turned_photo(turning: Node, item: MakeItem) -> None:
    (row,) = enrol(turning, [item("A", "a.png", lay(paint("red", "green")))]).rows
    assert row.photo is not None
    assert choose_face(turning, row.photo, 1).status is IntakeStatus.ENROLLED
    (photo,) = list_photos(turning, "A")
    assert (photo.facts.turned, photo.facts.width, photo.chosen) == (90, 400, 1)
    assert photo.chosen_face is not None
    assert (photo.chosen_face.box.left, photo.chosen_face.box.top) == (140, 60)


def test_a_photo_that_is_judged_anew_is_turned_then(make_node: MakeNode, turning: Node, item: MakeItem) -> None:
    strict = make_node(PaintedExtractor(), SuitabilityLine(inter_eye_distance=300.0))
    enrol(strict, [item("A", "a.png", lay(paint("red")))], keep_unsuitable=True)
    (kept,) = list_photos(strict, "A")
    assert (kept.status, kept.facts.turned) == (IntakeStatus.KEPT_UNSUITABLE, 0)
    enrol(turning, [item("A", "a.png", lay(paint("red")))])
    (photo,) = list_photos(turning, "A")
    assert (photo.status, photo.facts.turned, photo.facts.width) == (IntakeStatus.ENROLLED, 90, 400)


def test_references_that_an_older_version_took_as_they_lie_are_listed(
    older: Node, turning: Node, item: MakeItem
) -> None:
    people = {"A": lay(paint("red")), "B": paint("green"), "C": paint("violet"), "D": lay(paint("blue"), 3)}
    enrol(older, [item(number, f"{number}.png", data) for number, data in people.items()])
    seen: list[tuple[int, int]] = []
    report = find_turned(turning, EMIL, on_progress=lambda looked, of: seen.append((looked, of)))
    assert [(found.number, found.turn) for found in report.found] == [("A", 90), ("C", None), ("D", 90)]
    assert (report.looked, report.interrupted, seen[-1]) == (4, False, (4, 4))
    with turning.store.reading() as tx:
        acts = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    read = [act for act in acts if act["action"] == "record.read"]
    assert sum(len(act["touched"]) for act in read) == 3
    assert find_turned(turning, EMIL, after=report.after).looked == 0
    # what is another authority's is nobody else's to look through
    assert find_turned(turning, replace(EMIL, name="felix", authority=FR)).looked == 0
    (photo, *_) = list_photos(turning, "A")
    assert (photo.owner, photo.facts.turned) == (DE, 0)


def test_another_packs_templates_are_made_of_the_photo_as_it_was_turned(
    older: Node, turning: Node, item: MakeItem
) -> None:
    enrol(older, [item("A", "a.png", lay(paint("red")))])
    enrol(turning, [item("B", "b.png", lay(paint("green")))])
    other = TurningExtractor("other-pack")
    assert migrate_templates(turning, ADA, other).made == 2
    with turning.store.reading() as tx:
        assert other_packs.read_coverage(tx, other.digest).faults == 0
