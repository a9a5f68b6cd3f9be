"""Missing persons and who was found: compared once a night, judged blindly, concluded by an officer's own act."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from tests.cast import ALICE, BOB, CAROL, DORA, EMIL, FR, MALLORY
from tests.workflows.reconciling import FELIX, add_body, add_missing, allow, change
from tests.workflows.record_acts import TERMS, catch_refusal, enrol
from tests.workflows.searching import POTENTIAL, conclude, open_case, reveal

from semblance.cases.examination import ExaminationState
from semblance.cases.link_check import PairConclusion
from semblance.cases.opinion import Conclusion, OpinionDraft
from semblance.cases.reconciliation.compare import ComparedField
from semblance.cases.reconciliation.pair import Evidence, FoundPair, check_outcome
from semblance.cases.reconciliation.side import Verdict
from semblance.errors import KeyDestroyed, NotFound, OpinionInvalid, VerificationError
from semblance.exchange.intake import IntakeItem
from semblance.node.node import Node
from semblance.store import answered_pairs, gallery, reconciliations
from semblance.store.calibrations import Calibration, add_calibration
from semblance.store.schema.link import answered_pair
from semblance.store.schema.reconciliation import found_pair, pair_opinion
from semblance.store.schema.record import record
from semblance.store.vault import unseal
from semblance.terms.ids import AuthorityCode, CalibrationId, SubjectId, make_id
from semblance.terms.permission import Actor, PersonId, Purpose, Role
from semblance.terms.record import RecordKind, Restriction, RestrictionMode
from semblance.workflows.links.compare_record import compare_record
from semblance.workflows.oversight.ledger import Filter, list_newest
from semblance.workflows.reconciliation.judge_pair import conclude_pair, judge_pair
from semblance.workflows.reconciliation.offer_pairs import describe_night, lapse_pairs, offer_pairs
from semblance.workflows.reconciliation.read_pair import PairSide, list_waiting, read_pair, read_pair_side
from semblance.workflows.records.erase_record import erase_record
from semblance.workflows.records.read_record import read_record
from semblance.workflows.records.write_record import withdraw_record
from semblance.workflows.search.search_answer import SearchAnswer
from semblance.workflows.search.search_gallery import search_probe

NO_CANDIDATE = OpinionDraft(conclusion=Conclusion.NO_CANDIDATE, reason="The ears differ in every part")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Pairs:
    """Two missing persons of FR and three bodies of DE; one of each shows the same person."""

    node: Node
    clock: Any
    subjects: dict[str, SubjectId]

    def night(self) -> int:
        self.clock.now += timedelta(days=1)
        return sum(offer_pairs(self.node))

    def find(self, missing: str = "M1", found: str = "F1") -> FoundPair:
        wanted = self.subjects[missing], self.subjects[found]
        with self.node.store.reading() as tx:
            pairs = reconciliations.list_pairs(tx, None, states=list(ExaminationState), limit=1000)
        return max((pair for pair in pairs if (pair.missing, pair.found) == wanted), key=lambda pair: pair.offered_at)


@pytest.fixture
def pairs(node: Node, clock: Any, draw: Callable[..., bytes]) -> Pairs:
    photos = {"M1": draw("P"), "M2": draw("Q")}
    bodies = {"F1": draw("P", take=1), "F2": draw("X", take=1), "F3": draw("Y", take=1)}
    ids = {number: add_missing(node, number, photo) for number, photo in photos.items()}
    ids |= {number: add_body(node, number, photo) for number, photo in bodies.items()}
    return Pairs(node, clock, ids)


def test_nobody_is_compared_unless_the_policy_names_who_takes_part(pairs: Pairs) -> None:
    assert pairs.night() == 0
    allow(pairs.node, '["DE"]')
    assert pairs.night() == 0
    allow(pairs.node)
    assert pairs.night() > 0


def test_the_best_of_each_are_offered_once_and_again_only_with_a_new_photo(
    pairs: Pairs, draw: Callable[..., bytes], item: Callable[..., IntakeItem]
) -> None:
    allow(pairs.node)
    first = pairs.night()
    # the best of two missing persons and of three bodies
    assert 3 <= first <= 5
    assert pairs.find().state is ExaminationState.FIRST
    assert sum(offer_pairs(pairs.node)) == pairs.night() == 0
    before = pairs.find()
    enrol(pairs.node, [item("F1", "F1/2.jpg", draw("P", take=2))], replace(TERMS, kind=RecordKind.BLACK), EMIL)
    assert pairs.night() >= 1
    assert pairs.find().id != before.id


@pytest.mark.parametrize(("trials", "offered"), [(0.99, 0), (0.5, 1)])
def test_a_calibration_says_above_which_score_pairs_are_offered(pairs: Pairs, trials: float, offered: int) -> None:
    node = pairs.node
    allow(node, pairs=50)
    with node.store.writing() as tx:
        state = gallery.read_state(tx)
        assert state.pack is not None
        held = Calibration(
            id=CalibrationId(make_id()),
            started_at=node.clock(),
            finished_at=node.clock(),
            person="carol",
            authority=AuthorityCode(node.authority),
            pack=state.pack,
            purpose=Purpose.MISSING_PERSON,
            gallery_version=state.version,
            subjects=state.subjects,
            references=state.references,
            asked=50,
            seed=1,
            scores=np.full(50, trials, dtype="<f4").tobytes(),
        )
        add_calibration(tx, held)
    # six pairs are possible; only the same person is more alike than half
    assert pairs.night() == offered
    with node.store.reading() as tx:
        night = reconciliations.find_last_night(tx)
    assert night is not None
    assert night.threshold == pytest.approx(trials, abs=1e-6)
    assert describe_night(night).identifier == "pair.night"


def test_a_night_that_is_killed_goes_on_where_it_was(pairs: Pairs) -> None:
    allow(pairs.node)
    pairs.clock.now += timedelta(days=1)
    running = offer_pairs(pairs.node)
    begun = next(running)
    del running
    with pairs.node.store.reading() as tx:
        night = reconciliations.find_last_night(tx)
    assert night is not None
    assert (night.offered, night.ended_at) == (begun, None)
    rest = list(offer_pairs(pairs.node))
    with pairs.node.store.reading() as tx:
        ended = reconciliations.find_last_night(tx)
        offered = reconciliations.list_pairs(tx, None, states=list(ExaminationState), limit=1000)
    assert ended is not None
    assert ended.ended_at is not None
    assert ended.offered == begun + sum(rest) == len(offered) == len({(pair.missing, pair.found) for pair in offered})


def test_two_people_judge_blindly_then_see_the_fields_and_an_officer_concludes(pairs: Pairs) -> None:
    node = pairs.node
    allow(node)
    pairs.night()
    pair = pairs.find()
    assert pair.id in {waiting.id for waiting in list_waiting(node, ALICE)}
    first = read_pair(node, ALICE, pair.id)
    assert (first.own, first.opinions, first.fields, first.may_judge) == (None, (), (), True)
    assert read_pair_side(node, ALICE, pair.id, PairSide.FOUND).data.startswith(b"PHOTO")
    with pytest.raises(NotFound):
        read_pair(node, FELIX, pair.id)
    with pytest.raises(OpinionInvalid):
        judge_pair(node, ALICE, pair.id, replace(POTENTIAL, checklist=None))
    assert judge_pair(node, ALICE, pair.id, POTENTIAL).state is ExaminationState.SECOND
    seen = read_pair(node, ALICE, pair.id)
    assert seen.own is not None
    assert (seen.own.conclusion, seen.opinions, seen.may_judge) == (Conclusion.POTENTIAL, (), False)
    lines = {line.field: line.verdict for line in seen.fields}
    assert (lines[ComparedField.DATES], lines[ComparedField.SEX]) == (Verdict.AGREES, Verdict.NOTHING)
    # the second person is told neither what the first thought nor what else agrees
    blind = read_pair(node, BOB, pair.id)
    assert (blind.own, blind.opinions, blind.fields) == (None, (), ())
    assert catch_refusal(lambda: judge_pair(node, ALICE, pair.id, POTENTIAL)).rule == "examination.same-person"
    judged = judge_pair(node, BOB, pair.id, POTENTIAL)
    assert (judged.state, judged.evidence) == (ExaminationState.LEAD, None)
    assert pair.id in {waiting.id for waiting in list_waiting(node, EMIL)}
    for officer in (FELIX, EMIL):
        detail = read_pair(node, officer, pair.id)
        assert (len(detail.opinions), len(detail.fields), detail.may_conclude) == (2, len(ComparedField), True)
    assert catch_refusal(lambda: conclude_pair(node, BOB, pair.id, Evidence.DNA, reason="lab 7")).rule == "policy.role"
    assert catch_refusal(lambda: conclude_pair(node, EMIL, pair.id, Evidence.DNA, reason=" ")).rule == "pair.reason"
    decided = conclude_pair(node, EMIL, pair.id, Evidence.DNA, reason="Laboratory report 7 of 3 March")
    assert (decided.evidence, decided.decided_by) == (Evidence.DNA, "emil")
    assert read_pair(node, FELIX, pair.id).reason == "Laboratory report 7 of 3 March"
    again = catch_refusal(lambda: conclude_pair(node, FELIX, pair.id, Evidence.NONE, reason="No"))
    assert again.rule == "pair.decided"
    acts = [entry.fields["action"] for entry in list_newest(node, DORA, Filter(), before=None, limit=200).entries]
    assert {"pair.offer", "pair.night", "pair.judge", "pair.read", "pair.conclude"} <= set(acts)


def test_where_two_people_differ_a_third_decides(pairs: Pairs) -> None:
    node = pairs.node
    allow(node)
    pairs.night()
    which = pairs.find().id
    judge_pair(node, ALICE, which, POTENTIAL)
    assert catch_refusal(lambda: judge_pair(node, CAROL, which, POTENTIAL)).rule == "policy.role"
    assert judge_pair(node, BOB, which, NO_CANDIDATE).state is ExaminationState.THIRD
    assert which in {waiting.id for waiting in list_waiting(node, CAROL)}
    assert which not in {waiting.id for waiting in list_waiting(node, BOB)}
    assert judge_pair(node, CAROL, which, NO_CANDIDATE).state is ExaminationState.NO_LEAD
    # it was answered: without a new photo nobody is asked again
    assert pairs.night() == 0


def compare(pairs: Pairs, number: str) -> tuple[SearchAnswer, set[SubjectId]]:
    """Have Alice search for a photo of the record among missing persons and who was found."""
    probe = compare_record(pairs.node, ALICE, pairs.subjects[number], open_case(pairs.node).id, reason="It may be her")
    answer = search_probe(pairs.node, ALICE, probe.id, reason="It may be her")
    assert isinstance(answer, SearchAnswer)
    found = {candidate.subject for candidate in reveal(pairs.node, answer).candidates}
    return answer, {subject for subject in found if subject}


def test_who_was_answered_elsewhere_is_not_offered_until_a_photo_comes(
    pairs: Pairs, draw: Callable[..., bytes], item: Callable[..., IntakeItem]
) -> None:
    node, body = pairs.node, pairs.subjects["F1"]
    answer, found = compare(pairs, "M1")
    assert body in found
    conclude(node, answer.search)
    allow(node)
    pairs.night()
    with node.store.reading() as tx:
        assert (pairs.subjects["M1"], body) not in reconciliations.list_known(tx)
    enrol(node, [item("F1", "F1/2.jpg", draw("P", take=2))], replace(TERMS, kind=RecordKind.BLACK), EMIL)
    pairs.night()
    assert pairs.find().state is ExaminationState.FIRST


def test_an_answer_that_was_written_by_hand_keeps_no_pair_from_people(pairs: Pairs) -> None:
    node = pairs.node
    answer, _ = compare(pairs, "M1")
    conclude(node, answer.search)
    with node.store.writing() as tx:
        tx.connection.execute(sa.update(answered_pair).values(conclusion="refuted"))
    allow(node)
    pairs.night()
    assert pairs.find().state is ExaminationState.FIRST


def test_what_people_said_of_a_pair_is_not_asked_again_by_searches_unless_evidence_says_otherwise(pairs: Pairs) -> None:
    node, body = pairs.node, pairs.subjects["F1"]
    allow(node)
    pairs.night()
    which = pairs.find().id
    for actor in (ALICE, BOB):
        judge_pair(node, actor, which, NO_CANDIDATE)
    answer, found = compare(pairs, "M1")
    assert (body in found, answer.record.answered) == (False, 1)
    conclude_pair(node, EMIL, which, Evidence.DNA, reason="Laboratory report 7 of 3 March")
    assert body in compare(pairs, "M1")[1]


def test_what_an_officer_did_not_reconcile_is_not_asked_again_by_searches(pairs: Pairs) -> None:
    node, body = pairs.node, pairs.subjects["F1"]
    allow(node)
    pairs.night()
    which = pairs.find().id
    for actor in (ALICE, BOB):
        judge_pair(node, actor, which, POTENTIAL)
    assert body in compare(pairs, "M1")[1]
    conclude_pair(node, FELIX, which, Evidence.NONE, reason="The teeth exclude it: report 9")
    assert body not in compare(pairs, "M1")[1]
    with node.store.reading() as tx:
        (told,) = answered_pairs.list_pairs(tx, body, EMIL.authority)
    assert (told.pair.conclusion, told.pair.examination, told.holds) == (PairConclusion.NOT_RECONCILED, which, True)


def test_mallory_is_refused_and_other_authorities_find_nothing(pairs: Pairs) -> None:
    node = pairs.node
    allow(node)
    pairs.night()
    which = pairs.find().id
    for act in (
        lambda: read_pair(node, MALLORY, which),
        lambda: list_waiting(node, MALLORY),
        lambda: judge_pair(node, MALLORY, which, POTENTIAL),
        lambda: conclude_pair(node, MALLORY, which, Evidence.DNA, reason="I say so"),
        lambda: read_pair_side(node, MALLORY, which, PairSide.MISSING),
    ):
        assert catch_refusal(act).rule == "authority.not-admitted"
    stranger = Actor(PersonId("ines"), "ines", AuthorityCode("ES"), frozenset({Role.EXAMINER}))
    assert list_waiting(node, stranger) == ()
    with pytest.raises(NotFound) as theirs:
        read_pair(node, stranger, which)
    with pytest.raises(NotFound) as nothing:
        read_pair(node, stranger, type(which)("0" * 32))
    assert str(theirs.value.message).replace(which, "") == str(nothing.value.message).replace("0" * 32, "")


@pytest.mark.parametrize("how", ["withdrawn", "restricted", "erased", "left"])
def test_a_pair_whose_record_goes_while_it_waits_is_nowhere_and_lapses(pairs: Pairs, how: str) -> None:
    node = pairs.node
    allow(node)
    pairs.night()
    which = pairs.find().id
    judge_pair(node, ALICE, which, POTENTIAL)
    body = pairs.subjects["F1"]
    match how:
        case "withdrawn":
            withdraw_record(node, EMIL, body, reason="It was a mistake")
        case "restricted":
            draft = read_record(node, EMIL, body).record.draft
            change(node, EMIL, body, replace(draft, restriction=Restriction(RestrictionMode.EXCEPT, frozenset({FR}))))
        case "left":
            allow(node, '["FR"]')
        case "erased":
            with node.store.reading() as tx:
                key, sealed = tx.connection.execute(
                    sa.select(found_pair.c.key_id, pair_opinion.c.sealed).join(pair_opinion)
                ).one()
            erase_record(node, EMIL, body, reason="Erasure was asked for")
            with node.store.reading() as tx, pytest.raises(KeyDestroyed):
                unseal(tx, key, f"pair.opinion/{which}/alice", sealed)
    assert which not in {waiting.id for waiting in list_waiting(node, BOB)}
    for act in (
        lambda: read_pair(node, BOB, which),
        lambda: judge_pair(node, BOB, which, POTENTIAL),
        lambda: read_pair_side(node, BOB, which, PairSide.MISSING),
        lambda: conclude_pair(node, FELIX, which, Evidence.DNA, reason="lab 7"),
    ):
        with pytest.raises(NotFound):
            act()
    list(lapse_pairs(node))
    with node.store.reading() as tx:
        lapsed = reconciliations.find_pair(tx, which)
        assert lapsed is not None
        assert lapsed.state is ExaminationState.LAPSED
        assert (how == "erased") == (lapsed.found == "")
    assert sum(lapse_pairs(node)) == 0
    pairs.night()
    with node.store.reading() as tx:
        assert (pairs.subjects["M1"], body) not in reconciliations.list_known(tx)


def test_records_closed_to_the_other_owner_are_never_offered(pairs: Pairs) -> None:
    node = pairs.node
    draft = read_record(node, EMIL, pairs.subjects["F1"]).record.draft
    hidden = Restriction(RestrictionMode.ONLY, frozenset({AuthorityCode("BE")}))
    change(node, EMIL, pairs.subjects["F1"], replace(draft, restriction=hidden))
    allow(node, pairs=50)
    assert pairs.night() == 2 * 2
    with node.store.reading() as tx:
        assert pairs.subjects["F1"] not in {found for _, found in reconciliations.list_known(tx)}


@pytest.mark.parametrize(
    "forge",
    [
        lambda which: sa.update(found_pair).where(found_pair.c.id == which).values(state=ExaminationState.LEAD),
        lambda which: sa.update(found_pair).where(found_pair.c.id == which).values(evidence=Evidence.DNA),
        lambda which: sa.update(pair_opinion).where(pair_opinion.c.pair_id == which).values(conclusion="no-candidate"),
        lambda which: sa.delete(pair_opinion).where(pair_opinion.c.pair_id == which),
        lambda which: sa.insert(pair_opinion).values(
            pair_id=which, person="bob", number=2, authority="FR", conclusion="potential", at=NOON
        ),
    ],
)
def test_what_was_written_by_hand_is_refused(pairs: Pairs, forge: Callable[[str], Any]) -> None:
    node = pairs.node
    allow(node)
    pairs.night()
    which = pairs.find().id
    judge_pair(node, ALICE, which, POTENTIAL)
    with node.store.writing() as tx:
        tx.connection.execute(forge(which))
    for act in (lambda: read_pair(node, BOB, which), lambda: judge_pair(node, BOB, which, POTENTIAL)):
        with pytest.raises(VerificationError):
            act()
    assert which not in {waiting.id for waiting in list_waiting(node, BOB)}


def test_a_record_changed_by_hand_keeps_no_other_pair_from_people(pairs: Pairs) -> None:
    node, damaged = pairs.node, pairs.subjects["M1"]
    allow(node)
    pairs.night()
    waiting = list_waiting(node, BOB)
    others = {pair.id for pair in waiting if pair.missing != damaged}
    assert 0 < len(others) < len(waiting)
    with node.store.writing() as tx:
        changed = sa.update(record).where(record.c.subject_id == damaged)
        tx.connection.execute(changed.values(retain_until=date(2040, 1, 1)))
    assert {pair.id for pair in list_waiting(node, BOB)} == others
    list(lapse_pairs(node))
    assert {pair.id for pair in list_waiting(node, BOB)} == others


def test_nothing_is_concluded_before_the_faces_or_of_what_lapsed(pairs: Pairs) -> None:
    allow(pairs.node)
    pairs.night()
    pair = pairs.find()
    for state, rule in ((ExaminationState.SECOND, "pair.faces-first"), (ExaminationState.LAPSED, "pair.lapsed")):
        refusal = check_outcome(replace(pair, state=state), "laboratory report 7")
        assert refusal is not None
        assert refusal.rule == rule
