"""Calibrations on both databases: what is searched, what is stored, stopped and resumed, and what is refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from threading import Event

import numpy as np
import pytest
from tests.cast import ADA, ALICE, CAROL, DE, EMIL, FR, MALLORY
from tests.workflows import stand_in
from tests.workflows.conftest import Clock
from tests.workflows.record_acts import TERMS, enrol, erase, find_id
from tests.workflows.searching import search
from tests.workflows.stand_in import StandInExtractor

from semblance.audit.entry import read_entry
from semblance.audit.search_record import JoinedProbe, SearchOutcome, SearchRecord
from semblance.errors import Conflict, PackConflict, RefusedByPolicy
from semblance.evaluation.calibration import Missing, NoCalibration, ScoreMeaning, describe_score, interpret_score
from semblance.exchange.intake import IntakeItem
from semblance.node.node import Node
from semblance.search.templates import score_matrix
from semblance.store import calibrations, ledger
from semblance.store.calibrations import Calibration
from semblance.terms.permission import Actor, Purpose
from semblance.terms.record import Restriction, RestrictionMode
from semblance.workflows.evaluation.calibrate import CalibrationRun, calibrate_gallery, list_calibrations
from semblance.workflows.examination.read_outcome import explain_scores
from semblance.workflows.records.write_record import withdraw_record

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]
MakeNode = Callable[..., Node]

PEOPLE = [f"P{n:03}" for n in range(60)]
SOUGHT = Purpose.MISSING_PERSON
NOT_FOR_FRANCE = Restriction(RestrictionMode.EXCEPT, frozenset({FR}))


def enrol_people(node: Node) -> None:
    enrol(node, [IntakeItem(name, f"{name}.jpg", partial(stand_in.draw, name)) for name in PEOPLE])
    enrol(node, [IntakeItem(name, f"{name}-2.jpg", partial(stand_in.draw, name, take=2)) for name in PEOPLE[:5]])


@pytest.fixture
def filled(fill_once: Callable[..., tuple[Node, None]], monkeypatch: pytest.MonkeyPatch) -> Node:
    """Return a node with 60 people, of whom the first five have a second photo, that does 16 trials at once."""
    monkeypatch.setattr("semblance.workflows.evaluation.calibrate._AT_ONCE", 16)
    node, _ = fill_once(enrol_people)
    return node


def calibrate(node: Node, actor: Actor = CAROL, **options: object) -> CalibrationRun:
    return calibrate_gallery(node, actor, SOUGHT, **options)  # type: ignore[arg-type]


def stop_after(trials: int) -> tuple[Event, Callable[[int, int], None]]:
    stop = Event()

    def follow(done: int, _total: int) -> None:
        if done >= trials:
            stop.set()

    return stop, follow


def read_scores(made: Calibration) -> list[float]:
    return [float(score) for score in np.frombuffer(made.scores, "<f4")]


def explain(node: Node, record: SearchRecord, score: float) -> ScoreMeaning | NoCalibration:
    with node.store.reading() as tx:
        return explain_scores(tx, node.policy.read(), record)(score)


def list_entries(node: Node) -> list[dict[str, object]]:
    with node.store.reading() as tx:
        data = [ledger.read_data(tx, number) for number in range(ledger.read_size(tx))]
    return [read_entry(entry) for entry in data if entry is not None]


def test_every_person_is_searched_among_all_the_others(filled: Node, draw: Draw) -> None:
    told: list[tuple[int, int]] = []
    done = calibrate(filled, on_progress=lambda *counts: told.append(counts))
    made = done.calibration
    assert (made.subjects, made.references, made.trials, made.asked) == (60, 65, 60, 60)
    assert made.finished_at is not None
    assert (done.resumed, done.interrupted) == (0, False)
    assert told == [(0, 60), (16, 60), (32, 60), (48, 60), (60, 60)]
    extractor = StandInExtractor()
    photos = [(name, take) for name in PEOPLE for take in ((0, 2) if name in PEOPLE[:5] else (0,))]
    templates = [extractor.extract(draw(name, take=take), name="x").template for name, take in photos]
    held = [template for template in templates if template is not None]
    scores = score_matrix(held, held)
    highest = {
        float(max(scores[row, column] for column, (other, _) in enumerate(photos) if other != name))
        for row, (name, _) in enumerate(photos)
    }
    assert set(read_scores(made)) <= highest
    entries = [entry for entry in list_entries(filled) if entry["action"] == "calibration.make"]
    assert len(entries) == 2
    assert list_calibrations(filled, ADA) == (made,)


def test_a_search_is_explained_by_it(filled: Node, draw: Draw) -> None:
    answer = search(filled, draw("somebody else"))
    score = answer.candidates[0].score or 0.0
    assert explain(filled, answer.record, score) == NoCalibration(Missing.NONE)
    made = calibrate(filled).calibration
    meaning = explain(filled, answer.record, score)
    other = JoinedProbe(answer.record.probe, answer.record.probe_sha256, "another.jpg")
    joined = explain(filled, replace(answer.record, also=(other,)), score)
    unsearched = explain(filled, replace(answer.record, pack=None, outcome=SearchOutcome.NO_FACE), score)
    of_others = explain(filled, replace(answer.record, authority=DE), score)
    other_purpose = explain(filled, replace(answer.record, purpose=Purpose.WANTED_PERSON.value), score)
    assert isinstance(meaning, ScoreMeaning)
    assert meaning == interpret_score(score, np.asarray(read_scores(made)), gallery=60, subjects=60)
    assert str(describe_score(meaning)).startswith("In a gallery of 60 people")
    assert (joined, unsearched) == (NoCalibration(Missing.SEVERAL_PHOTOS), NoCalibration(Missing.NOT_SEARCHED))
    assert of_others == other_purpose == NoCalibration(Missing.NONE)


def test_stopped_it_keeps_what_was_done_and_another_program_goes_on(filled: Node, make_node: MakeNode) -> None:
    whole = calibrate(filled, seed=5).calibration
    stop, follow = stop_after(32)
    cut = calibrate(filled, stop=stop, on_progress=follow)
    assert (cut.interrupted, cut.calibration.trials, cut.calibration.finished_at) == (True, 32, None)
    there = make_node()
    assert [made.trials for made in list_calibrations(there, CAROL)] == [32, 60]
    rest = calibrate(there)
    assert (rest.resumed, rest.interrupted, rest.calibration.trials) == (32, False, 60)
    assert rest.calibration.id == cut.calibration.id
    assert rest.calibration.scores[: 4 * 32] == cut.calibration.scores
    # another seed is another order of the same people, of whom five have two photos
    assert len(set(read_scores(whole)) ^ set(read_scores(rest.calibration))) <= 10
    straight = calibrate(there)
    assert straight.resumed == 0
    assert straight.calibration.scores == rest.calibration.scores


def test_killed_it_goes_on_from_the_last_scores_stored(filled: Node) -> None:
    def follow(done: int, _total: int) -> None:
        if done == 48:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        calibrate(filled, on_progress=follow)
    assert [made.trials for made in list_calibrations(filled, CAROL)] == [48]
    assert (calibrate(filled).resumed, calibrate(filled).calibration.trials) == (48, 60)


def test_of_two_runs_at_once_the_later_one_gives_way(filled: Node) -> None:
    inner: list[CalibrationRun] = []

    def follow(done: int, _total: int) -> None:
        if done == 16 and not inner:
            inner.append(calibrate(filled))

    with pytest.raises(Conflict, match="at the same time"):
        calibrate(filled, on_progress=follow)
    assert list_calibrations(filled, CAROL) == (inner[0].calibration,)
    assert inner[0].calibration.trials == 60


def test_a_run_that_the_gallery_has_left_behind_is_not_resumed(filled: Node, draw: Draw, item: MakeItem) -> None:
    stop, follow = stop_after(32)
    calibrate(filled, stop=stop, on_progress=follow)
    enrol(filled, [item("late", "late.jpg", draw("late"))])
    done = calibrate(filled)
    assert (done.resumed, done.calibration.subjects, done.calibration.trials) == (0, 61, 61)
    assert list_calibrations(filled, CAROL) == (done.calibration,)


def test_who_is_erased_meanwhile_is_nobodys_candidate_any_more(filled: Node) -> None:
    def follow(done: int, _total: int) -> None:
        if done == 32:
            for name in PEOPLE[55:59]:
                erase(filled, name)

    done = calibrate(filled, on_progress=follow)
    assert not done.interrupted
    assert 55 < done.calibration.trials <= 60
    undisturbed = calibrate(filled).calibration
    assert undisturbed.subjects == 56


def test_a_gallery_that_changes_too_much_meanwhile_is_given_up(filled: Node) -> None:
    def follow(done: int, _total: int) -> None:
        if done == 32:
            for name in PEOPLE[40:48]:
                erase(filled, name)

    with pytest.raises(Conflict, match="changed by 10%"):
        calibrate(filled, on_progress=follow)
    assert list_calibrations(filled, CAROL) == ()
    assert [entry["action"] for entry in list_entries(filled)].count("calibration.make") == 2
    assert calibrate(filled).calibration.trials == 52


def test_it_holds_until_a_tenth_of_the_photos_changed(filled: Node, draw: Draw, item: MakeItem) -> None:
    calibrate(filled)
    enrol(filled, [item(f"N{n}", f"{n}.jpg", draw(f"N{n}")) for n in range(6)])
    answer = search(filled, draw("somebody else"))
    near = explain(filled, answer.record, 0.4)
    assert isinstance(near, ScoreMeaning)
    assert (near.subjects, near.gallery, near.converted) == (66, 60, True)
    enrol(filled, [item("one more", "more.jpg", draw("one more"))])
    late = search(filled, draw("somebody else"))
    assert explain(filled, late.record, 0.4) == NoCalibration(Missing.CHANGED)
    # what was true of the earlier search stays true
    assert explain(filled, answer.record, 0.4) == near
    calibrate(filled)
    assert isinstance(explain(filled, late.record, 0.4), ScoreMeaning)


def test_it_holds_whatever_happens_to_what_is_not_open(filled: Node, draw: Draw, item: MakeItem) -> None:
    calibrate(filled)
    before = search(filled, draw("somebody else"))
    hidden = [item(f"H{n}", f"H{n}.jpg", draw(f"H{n}")) for n in range(30)]
    enrol(filled, hidden, replace(TERMS, restriction=NOT_FOR_FRANCE))
    for n in range(10):
        erase(filled, f"H{n}")
    after = search(filled, draw("somebody else"))
    assert isinstance(explain(filled, after.record, 0.4), ScoreMeaning)
    assert explain(filled, after.record, 0.4) == explain(filled, before.record, 0.4)


def test_a_run_goes_on_whatever_happens_to_what_is_not_open(filled: Node, draw: Draw, item: MakeItem) -> None:
    def follow(done: int, _total: int) -> None:
        if done == 32:
            hidden = [item(f"H{n}", f"H{n}.jpg", draw(f"H{n}")) for n in range(20)]
            enrol(filled, hidden, replace(TERMS, restriction=NOT_FOR_FRANCE))

    assert calibrate(filled, on_progress=follow).calibration.trials == 60


def test_others_in_the_place_of_a_tenth_are_a_change_though_the_counts_are_the_same(
    filled: Node, draw: Draw, item: MakeItem
) -> None:
    calibrate(filled)
    for name in PEOPLE[10:13]:
        erase(filled, name)
    enrol(filled, [item(f"N{n}", f"{n}.jpg", draw(f"N{n}")) for n in range(3)])
    near = search(filled, draw("somebody else")).record
    assert isinstance(explain(filled, near, 0.4), ScoreMeaning)
    erase(filled, PEOPLE[13])
    enrol(filled, [item("N3", "3.jpg", draw("N3"))])
    late = search(filled, draw("somebody else")).record
    assert late.gallery_references == 65
    assert explain(filled, late, 0.4) == NoCalibration(Missing.CHANGED)


def test_records_that_are_withdrawn_went(filled: Node, draw: Draw) -> None:
    calibrate(filled)
    for count, name in enumerate(PEOPLE[10:17], start=1):
        withdraw_record(filled, EMIL, find_id(filled, name), reason="she was found")
        if count == 6:
            assert isinstance(explain(filled, search(filled, draw("somebody else")).record, 0.4), ScoreMeaning)
    late = search(filled, draw("somebody else")).record
    assert explain(filled, late, 0.4) == NoCalibration(Missing.CHANGED)


def test_what_is_not_open_counts_nowhere(filled: Node, draw: Draw, item: MakeItem) -> None:
    secret = [item(f"H{n}", f"H{n}.jpg", draw(f"H{n}")) for n in range(5)]
    enrol(filled, secret, replace(TERMS, restriction=NOT_FOR_FRANCE))
    fritz = replace(CAROL, name="fritz", authority=DE)
    made, theirs = calibrate(filled).calibration, calibrate(filled, fritz).calibration
    assert (made.subjects, theirs.subjects) == (60, 65)
    assert list_calibrations(filled, CAROL) == (made,)
    assert list_calibrations(filled, fritz) == (theirs,)


def test_a_record_whose_time_is_over_counts_nowhere(filled: Node, clock: Clock) -> None:
    clock.now = datetime(2030, 1, 1, tzinfo=UTC)
    with pytest.raises(Conflict, match="opens 0 people"):
        calibrate(filled)


@pytest.mark.parametrize(
    ("actor", "rule"), [(ALICE, "policy.role"), (EMIL, "policy.role"), (MALLORY, "authority.not-admitted")]
)
def test_who_may_not_is_refused_and_the_refusal_is_recorded(node: Node, actor: Actor, rule: str) -> None:
    for act in (lambda: calibrate_gallery(node, actor, SOUGHT), lambda: list_calibrations(node, actor)):
        with pytest.raises(RefusedByPolicy) as refused:
            act()
        assert refused.value.rule == rule
    entries = [entry for entry in list_entries(node) if entry["action"] == "calibration.make"]
    assert [entry["verb"] for entry in entries] == ["refusal"] * 2
    with node.store.reading() as tx:
        assert calibrations.list_calibrations(tx, FR) == ()


def test_too_few_people_and_another_pack_store_nothing(
    node: Node, make_node: MakeNode, draw: Draw, item: MakeItem
) -> None:
    enrol(node, [item(name, f"{name}.jpg", draw(name)) for name in PEOPLE[:19]])
    with pytest.raises(Conflict, match="opens 19 people to missing-person"):
        calibrate(node)
    with pytest.raises(PackConflict):
        calibrate(make_node(StandInExtractor("another")))
    assert list_calibrations(node, CAROL) == ()
