"""What opinions come to: a lead needs two that agree, of two people, and nothing else makes one."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semblance.cases.examination import (
    Difference,
    Examination,
    ExaminationState,
    ExaminedCandidate,
    Inconclusive,
    Lead,
    NoLead,
    Review,
    check_closing,
    check_review,
    conclude_candidate,
    conclude_examination,
)
from semblance.cases.lead_check import Field, OwnerAnswer, check_answer
from semblance.cases.opinion import (
    LEAST_CORRESPONDING,
    MARK_CAP,
    Compared,
    Component,
    Conclusion,
    Finding,
    Ground,
    Mark,
    Opinion,
    OpinionDraft,
    Spot,
    check_opinion,
)
from semblance.errors import PolicyError
from semblance.terms.ids import AuthorityCode, CaseId, ExaminationId, ReferenceId, ReviewId, SearchId, SubjectId
from semblance.terms.permission import Refusal

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FR, DE = AuthorityCode("FR"), AuthorityCode("DE")
ALL = {component: Compared(Finding.CORRESPONDS) for component in Component}
conclusions = st.sampled_from(Conclusion)


def think(person: str, conclusion: Conclusion, pseudonym: str = "C-01") -> Opinion:
    return Opinion(person, pseudonym, conclusion, NOW)


def hold(state: ExaminationState = ExaminationState.FIRST) -> Examination:
    return Examination(ExaminationId("e"), SearchId("s"), CaseId("c"), FR, state, NOW)


def begin(person: str, number: int) -> Review:
    return Review(ReviewId(f"s{number}"), ExaminationId("e"), number, person, NOW, None, ("C-01",))


@given(st.lists(st.tuples(st.sampled_from(["alice", "bob", "carol"]), conclusions), max_size=3))
def test_a_lead_has_two_concordant_opinions_of_two_people(given_: list[tuple[str, Conclusion]]) -> None:
    result = conclude_candidate(tuple(think(*opinion) for opinion in given_))
    potential = {person for person, conclusion in given_ if conclusion is Conclusion.POTENTIAL}
    if isinstance(result, Lead):
        assert {opinion.person for opinion in result.opinions} <= potential
        assert len({opinion.person for opinion in result.opinions}) == 2
    else:
        assert len(potential) < 2 or len({opinion[1] for opinion in given_}) > 1


@given(conclusions, conclusions)
def test_two_people_agree_or_a_third_looks(first: Conclusion, second: Conclusion) -> None:
    result = conclude_candidate((think("alice", first), think("bob", second)))
    expected: type = Difference
    if first is second:
        kinds: dict[Conclusion, type] = {Conclusion.POTENTIAL: Lead, Conclusion.NO_CANDIDATE: NoLead}
        expected = kinds.get(first, Inconclusive)
    assert type(result) is expected


@given(st.permutations(list(Conclusion)), conclusions)
def test_the_third_decides_with_whom_it_agrees(order: list[Conclusion], third: Conclusion) -> None:
    first, second = order[:2]
    result = conclude_candidate((think("alice", first), think("bob", second), think("carol", third)))
    assert not isinstance(result, Difference)
    if third not in (first, second):
        assert isinstance(result, Inconclusive)
    else:
        assert isinstance(result, Lead) == (third is Conclusion.POTENTIAL)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (think("alice", Conclusion.POTENTIAL), think("alice", Conclusion.POTENTIAL)),
        (think("alice", Conclusion.POTENTIAL), think("bob", Conclusion.NO_CANDIDATE)),
        (think("alice", Conclusion.INCONCLUSIVE), think("bob", Conclusion.INCONCLUSIVE)),
        (think("alice", Conclusion.POTENTIAL), think("bob", Conclusion.POTENTIAL, "C-02")),
    ],
)
def test_nothing_else_can_be_made_a_lead(first: Opinion, second: Opinion) -> None:
    with pytest.raises(PolicyError, match="two different people"):
        Lead("C-01", (first, second))


def test_known_non_mates_decide_nothing() -> None:
    dealt = [
        ExaminedCandidate("C-01", SubjectId("a"), ReferenceId("a"), known_non_mate=False),
        ExaminedCandidate("C-02", SubjectId("b"), ReferenceId("b"), known_non_mate=True),
    ]
    fooled = {
        "C-01": (think("alice", Conclusion.NO_CANDIDATE), think("bob", Conclusion.NO_CANDIDATE)),
        "C-02": (think("alice", Conclusion.POTENTIAL, "C-02"), think("bob", Conclusion.POTENTIAL, "C-02")),
    }
    state, results = conclude_examination(dealt, fooled, 2)
    assert state is ExaminationState.NO_LEAD
    assert [result.pseudonym for result in results] == ["C-01"]
    assert conclude_examination(dealt, fooled, 1) == (ExaminationState.SECOND, ())


def test_nobody_reviews_twice_and_no_more_than_are_needed() -> None:
    assert check_review(hold(), [], "alice") is None
    assert check_review(hold(), [begin("alice", 1)], "bob") is None
    for state, people, person, rule in (
        (ExaminationState.SECOND, ["alice"], "alice", "examination.same-person"),
        (ExaminationState.THIRD, ["alice", "bob"], "bob", "examination.same-person"),
        (ExaminationState.SECOND, ["alice", "bob"], "carol", "examination.taken"),
        (ExaminationState.LEAD, ["alice", "bob"], "carol", "examination.concluded"),
    ):
        answer = check_review(hold(state), [begin(name, place) for place, name in enumerate(people, 1)], person)
        assert isinstance(answer, Refusal)
        assert answer.rule == rule
    assert check_review(hold(ExaminationState.THIRD), [begin("alice", 1), begin("bob", 2)], "carol") is None


def test_every_candidate_is_looked_at_before_closing() -> None:
    names = ("C-01", "C-02")
    answers = [check_closing(names, seen, undecided) for seen, undecided in ((("C-01",), ()), (names, ("C-02",)))]
    assert [answer and answer.rule for answer in answers] == ["examination.unseen", "examination.undecided"]
    assert check_closing(names, names, ()) is None


def draft(conclusion: Conclusion | None, **said: object) -> OpinionDraft:
    return OpinionDraft(conclusion=conclusion, **said)  # type: ignore[arg-type]


SHORT = {component: Compared(Finding.NOT_VISIBLE) for component in Component}
ONE_DIFFERS = {**ALL, Component.NOSE: Compared(Finding.DIFFERS)}


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        (draft(None, reason="something"), "opinion.conclusion"),
        (draft(Conclusion.POTENTIAL, reason="alike"), "opinion.checklist"),
        (draft(Conclusion.POTENTIAL, reason="alike", checklist=SHORT), "opinion.checklist"),
        (draft(Conclusion.POTENTIAL, reason="alike", checklist=ONE_DIFFERS), "opinion.checklist"),
        (draft(Conclusion.POTENTIAL, reason="", checklist=ALL), "opinion.reason"),
        (draft(Conclusion.NO_CANDIDATE), "opinion.reason"),
        (draft(Conclusion.INCONCLUSIVE, reason="dark"), "opinion.grounds"),
        (draft(Conclusion.INCONCLUSIVE, grounds=frozenset({Ground.LIGHT})), "opinion.reason"),
        (draft(Conclusion.NO_CANDIDATE, reason="x" * 2001), "opinion.reason"),
        (draft(Conclusion.NO_CANDIDATE, reason="x\0y"), "opinion.reason"),
        (
            draft(Conclusion.NO_CANDIDATE, checklist={Component.NOSE: Compared(Finding.DIFFERS, marks=(1,))}),
            "opinion.checklist",
        ),
        (draft(Conclusion.NO_CANDIDATE, reason="other", marks=(Mark(1), Mark(1))), "opinion.checklist"),
        (draft(Conclusion.NO_CANDIDATE, reason="other", marks=(Mark(MARK_CAP + 1),)), "opinion.checklist"),
    ],
)
def test_an_opinion_without_its_reasons_is_none(written: OpinionDraft, rule: str) -> None:
    answer = check_opinion(written)
    assert isinstance(answer, Refusal)
    assert answer.rule == rule


def test_an_opinion_with_its_reasons_is_taken() -> None:
    explained = {**ALL, Component.NOSE: Compared(Finding.DIFFERS, "broken since, see the report", (1,))}
    mark = (Mark(1, Spot(3, 4), None),)
    for written in (
        draft(Conclusion.POTENTIAL, reason="alike in all", checklist=ALL),
        draft(Conclusion.POTENTIAL, reason="alike in all", checklist=explained, marks=mark),
        draft(Conclusion.NO_CANDIDATE, checklist={Component.EARS: Compared(Finding.DIFFERS)}),
        draft(Conclusion.NO_CANDIDATE, reason="the ears"),
        draft(Conclusion.INCONCLUSIVE, reason="too dark", grounds=frozenset({Ground.LIGHT})),
    ):
        assert check_opinion(written) is None
    assert LEAST_CORRESPONDING == 3


RELEASE = OwnerAnswer(True, "it is her", frozenset({Field.NUMBER}), frozenset({FR}))


@pytest.mark.parametrize(
    ("answer", "person", "rule"),
    [
        (RELEASE, "alice", "lead.same-person"),
        (OwnerAnswer(True, " "), "emil", "lead.reason"),
        (OwnerAnswer(True, "x" * 2001), "emil", "lead.reason"),
        (OwnerAnswer(False, "not her", frozenset({Field.NAMES})), "emil", "lead.release"),
        (OwnerAnswer(False, "not her", recipients=frozenset({FR})), "emil", "lead.release"),
        (OwnerAnswer(True, "her", frozenset({Field.NAMES})), "emil", "lead.release"),
        (OwnerAnswer(True, "her", recipients=frozenset({FR})), "emil", "lead.release"),
    ],
)
def test_an_owners_answer_that_cannot_be_given(answer: OwnerAnswer, person: str, rule: str) -> None:
    refusal = check_answer(answer, {"alice", "bob"}, person)
    assert isinstance(refusal, Refusal)
    assert refusal.rule == rule


@pytest.mark.parametrize("answer", [RELEASE, OwnerAnswer(True, "it is her"), OwnerAnswer(False, "not her")])
def test_an_owners_answer_that_can_be_given(answer: OwnerAnswer) -> None:
    assert check_answer(answer, {"alice", "bob"}, "emil") is None
