"""Preparing a probe: listed, logged, undone, searched, and never compared."""

import io
import json
import math
from collections.abc import Callable
from dataclasses import astuple, replace
from datetime import timedelta

import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image
from tests.cast import ALICE, BOB, CAROL, DE, MALLORY
from tests.workflows.conftest import Clock
from tests.workflows.painted import PaintedExtractor, paint
from tests.workflows.record_acts import enrol
from tests.workflows.searching import REASON, find_pseudonym, open_case, submit

from semblance.audit.entry import read_entry
from semblance.errors import Conflict, NotFound, RefusedByPolicy, StepsInvalid
from semblance.exchange.intake import IntakeItem
from semblance.faces.decode import decode_photo
from semblance.faces.pictures import render_region
from semblance.gallery.suitability import SuitabilityLine
from semblance.messages.stored import read_message
from semblance.node.node import Node
from semblance.store import ledger, probes, searches
from semblance.store.schema.workbench import preparation
from semblance.terms.ids import PreparationId, ProbeId
from semblance.terms.preparation import Crop, Expose, Mirror, Rotate, Step, Straighten, describe_step
from semblance.terms.samples import Point
from semblance.workflows.cases.cases import close_case
from semblance.workflows.cases.probes import erase_derived, erase_whole_case, purge_expired
from semblance.workflows.examination.comparison import read_comparison, read_probe_side
from semblance.workflows.examination.reviews import begin_review
from semblance.workflows.scheduled.expire import expire_cases
from semblance.workflows.search.prepare_probe import (
    foresee_steps,
    list_preparations,
    prepare_probe,
    render_preparation,
    render_steps,
)
from semblance.workflows.search.search_answer import SearchAnswer, read_search
from semblance.workflows.search.search_gallery import NoFaceFound, search_probe

MakeItem = Callable[..., IntakeItem]
MakeNode = Callable[..., Node]


@pytest.fixture
def painted(make_node: MakeNode, item: MakeItem) -> Node:
    """Return a node that sees painted people, with three of them in its gallery."""
    node = make_node(PaintedExtractor(), SuitabilityLine(inter_eye_distance=10.0))
    enrol(node, [item(one, f"{one}.png", paint(one, take=7)) for one in ("red", "green", "blue")])
    return node


def count_rows(node: Node) -> int:
    with node.store.reading() as tx:
        return tx.connection.scalar(sa.select(sa.func.count()).select_from(preparation)) or 0


def last_entry(node: Node) -> dict[str, object]:
    with node.store.reading() as tx:
        return read_entry(list(ledger.iterate_entries(tx))[-1][1])


def read_original(node: Node, probe: ProbeId) -> bytes:
    with node.store.reading() as tx:
        data = probes.read_probe_bytes(tx, probe)
    assert data is not None
    return data


def test_a_version_is_its_steps_and_the_original_stays(painted: Node) -> None:
    data = paint("red", "green")
    probe = submit(painted, data)
    steps: list[Step] = [Crop(100, 20, 250, 200), Mirror()]
    made = prepare_probe(painted, ALICE, probe, steps)
    assert (made.number, made.steps, made.width, made.height) == (1, tuple(steps), 250, 200)
    # green lies at 140 to 230 of the original, at 40 to 130 of the crop, at 120 to 210 mirrored; red's edge is left in
    assert [(face.box.left, face.box.right) for face in made.faces] == [(120, 210), (240, 250)]
    assert read_original(painted, probe) == data
    entry = last_entry(painted)
    assert (entry["action"], entry["verb"], entry["person"]) == ("probe.prepare", "alteration", "alice")
    assert list_preparations(painted, BOB, probe) == (made,)


def test_every_version_is_logged_with_its_steps_and_undone_by_a_shorter_list(painted: Node) -> None:
    probe = submit(painted, paint("red"))
    steps: list[Step] = [Expose(1), Rotate(90)]
    first = prepare_probe(painted, ALICE, probe, steps)
    second = prepare_probe(painted, ALICE, probe, steps[:1])
    assert [one.number for one in list_preparations(painted, ALICE, probe)] == [1, 2]
    assert second.steps == first.steps[:1]
    with painted.store.reading() as tx:
        said = [
            str(read_message(json.loads(opening.text)))
            for number, entry in ledger.iterate_entries(tx)
            if read_entry(entry)["action"] == "probe.prepare"
            for opening in ledger.read_openings(tx, number)
            if opening.label == "message"
        ]
    assert said == ["version 1: exposure +1 stops; turn by 90°", "version 2: exposure +1 stops"]


