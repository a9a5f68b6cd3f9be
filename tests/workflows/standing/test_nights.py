"""Nights: what is new is compared once, who is found waits to be examined; what ended or is hidden never shows."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from tests.cast import ADA, ALICE, BOB, CAROL, DORA, EMIL, FR, MALLORY
from tests.workflows.conftest import Clock
from tests.workflows.record_acts import TERMS, enrol
from tests.workflows.searching import conclude, find_pseudonym, search, submit
from tests.workflows.stand_in import StandInExtractor, draw
from tests.workflows.standing.nights import (
    CROWD,
    WHY,
    ask,
    begin,
    bring,
    fill,
    list_acts,
    list_found,
    list_subjects,
    pass_night,
    read,
)

from semblance.cases.examination import ExaminationState
from semblance.cases.standing_search import StandingEnd, StandingSearch, StandingState
from semblance.errors import Conflict, NotFound, RefusedByPolicy, VerificationError
from semblance.evaluation.calibration import Missing, NoCalibration
from semblance.exchange.intake import IntakeItem
from semblance.node.gallery_index import GalleryIndex
from semblance.node.node import Node
from semblance.store import examinations, probes, searches
from semblance.store.schema.case import case_file
from semblance.store.schema.gallery import probe
from semblance.store.schema.standing import standing_search
from semblance.terms.ids import StandingSearchId
from semblance.terms.permission import Purpose
from semblance.terms.record import Restriction, RestrictionMode
from semblance.workflows.cases.cases import close_case
from semblance.workflows.cases.probes import erase_whole_case
from semblance.workflows.evaluation.calibrate import calibrate_gallery
from semblance.workflows.examination.read_outcome import explain_scores
from semblance.workflows.models.migrate_templates import migrate_templates
from semblance.workflows.models.switch_pack import switch_gallery
from semblance.workflows.oversight.policy import replace_policy
from semblance.workflows.records.read_record import find_record_id
from semblance.workflows.records.write_record import publish_record, withdraw_record
from semblance.workflows.scheduled.worker import JOBS, run_round
from semblance.workflows.standing.ask_standing import StandingDraft, ask_for_standing
from semblance.workflows.standing.decide_standing import grant_standing, refuse_standing, stop_standing
from semblance.workflows.standing.end_standing import end_standing_searches
from semblance.workflows.standing.list_standing import list_asked, list_standing, read_standing
from semblance.workflows.standing.run_standing import run_standing_searches

NOT_FOR_FRANCE = Restriction(RestrictionMode.EXCEPT, frozenset({FR}))


@pytest.fixture
def filled(node: Node) -> Node:
    fill(node)
    return node


def test_somebody_enrolled_later_is_found_and_waits_to_be_examined(filled: Node, clock: Clock) -> None:
    standing = begin(filled, "sought")
    assert pass_night(filled, clock) == 1
    bring(filled, "sought", "somebody else")
    assert pass_night(filled, clock) == 1
    assert pass_night(filled, clock) == 1
    (record,) = list_found(filled, standing.id)
    assert record.candidates[0].subject == find_record_id(filled, EMIL, "sought")
    assert (record.person, record.reason, record.standing) == ("alice", standing.reason, standing.id)
    assert (record.gallery_subjects, record.gallery_references) == (2, 2)
    with filled.store.reading() as tx:
        examination = examinations.find_of_search(tx, record.search)
        assert searches.count_searches(tx, FR, since=clock.now - timedelta(days=9)) == 0
        assert explain_scores(tx, filled.policy.read(), record)(0.9) == NoCalibration(Missing.STANDING)
    assert examination is not None
    assert examination.is_masked
    known = find_pseudonym(filled, record.search, "sought")
    conclude(filled, record.search, potential=[known])
    with filled.store.reading() as tx:
        concluded = examinations.find_of_search(tx, record.search)
    assert concluded is not None
    assert concluded.state is ExaminationState.LEAD
    # every run is in the ledger, also those that found nobody
    runs = list_acts(filled, "standing.run")
    assert [entry["person"] for entry in runs] == ["semblance-worker"] * 3
    assert {(entry["case"], entry["purpose"]) for entry in runs} == {("FR-sought", "missing-person")}
    cost = read(filled, standing.id).cost
    assert (cost.runs, cost.comparisons, cost.found) == (3, len(CROWD) + 2, 1)
    (detail,) = [read_standing(filled, CAROL, standing.id)]
    assert [found.search for found in detail.found] == [record.search]


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_it_runs_once_a_night_and_goes_on_from_the_search_before_it(filled: Node, clock: Clock) -> None:
    bring(filled, "known")
    probe = search(filled, draw("known", take=9)).record.probe
    asked = ask(filled, probe)
    assert sum(run_standing_searches(filled)) == 0
    grant_standing(filled, CAROL, asked.id, reason="He may be enrolled again")
    assert sum(run_standing_searches(filled)) == 1
    assert sum(run_standing_searches(filled)) == 0
    ran = read(filled, asked.id)
    assert (ran.cost.runs, ran.cost.comparisons, list_found(filled, asked.id)) == (1, 0, [])
    assert not ran.is_due(clock.now)
    clock.now = datetime.combine(clock.now.date() + timedelta(days=1), datetime.min.time(), UTC)
    assert sum(run_standing_searches(filled)) == 1


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_probe_that_was_never_searched_is_compared_with_everybody_first(filled: Node, clock: Clock) -> None:
    standing = begin(filled, CROWD[7])
    pass_night(filled, clock)
    assert list_subjects(filled, standing.id)[0][0] == find_record_id(filled, EMIL, CROWD[7])
    assert read(filled, standing.id).cost.comparisons == len(CROWD)


def test_an_ended_one_never_runs(filled: Node, clock: Clock) -> None:
    until = (clock.now + timedelta(days=3)).date()
    begun: dict[StandingEnd, StandingSearch] = {
        why: begin(filled, f"U-{why.value}", last_day=until if why is StandingEnd.LAST_DAY else None)
        for why in StandingEnd
        if why is not StandingEnd.REFUSED
    }
    refused = ask(filled, submit(filled, draw("U-refused", take=9), number="FR-refused"))
    lasting = begin(filled, "U-lasting")
    assert pass_night(filled, clock, days=3) == len(begun) + 1
    close_case(filled, ALICE, begun[StandingEnd.CASE].case, reason="He was found")
    with filled.store.writing() as tx:
        probes.delete_probes(tx, (begun[StandingEnd.PROBE].probe,))
    stop_standing(filled, DORA, begun[StandingEnd.STOPPED].id, reason="The person asked for it")
    refuse_standing(filled, CAROL, begun[StandingEnd.WITHDRAWN].id, reason="It does not hold any more")
    begun[StandingEnd.REFUSED] = refuse_standing(filled, CAROL, refused.id, reason="It never held")
    bring(filled, *(f"U-{why.value}" for why in StandingEnd if why not in {StandingEnd.CASE, StandingEnd.PROBE}))
    clock.now += timedelta(days=1)
    # before anybody noted that they are over they do not run either, and the list says so
    assert sum(run_standing_searches(filled)) == 1
    ends = {row.standing.id: row.end for row in list_standing(filled, CAROL)}
    assert ends == {lasting.id: None} | {standing.id: why for why, standing in begun.items()}
    assert pass_night(filled, clock) == 1
    for why, standing in begun.items():
        ended = read(filled, standing.id)
        assert (ended.state, ended.why_ended, list_found(filled, standing.id)) == (StandingState.ENDED, why, [])
        by_itself = why in {StandingEnd.CASE, StandingEnd.LAST_DAY, StandingEnd.PROBE}
        assert (ended.ended_by == "semblance-worker") == by_itself
        with pytest.raises(Conflict, match="is over"):
            grant_standing(filled, CAROL, standing.id, reason="Once more")
    assert len(list_acts(filled, "standing.end")) == 3
    with filled.store.reading() as tx:
        held = tx.connection.execute(sa.select(standing_search.c.id).where(standing_search.c.template.is_not(None)))
        assert [row.id for row in held] == [lasting.id]


def test_its_probe_is_held_as_long_as_it_runs_and_a_while_after(node: Node, clock: Clock) -> None:
    standing = begin(node, "sought", last_day=(clock.now + timedelta(days=60)).date())
    # a search in between does not shorten it
    pass_night(node, clock, days=50)
    run_round(node, JOBS)
    with node.store.reading() as tx:
        assert probes.find_probe(tx, standing.probe, now=clock.now + timedelta(days=9)) is not None
    stop_standing(node, ALICE, standing.id, reason="She was found")
    with node.store.reading() as tx:
        held = probes.find_probe(tx, standing.probe, now=clock.now)
    assert held is not None
    assert held.expires_at - clock.now <= timedelta(days=30)


def test_a_hidden_record_never_appears_also_where_it_was_hidden_since(
    filled: Node, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    standing = begin(filled, "sought")
    pass_night(filled, clock)
    hidden = replace(TERMS, restriction=NOT_FOR_FRANCE)
    enrol(filled, [IntakeItem("hidden", "h.jpg", lambda: draw("sought"))], hidden)
    bring(filled, "sought")
    subject = find_record_id(filled, EMIL, "sought")
    # it is hidden while the batch is compared: the transaction that settles asks again
    compared = run_standing_searches.__globals__["_compare"]

    def hide(*about: object) -> object:
        answers = compared(*about)
        if answers:
            withdraw_record(filled, EMIL, subject, reason="She came home")
        return answers

    monkeypatch.setitem(run_standing_searches.__globals__, "_compare", hide)
    assert pass_night(filled, clock) == 1
    assert list_found(filled, standing.id) == []
    ran = read(filled, standing.id)
    # what is hidden is in no figure: the crowd, then the one that was withdrawn
    assert (ran.cost.comparisons, ran.cost.found, ran.cost.cut) == (len(CROWD) + 1, 0, 0)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_draft_is_compared_when_it_is_published(filled: Node, clock: Clock) -> None:
    standing = begin(filled, "sought")
    enrol(filled, [IntakeItem("sought", "s.jpg", lambda: draw("sought"))], replace(TERMS, neutral=None))
    pass_night(filled, clock)
    assert list_found(filled, standing.id) == []
    subject = find_record_id(filled, EMIL, "sought")
    publish_record(filled, EMIL, subject, neutral=True, reason="It is complete")
    pass_night(filled, clock)
    assert list_subjects(filled, standing.id) == [[subject]]


def test_a_new_policy_or_pack_compares_everything_anew_and_asks_nobody_twice(filled: Node, clock: Clock) -> None:
    standing = begin(filled, "sought")
    bring(filled, "sought")
    pass_night(filled, clock)
    assert len(list_found(filled, standing.id)) == 1
    pass_night(filled, clock)
    before = read(filled, standing.id).cost.comparisons
    text = filled.policy.read().text
    replace_policy(filled, DORA, text.replace("reminder = 30", "reminder = 31"), reason="More time")
    pass_night(filled, clock)
    assert read(filled, standing.id).cost.comparisons == before + len(CROWD) + 1
    # she is above the operating point again, and people have her before them
    assert len(list_found(filled, standing.id)) == 1
    other = StandInExtractor("another")
    migrate_templates(filled, ADA, other)
    switch_gallery(filled, ADA, other, reason="It is better")
    switched = replace(filled, extractor=other, index=GalleryIndex(filled.store))
    # no calibration of this pack says above which score anybody is looked at
    assert pass_night(switched, clock) == 0
    (row,) = list_standing(switched, ALICE)
    assert row.hindered is not None
    assert "no calibration" in str(row.hindered)
    bring(switched, "sought", take=3)
    calibrate_gallery(switched, CAROL, Purpose.MISSING_PERSON)
    assert list_standing(switched, ALICE)[0].hindered is None
    assert sum(run_standing_searches(switched)) == 1
    assert read(switched, standing.id).cost.comparisons == before + 2 * len(CROWD) + 3
    # a new photo of her is worth being looked at again
    assert len(list_found(switched, standing.id)) == 2


def test_a_night_that_is_killed_goes_on_and_does_nothing_twice(filled: Node, clock: Clock) -> None:
    names = [f"U{number}" for number in range(4)]
    begun = [begin(filled, name) for name in names]
    bring(filled, *names)
    clock.now += timedelta(days=1)
    killed = run_standing_searches(filled)
    assert sum(itertools.islice(killed, 2)) == 2
    del killed
    assert sorted(len(list_found(filled, standing.id)) for standing in begun) == [0, 0, 1, 1]
    assert sum(run_standing_searches(filled)) == 2
    assert sum(run_standing_searches(filled)) == 0
    assert [len(list_found(filled, standing.id)) for standing in begun] == [1] * 4
    assert len(list_acts(filled, "standing.run")) == 4


def test_two_programs_at_once_run_it_once(filled: Node, make_node: Callable[..., Node], clock: Clock) -> None:
    begun = [begin(filled, name) for name in ("U1", "U2")]
    bring(filled, "U1", "U2")
    clock.now += timedelta(days=1)
    first, second = run_standing_searches(filled), run_standing_searches(make_node())
    # the second begins when the first has settled one, and takes the other from it
    assert [next(first), next(second), next(first)] == [1, 1, 0]
    assert [len(list_found(filled, standing.id)) for standing in begun] == [1, 1]


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_runs_and_candidates_have_caps_and_what_was_cut_is_counted(filled: Node, clock: Clock) -> None:
    text = filled.policy.read().text
    few = text.replace("runs-per-day = 5000", "runs-per-day = 2", 1).replace("candidates = 5\n", "candidates = 2\n", 1)
    replace_policy(
        filled, DORA, few.replace("false-candidates = 0.01", "false-candidates = 900", 1), reason="Few people"
    )
    begun = [begin(filled, name) for name in ("U1", "U2", "U3")]
    assert sum(run_standing_searches(filled)) == 2
    assert sum(run_standing_searches(filled)) == 0
    waiting = [standing for standing in begun if read(filled, standing.id).last_run_at is None]
    assert len(waiting) == 1
    assert pass_night(filled, clock) == 2
    # who waited longest came first
    assert read(filled, waiting[0].id).cost.runs == 1
    ran = read(filled, waiting[0].id).cost
    assert len(list_subjects(filled, waiting[0].id)[0]) == 2
    assert ran.cut > 0


def test_who_asks_does_not_authorise_and_others_are_refused(node: Node, clock: Clock) -> None:
    probe = submit(node, draw("sought", take=9))
    standing = ask(node, probe)
    chief = replace(CAROL, name="alice")
    assert [row.standing.id for row in list_asked(node, CAROL)] == [standing.id]
    assert list_asked(node, chief) == list_asked(node, BOB) == ()
    with pytest.raises(RefusedByPolicy) as own:
        grant_standing(node, chief, standing.id, reason="I need it myself")
    assert own.value.rule == "standing.same-person"
    for actor in (MALLORY, EMIL, BOB):
        for act in (grant_standing, refuse_standing):
            with pytest.raises(RefusedByPolicy):
                act(node, actor, standing.id, reason="Because I can do it")
    foreign = replace(CAROL, authority=EMIL.authority)
    unknown = "0" * 32
    said = []
    for which in (standing.id, unknown):
        with pytest.raises(NotFound) as missing:
            stop_standing(node, foreign, StandingSearchId(which), reason="Because I can do it")
        said.append(str(missing.value).replace(which, "ID"))
    assert said[0] == said[1]
    with pytest.raises(RefusedByPolicy):
        list_standing(node, MALLORY)
    assert list_standing(node, foreign) == ()
    with pytest.raises(NotFound):
        ask(node, probe, actor=replace(ALICE, authority=EMIL.authority))


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_what_is_asked_for_must_be_possible(node: Node, clock: Clock) -> None:
    probe = submit(node, draw("A", "B"))
    until = clock.now.date() + timedelta(days=30)
    with pytest.raises(Conflict, match="2 faces"):
        ask_for_standing(node, ALICE, StandingDraft(probe, WHY, until))
    with pytest.raises(NotFound):
        ask_for_standing(node, ALICE, StandingDraft(probe, WHY, until, face=2))
    made = ask_for_standing(node, ALICE, StandingDraft(probe, WHY, until, face=1))
    assert made.face == 1
    with pytest.raises(Conflict, match="already"):
        ask_for_standing(node, ALICE, StandingDraft(probe, WHY, until, face=1))
    for wrong, rule in (
        (StandingDraft(probe, "test", until, face=0), "justification.reason"),
        (StandingDraft(probe, WHY, until + timedelta(days=400), face=0), "standing.last-day"),
        (StandingDraft(probe, WHY, clock.now.date() - timedelta(days=1), face=0), "standing.last-day"),
    ):
        with pytest.raises(RefusedByPolicy) as refused:
            ask_for_standing(node, ALICE, wrong)
        assert refused.value.rule == rule
    wanted = submit(node, draw("C"), number="FR-2", purpose=Purpose.WANTED_PERSON)
    with pytest.raises(RefusedByPolicy) as forbidden:
        ask(node, wanted)
    assert forbidden.value.rule == "standing.purpose"


def test_a_forged_row_is_refused(filled: Node, clock: Clock) -> None:
    probe = submit(filled, draw("sought", take=9))
    asked, other = ask(filled, probe), begin(filled, "other")

    def write(**values: object) -> None:
        with filled.store.writing() as tx:
            tx.connection.execute(sa.update(standing_search).where(standing_search.c.id == asked.id).values(values))

    with filled.store.reading() as tx:
        before = tx.connection.execute(sa.select(standing_search).where(standing_search.c.id == asked.id)).one()
    for forged in ({"state": "running"}, {"covered_version": 5}, {"last_day": date(2030, 1, 1)}):
        write(**forged)
        with pytest.raises(VerificationError):
            read(filled, asked.id)
        with pytest.raises(VerificationError):
            grant_standing(filled, CAROL, asked.id, reason="It looks fine")
        # the others run
        assert pass_night(filled, clock) == 1
        assert [row.standing.id for row in list_standing(filled, CAROL)] == [other.id]
        write(**before._asdict())
    assert list_found(filled, asked.id) == []


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_case_or_probe_changed_by_hand_keeps_no_other_search_from_its_night(filled: Node, clock: Clock) -> None:
    damaged, other, over = (begin(filled, number) for number in ("damaged", "other", "over"))
    close_case(filled, ALICE, over.case, reason="He was found")
    changes: list[tuple[sa.Table, str, dict[str, Any]]] = [
        (case_file, damaged.case, {"state": "closed"}),
        (probe, damaged.probe, {"expires_at": clock.now}),
    ]
    for table, which, values in changes:
        mine = table.c.id == which
        with filled.store.writing() as tx:
            before = tx.connection.execute(sa.select(table).where(mine)).one()
            tx.connection.execute(sa.update(table).where(mine).values(values))
        list(end_standing_searches(filled))
        assert pass_night(filled, clock) == 1
        with filled.store.writing() as tx:
            tx.connection.execute(sa.update(table).where(mine).values(before._asdict()))
    assert read(filled, over.id).state is StandingState.ENDED
    assert (read(filled, damaged.id).cost.runs, read(filled, other.id).cost.runs) == (0, 2)


def test_a_case_that_is_erased_takes_what_was_typed_with_it(node: Node, clock: Clock) -> None:
    standing = begin(node, "sought")
    close_case(node, ALICE, standing.case, reason="He was found")
    pass_night(node, clock)
    clock.now += timedelta(days=1200)
    with node.store.writing() as tx:
        erase_whole_case(tx, standing.case, at=clock.now, person="semblance-worker")
    erased = read(node, standing.id)
    assert (erased.reason, erased.decision, erased.why_ended) == ("", None, StandingEnd.CASE)