def test_steps_that_cannot_be_taken_change_nothing(painted: Node) -> None:
    probe = submit(painted, paint("red"))
    for steps, words in (
        ([], "No step was taken"),
        ([Mirror()] * 25, "25 steps"),
        ([Mirror(), Crop(0, 0, 401, 300)], "Step 2: The crop reaches beyond"),
    ):
        with pytest.raises(StepsInvalid, match=words):
            prepare_probe(painted, ALICE, probe, steps)  # type: ignore[arg-type]
    assert count_rows(painted) == 0


def test_only_in_an_open_case_of_ones_own_authority(painted: Node) -> None:
    probe = submit(painted, paint("red"))
    made = prepare_probe(painted, ALICE, probe, [Mirror()])
    stranger = replace(ALICE, name="fritz", authority=DE)
    for act in (
        lambda actor: prepare_probe(painted, actor, probe, [Mirror()]),
        lambda actor: list_preparations(painted, actor, probe),
        lambda actor: render_steps(painted, actor, probe, []),
        lambda actor: foresee_steps(painted, actor, probe, []),
        lambda actor: render_preparation(painted, actor, probe, made.id),
    ):
        with pytest.raises(NotFound):
            act(stranger)
        with pytest.raises(RefusedByPolicy):
            act(MALLORY)
    with pytest.raises(RefusedByPolicy):
        prepare_probe(painted, CAROL, probe, [Mirror()])
    close_case(painted, ALICE, open_case(painted).id, reason="It is over")
    for prepare in (prepare_probe, foresee_steps, render_steps):
        with pytest.raises(Conflict, match="closed"):
            prepare(painted, ALICE, probe, [Mirror()])
    # what was prepared before can still be looked at
    assert render_preparation(painted, CAROL, probe, made.id).startswith(b"\xff\xd8")
    assert count_rows(painted) == 1
    with pytest.raises(NotFound):
        prepare_probe(painted, ALICE, ProbeId("none"), [Mirror()])


@pytest.mark.parametrize("way", ["expired", "case expired", "refused", "case erased"])
def test_a_version_goes_wherever_its_probe_goes(painted: Node, clock: Clock, way: str) -> None:
    probe = submit(painted, paint("red"))
    prepare_probe(painted, ALICE, probe, [Mirror()])
    case = open_case(painted).id
    if way == "expired":
        clock.now += timedelta(hours=2)
        purge_expired(painted)
    elif way == "case expired":
        clock.now += timedelta(days=400)
        expire_cases(painted)
    else:
        with painted.store.writing() as tx:
            if way == "refused":
                erase_derived(tx, (probe,))
            else:
                erase_whole_case(tx, case, at=clock.now, person="alice")
    assert count_rows(painted) == 0
    with pytest.raises(NotFound):
        list_preparations(painted, ALICE, probe)


def test_pictures_are_bounded_and_of_what_was_asked_for(painted: Node) -> None:
    probe = submit(painted, paint("red"))
    quarter = render_steps(painted, ALICE, probe, [Rotate(90)])
    made = prepare_probe(painted, ALICE, probe, [Rotate(90)])
    assert render_preparation(painted, ALICE, probe, made.id) == quarter
    with Image.open(io.BytesIO(quarter)) as picture:
        assert picture.size == (300, 400)
    face = render_preparation(painted, ALICE, probe, made.id, face=0)
    with Image.open(io.BytesIO(face)) as picture:
        red, green, _ = np.asarray(picture)[160, 160]
        assert red > 150 > green
    other = submit(painted, paint("blue"))
    for which, ordinal in ((other, None), (probe, 3)):
        with pytest.raises(NotFound):
            render_preparation(painted, ALICE, which, made.id, face=ordinal)


def test_the_eyes_are_followed_through_the_steps(painted: Node) -> None:
    probe = submit(painted, paint("red", "green"))
    outlook = foresee_steps(painted, ALICE, probe, [Rotate(30), Mirror()])
    (_, left, right), _ = outlook.eyes
    assert left.x < right.x
    level = foresee_steps(painted, ALICE, probe, [Rotate(30), Mirror(), Straighten.between(left, right)])
    (_, left, right), _ = level.eyes
    assert abs(left.y - right.y) < 1e-6
    assert [str(step) for step in level.steps[:2]] == ["turn by 30°", "mirror"]


def test_a_prepared_version_is_searched_and_the_record_says_so(painted: Node) -> None:
    probe = submit(painted, paint("violet", "green"))
    made = prepare_probe(painted, ALICE, probe, [Crop(120, 20, 250, 200), Rotate(90)])
    answer = search_probe(painted, ALICE, probe, reason=REASON, prepared=made.id)
    assert isinstance(answer, SearchAnswer)
    with painted.store.reading() as tx:
        record = searches.find_search(tx, answer.search)
        assert record is not None
        known = searches.find_known(tx, [record.candidates[0].reference])
    assert [one.number for one in known.values()] == ["green"]
    assert record.prepared is not None
    assert record.prepared.steps == tuple(map(describe_step, made.steps))
    assert (record.prepared.preparation, record.prepared.face) == (made.id, 0)
    assert record.prepared.box == made.faces[0].box
    # the face of the original is the one that lies where the prepared one came from
    assert record.face == 1
    assert record.face_box is not None
    assert record.face_box.left == 140
    assert read_search(painted, ALICE, answer.search).record.prepared == record.prepared


def test_what_people_compare_is_the_original(painted: Node) -> None:
    data = paint("green")
    probe = submit(painted, data)
    made = prepare_probe(painted, ALICE, probe, [Expose(0.5), Mirror()])
    answer = search_probe(painted, ALICE, probe, reason=REASON, prepared=made.id)
    assert isinstance(answer, SearchAnswer)
    assert answer.examination is not None
    which = answer.examination.id
    begin_review(painted, BOB, which)
    side = read_probe_side(painted, BOB, which)
    assert side.data == data
    assert side.face == painted.extractor.extract(data, name="x").faces[0]
    assert not any("prepared" in str(note) for note in side.facts.notes)


def test_a_face_that_only_the_prepared_version_shows_is_compared_where_it_lies_in_the_original(painted: Node) -> None:
    data = paint("green", dark=True)
    probe = submit(painted, data)
    assert isinstance(search_probe(painted, ALICE, probe, reason=REASON), NoFaceFound)
    made = prepare_probe(painted, ALICE, probe, [Expose(4), Expose(2), Rotate(-20)])
    assert len(made.faces) == 1
    answer = search_probe(painted, ALICE, probe, reason=REASON, prepared=made.id)
    assert isinstance(answer, SearchAnswer)
    assert answer.record.face is None
    assert answer.examination is not None
    which = answer.examination.id
    begin_review(painted, BOB, which)
    comparison = read_comparison(painted, BOB, which, find_pseudonym(painted, answer.search, "green"))
    centre = comparison.probe.face.box.centre
    assert math.dist((centre.x, centre.y), (65, 105)) < 3
    assert math.dist(_at(comparison.probe.face.landmarks.left_eye), (42, 82)) < 20
    assert read_probe_side(painted, BOB, which).data == data


def _at(point: Point) -> tuple[float, float]:
    return point.x, point.y


def test_a_version_of_another_probe_or_without_faces_is_not_searched(painted: Node) -> None:
    probe, other = submit(painted, paint("red")), submit(painted, paint("blue"))
    made = prepare_probe(painted, ALICE, other, [Mirror()])
    for which in (made.id, PreparationId("none")):
        with pytest.raises(NotFound, match="no prepared version"):
            search_probe(painted, ALICE, probe, reason=REASON, prepared=which)
    empty = prepare_probe(painted, ALICE, probe, [Crop(200, 200, 100, 100)])
    assert empty.faces == ()
    assert isinstance(search_probe(painted, ALICE, probe, reason=REASON, prepared=empty.id), NoFaceFound)


@pytest.mark.parametrize("degrees", [90, 180, -90])
def test_a_photo_that_a_person_turned_is_compared_upright(painted: Node, degrees: float) -> None:
    lying = io.BytesIO()
    Image.fromarray(np.rot90(decode_photo(paint("red"), name="x").pixels, round(degrees / 90))).save(lying, "PNG")
    probe = submit(painted, lying.getvalue())
    made = prepare_probe(painted, ALICE, probe, [Rotate(degrees)])
    answer = search_probe(painted, ALICE, probe, reason=REASON, prepared=made.id)
    assert isinstance(answer, SearchAnswer)
    assert answer.examination is not None
    begin_review(painted, ALICE, answer.examination.id)
    side = read_probe_side(painted, ALICE, answer.examination.id)
    assert (side.facts.turned, side.facts.width, side.facts.height) == (degrees % 360, 400, 300)
    # where the face lies in the photo before anybody held the camera wrongly
    upright = PaintedExtractor().extract(paint("red"), name="x").faces[0]
    assert np.allclose(astuple(side.face.box), astuple(upright.box))
    assert np.allclose(
        [astuple(point) for point in side.face.landmarks.points], [astuple(point) for point in upright.landmarks.points]
    )
    shown = render_region(side.data, name="x", box=side.face.box, turned=side.facts.turned, margin=0.0)
    with Image.open(io.BytesIO(shown)) as picture:
        middle = np.asarray(picture)[picture.height // 2, picture.width // 2]
    assert np.abs(middle - np.array((220, 30, 30))).max() < 12
