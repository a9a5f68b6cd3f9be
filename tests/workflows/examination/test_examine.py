"""From candidates to two people's opinions: what is hidden from whom, what is refused, what follows."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from tests.cast import ALICE, BOB, CAROL, DE, DORA, FR, MALLORY
from tests.workflows import stand_in
from tests.workflows.record_acts import TERMS, enrol, erase, find_id
from tests.workflows.searching import (
    POTENTIAL,
    REASON,
    conclude,
    find_pseudonym,
    open_case,
    reveal,
    review_candidates,
    search,
    submit,
)

from semblance.audit.entry import read_entry
from semblance.cases.examination import Examination, ExaminationState
from semblance.cases.lead_check import LeadState
from semblance.cases.opinion import Conclusion, OpinionDraft
from semblance.errors import Conflict, NotFound, OpinionInvalid, RefusedByPolicy
from semblance.exchange.intake import IntakeItem
from semblance.node.node import Node
from semblance.store import examinations, leads, ledger, opinions, searches
from semblance.terms.ids import ExaminationId, SearchId
from semblance.terms.permission import Actor, Purpose, Role
from semblance.terms.record import RecordKind
from semblance.workflows.cases.cases import close_case, read_case
from semblance.workflows.cases.probes import purge_expired
from semblance.workflows.examination.comparison import (
    read_candidate_side,
    read_comparison,
    read_found_face,
    read_probe_side,
)
from semblance.workflows.examination.opinions import close_review, give_opinion, save_draft
from semblance.workflows.examination.read_outcome import read_outcome
from semblance.workflows.examination.reviews import begin_review, leave_review, list_waiting, read_review
from semblance.workflows.oversight.policy import replace_policy
from semblance.workflows.search.search_answer import SearchAnswer, list_searches, read_search
from semblance.workflows.search.search_gallery import search_probe

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]

PEOPLE = ("A", "B", "C", "D")
OTHER = OpinionDraft(conclusion=Conclusion.NO_CANDIDATE, reason="The ears differ")
FAUX = replace(ALICE, name="claire")


def search_four(node: Node) -> SearchAnswer:
    enrol(node, [IntakeItem(name, f"{name}.jpg", partial(stand_in.draw, name)) for name in PEOPLE])
    sample = IntakeItem("S", "s.jpg", partial(stand_in.draw, "S"))
    enrol(node, [sample], replace(TERMS, kind=RecordKind.SAMPLE))
    return search(node, stand_in.draw("A", take=9))


@pytest.fixture
def searched(fill_once: Callable[..., tuple[Node, SearchAnswer]]) -> tuple[Node, SearchAnswer]:
    return fill_once(search_four)


@pytest.fixture
def node(searched: tuple[Node, SearchAnswer]) -> Node:
    """Return a node in which Alice has searched."""
    return searched[0]


@pytest.fixture
def found(searched: tuple[Node, SearchAnswer]) -> SearchAnswer:
    """Return Alice's search for A among four people, with one known non-mate in the gallery of samples."""
    return searched[1]


def find(node: Node, found: SearchAnswer) -> Examination:
    with node.store.reading() as tx:
        held = examinations.find_of_search(tx, found.search)
    assert held is not None
    return held


def acts(node: Node) -> list[tuple[str, str, str, str | None]]:
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    return [(entry["verb"], entry["action"], entry["person"], entry["rule"]) for entry in entries]


def refused(act: Callable[..., object], *args: Any, **options: Any) -> str:
    """Return the rule that refuses the act."""
    with pytest.raises(RefusedByPolicy) as refusal:
        act(*args, **options)
    return refusal.value.rule


def test_a_search_is_answered_with_pseudonyms_and_nothing_else(node: Node, found: SearchAnswer, draw: Draw) -> None:
    probe = submit(node, draw("A", take=9))
    answer = search_probe(node, ALICE, probe, reason=REASON)
    assert isinstance(answer, SearchAnswer)
    assert answer.masked
    assert [candidate.pseudonym for candidate in answer.candidates] == ["C-01", "C-02", "C-03", "C-04", "C-05"]
    for candidate in answer.candidates:
        assert {name for name in candidate.__slots__ if getattr(candidate, name)} == {"pseudonym"}
    assert answer.record.candidates == ()
    for reader in (ALICE, BOB, CAROL, DORA):
        assert read_search(node, reader, answer.search) == answer
    with pytest.raises(NotFound):
        read_found_face(node, DORA, answer.search, reveal(node, answer).record.candidates[0].reference)


def test_pseudonyms_and_orders_are_by_chance(node: Node, found: SearchAnswer, draw: Draw) -> None:
    data = draw("A", take=9)
    names = {find_pseudonym(node, search(node, data).search, "A") for _ in range(10)}
    assert len(names) > 1
    orders = set()
    for number in range(6):
        review = begin_review(node, replace(ALICE, name=f"examiner {number}"), find(node, found).id)
        assert sorted(review.ordering) == ["C-01", "C-02", "C-03", "C-04", "C-05"]
        orders.add(review.ordering)
        leave_review(node, replace(ALICE, name=f"examiner {number}"), review.examination)
    assert len(orders) > 1


def test_two_concordant_opinions_make_a_lead_for_its_owner(node: Node, found: SearchAnswer) -> None:
    name, held = find_pseudonym(node, found.search, "A"), find(node, found)
    first = review_candidates(node, ALICE, found.search, potential=[name])
    assert first.examination.state is ExaminationState.SECOND
    assert read_search(node, ALICE, found.search).masked
    last = review_candidates(node, BOB, found.search, potential=[name])
    assert last.examination.state is ExaminationState.LEAD
    outcome = read_outcome(node, ALICE, held.id)
    (lead,) = [candidate.lead for candidate in outcome.candidates if candidate.lead is not None]
    assert (lead.pseudonym, lead.owner, lead.authority, lead.state) == (name, DE, FR, LeadState.WAITING)
    assert lead.subject == find_id(node, "A")
    assert lead.due_at - lead.made_at == timedelta(days=14)
    answer = read_search(node, ALICE, found.search)
    assert not answer.masked
    ranked = [candidate for candidate in answer.candidates if not candidate.known_non_mate]
    assert [candidate.rank for candidate in ranked] == [1, 2, 3, 4]
    assert ranked[0].pseudonym == name
    # an identity moves when its owner releases it, not before
    assert {candidate.number for candidate in answer.candidates} == {None}
    assert [candidate.pseudonym for candidate in answer.candidates if candidate.known_non_mate] == [
        find_pseudonym(node, found.search, "S")
    ]


def test_no_candidate_is_a_result_like_any_other(node: Node, found: SearchAnswer) -> None:
    assert conclude(node, found.search).examination.state is ExaminationState.NO_LEAD
    outcome = read_outcome(node, BOB, find(node, found).id)
    assert all(candidate.lead is None for candidate in outcome.candidates)
    thought = [opinion for candidate in outcome.candidates for opinion in candidate.opinions]
    assert {(opinion.person, opinion.conclusion, opinion.dismissed) for opinion in thought} == {
        ("alice", Conclusion.NO_CANDIDATE, True),
        ("bob", Conclusion.NO_CANDIDATE, True),
    }


def test_a_search_that_found_nobody_is_concluded_at_once(make_node: Callable[..., Node], draw: Draw) -> None:
    node = make_node()
    answer = search_probe(node, ALICE, submit(node, draw("A")), reason=REASON)
    assert isinstance(answer, SearchAnswer)
    assert answer.examination is not None
    assert (answer.examination.state, answer.candidates) == (ExaminationState.NO_LEAD, ())
    assert read_outcome(node, ALICE, answer.examination.id).candidates == ()


@pytest.mark.parametrize(("agrees", "state"), [(True, ExaminationState.LEAD), (False, ExaminationState.NO_LEAD)])
@pytest.mark.parametrize("third", [FAUX, CAROL], ids=["examiner", "supervisor"])
def test_a_difference_goes_to_a_third_who_knows_of_neither(
    node: Node, found: SearchAnswer, third: Actor, agrees: bool, state: ExaminationState
) -> None:
    name, held = find_pseudonym(node, found.search, "A"), find(node, found)
    assert refused(begin_review, node, CAROL, held.id) == "policy.role"
    review_candidates(node, ALICE, found.search, potential=[name])
    assert review_candidates(node, BOB, found.search).examination.state is ExaminationState.THIRD
    with pytest.raises(Conflict, match="still examined"):
        read_outcome(node, third, held.id)
    assert refused(begin_review, node, BOB, held.id) == "examination.same-person"
    assert [waiting.mine for waiting in list_waiting(node, third)] == [False]
    assert review_candidates(node, third, found.search, potential=[name] * agrees).examination.state is state
    outcome = read_outcome(node, ALICE, held.id)
    assert [review.person for review in outcome.reviews] == ["alice", "bob", third.name]


def test_nobody_gives_both_opinions(node: Node, found: SearchAnswer) -> None:
    review_candidates(node, ALICE, found.search)
    held = find(node, found)
    assert refused(begin_review, node, ALICE, held.id) == "examination.same-person"
    assert list_waiting(node, ALICE) == ()
    assert ("refusal", "candidate.examine", "alice", "examination.same-person") in acts(node)
    assert find(node, found).state is ExaminationState.SECOND


def test_no_third_person_reviews_while_two_do(node: Node, found: SearchAnswer) -> None:
    held = find(node, found)
    for actor in (ALICE, BOB):
        begin_review(node, actor, held.id)
    assert refused(begin_review, node, FAUX, held.id) == "examination.taken"
    assert list_waiting(node, FAUX) == ()
    leave_review(node, ALICE, held.id)
    assert begin_review(node, FAUX, held.id).number == 1


@pytest.mark.parametrize(("actor", "rule"), [(DORA, "policy.role"), (MALLORY, "authority.not-admitted")])
def test_who_may_not_examine_is_refused(node: Node, found: SearchAnswer, actor: Actor, rule: str) -> None:
    held = find(node, found)
    assert refused(begin_review, node, actor, held.id) == rule
    assert refused(list_waiting, node, actor) == rule
    assert acts(node)[-1][0] == "refusal"


def test_another_authoritys_examination_is_answered_like_none(node: Node, found: SearchAnswer) -> None:
    held, fritz = find(node, found), replace(ALICE, name="fritz", authority=DE)
    said = []
    for which in (held.id, ExaminationId("0" * 32)):
        with pytest.raises(NotFound) as raised:
            begin_review(node, fritz, which)
        said.append(str(raised.value).replace(which, "ID"))
    assert said[0] == said[1]
    assert list_waiting(node, fritz) == ()


def test_nobody_reads_anothers_review(node: Node, found: SearchAnswer) -> None:
    held = find(node, found)
    begin_review(node, ALICE, held.id)
    acting: tuple[Callable[[], object], ...] = (
        lambda: read_review(node, BOB, held.id),
        lambda: read_comparison(node, BOB, held.id, "C-01"),
        lambda: read_candidate_side(node, BOB, held.id, "C-01"),
        lambda: read_probe_side(node, BOB, held.id),
        lambda: save_draft(node, BOB, held.id, "C-01", OTHER, version=0),
        lambda: close_review(node, BOB, held.id),
    )
    for act in acting:
        with pytest.raises(NotFound):
            act()


def test_closing_needs_every_candidate_looked_at(node: Node, found: SearchAnswer) -> None:
    held = find(node, found)
    review = begin_review(node, ALICE, held.id)
    for pseudonym in review.ordering[:-1]:
        read_comparison(node, ALICE, held.id, pseudonym)
    assert refused(close_review, node, ALICE, held.id) == "examination.unseen"
    assert read_review(node, ALICE, held.id).review.closed_at is None
    read_comparison(node, ALICE, held.id, review.ordering[-1])
    assert close_review(node, ALICE, held.id).dismissed == 5


def test_what_was_begun_is_decided_before_closing(node: Node, found: SearchAnswer) -> None:
    held = find(node, found)
    review = begin_review(node, ALICE, held.id)
    for pseudonym in review.ordering:
        read_comparison(node, ALICE, held.id, pseudonym)
    first = review.ordering[0]
    # how somebody set up the photos concludes nothing
    version = save_draft(node, ALICE, held.id, first, OpinionDraft(view="{}"), version=0)
    version = save_draft(node, ALICE, held.id, first, OpinionDraft(reason="brows"), version=version)
    assert refused(close_review, node, ALICE, held.id) == "examination.undecided"
    save_draft(node, ALICE, held.id, first, OpinionDraft(view="{}"), version=version)
    assert close_review(node, ALICE, held.id).dismissed == 5


def test_nothing_that_was_written_is_lost(node: Node, found: SearchAnswer) -> None:
    held = find(node, found)
    begin_review(node, ALICE, held.id)
    save_draft(node, ALICE, held.id, "C-02", POTENTIAL, version=0)
    again = read_comparison(node, ALICE, held.id, "C-02")
    assert (again.draft, again.version) == (POTENTIAL, 1)
    assert begin_review(node, ALICE, held.id).id == read_review(node, ALICE, held.id).review.id


def test_of_two_tabs_the_second_is_told(node: Node, found: SearchAnswer) -> None:
    held = find(node, found)
    begin_review(node, ALICE, held.id)
    give_opinion(node, ALICE, held.id, "C-02", OTHER, version=0)
    for act in (save_draft, give_opinion):
        with pytest.raises(Conflict, match="Another tab"):
            act(node, ALICE, held.id, "C-02", POTENTIAL, version=0)
    assert read_comparison(node, ALICE, held.id, "C-02").draft == OTHER


def test_after_closing_nothing_is_changed(node: Node, found: SearchAnswer) -> None:
    held = find(node, found)
    review_candidates(node, ALICE, found.search)
    acting: tuple[Callable[[], object], ...] = (
        lambda: save_draft(node, ALICE, held.id, "C-01", OTHER, version=0),
        lambda: give_opinion(node, ALICE, held.id, "C-01", OTHER, version=0),
        lambda: close_review(node, ALICE, held.id),
        lambda: leave_review(node, ALICE, held.id),
    )
    for act in acting:
        with pytest.raises(Conflict, match="closed"):
            act()


@pytest.mark.parametrize("written", [OpinionDraft(), replace(POTENTIAL, checklist=None), replace(OTHER, reason=" ")])
def test_an_opinion_without_its_reasons_changes_nothing(node: Node, found: SearchAnswer, written: OpinionDraft) -> None:
    held = find(node, found)
    begin_review(node, ALICE, held.id)
    with pytest.raises(OpinionInvalid) as invalid:
        give_opinion(node, ALICE, held.id, "C-01", written, version=0)
    assert invalid.value.field in {"conclusion", "checklist", "reason"}
    assert "refusal" not in {verb for verb, *_ in acts(node)}
    (line,) = [line for line in read_review(node, ALICE, held.id).lines if line.pseudonym == "C-01"]
    assert (line.conclusion, line.version) == (None, 0)


def test_the_ledger_tells_nobody_what_somebody_thought(node: Node, found: SearchAnswer) -> None:
    name = find_pseudonym(node, found.search, "A")
    review_candidates(node, ALICE, found.search, potential=[name])
    with node.store.reading() as tx:
        entries = [data for _, data in ledger.iterate_entries(tx)]
    closing = [read_entry(data) for data in entries if read_entry(data)["action"] == "examination.close"]
    assert len(closing) == 1
    assert ("combination", "opinion.record", "alice", "actions.candidate.examine") in acts(node)
    for data in entries:
        assert b"potential" not in data
        assert name.encode() not in data


def test_known_non_mates_show_who_is_fooled_and_decide_nothing(node: Node, found: SearchAnswer) -> None:
    known_non_mate = find_pseudonym(node, found.search, "S")
    assert conclude(node, found.search, potential=[known_non_mate]).examination.state is ExaminationState.NO_LEAD
    with node.store.reading() as tx:
        tallies = opinions.count_known_non_mates(tx, FR)
        assert leads.list_of_examination(tx, find(node, found).id) == ()
    assert [(tally.person, tally.shown, tally.potential, tally.inconclusive) for tally in tallies] == [
        ("alice", 1, 1, 0),
        ("bob", 1, 1, 0),
    ]


def test_a_list_is_no_longer_with_known_non_mates_than_without(node: Node, found: SearchAnswer, draw: Draw) -> None:
    for limit in (1, 3):
        answer = search_probe(node, ALICE, submit(node, draw("A")), reason=REASON, limit=limit)
        assert isinstance(answer, SearchAnswer)
        assert len(answer.candidates) == limit
    text = node.policy.read().text.replace("lures = 1", "lures = 0")
    replace_policy(node, DORA, text, reason="no known non-mates for now")
    answer = search_probe(node, ALICE, submit(node, draw("A")), reason=REASON)
    assert isinstance(answer, SearchAnswer)
    assert len(answer.candidates) == len(PEOPLE)


def test_a_record_erased_meanwhile_counts_as_looked_at(node: Node, found: SearchAnswer) -> None:
    name, held = find_pseudonym(node, found.search, "A"), find(node, found)
    begin_review(node, ALICE, held.id)
    give_opinion(node, ALICE, held.id, name, POTENTIAL, version=0)
    review_candidates(node, BOB, found.search, potential=[name])
    erase(node, "A")
    with pytest.raises(NotFound, match="erased"):
        read_comparison(node, ALICE, held.id, name)
    with pytest.raises(NotFound):
        read_candidate_side(node, ALICE, held.id, name)
    last = review_candidates(node, ALICE, found.search)
    # there is nobody left to ask
    assert last.examination.state is ExaminationState.LEAD
    with node.store.reading() as tx:
        assert leads.list_of_examination(tx, held.id) == ()


def test_what_was_written_of_an_erased_subject_is_erased(node: Node, found: SearchAnswer) -> None:
    name, held = find_pseudonym(node, found.search, "A"), find(node, found)
    conclude(node, found.search, potential=[name])
    erase(node, "A")
    with node.store.reading() as tx:
        (lead,) = leads.list_of_examination(tx, held.id)
        assert lead.state is LeadState.ERASED
        for review in examinations.list_reviews(tx, held.id):
            (line,) = [line for line in opinions.list_lines(tx, review.id) if line.pseudonym == name]
            assert (line.conclusion, line.written) == (Conclusion.POTENTIAL, False)


def test_a_probe_deleted_while_it_is_compared(node: Node, found: SearchAnswer, clock: Any) -> None:
    held = find(node, found)
    begin_review(node, ALICE, held.id)
    version = save_draft(node, ALICE, held.id, "C-01", OpinionDraft(reason="brows"), version=0)
    clock.now += timedelta(days=31)
    acting: tuple[Callable[[], object], ...] = (
        lambda: read_comparison(node, ALICE, held.id, "C-01"),
        lambda: read_probe_side(node, ALICE, held.id),
        lambda: give_opinion(node, ALICE, held.id, "C-01", OTHER, version=version),
    )
    for act in acting:
        with pytest.raises(NotFound, match="time was over"):
            act()
    purge_expired(node)
    assert find(node, found).state is ExaminationState.LAPSED
    with pytest.raises(Conflict, match="ended"):
        save_draft(node, ALICE, held.id, "C-01", OTHER, version=version)
    # nobody concluded, and nobody will
    assert read_search(node, ALICE, found.search).masked


def test_in_a_closed_case_nobody_begins_to_examine(node: Node, found: SearchAnswer) -> None:
    close_case(node, ALICE, open_case(node).id, reason="she was found")
    with pytest.raises(RefusedByPolicy, match="concluded"):
        begin_review(node, BOB, find(node, found).id)


def test_samples_are_shown_at_once(make_node: Callable[..., Node], draw: Draw, item: MakeItem) -> None:
    node = make_node()
    enrol(node, [item("S", "s.jpg", draw("S"))], replace(TERMS, kind=RecordKind.SAMPLE))
    about: dict[str, Any] = {"number": "demo", "purpose": Purpose.DEMONSTRATION}
    probe = submit(node, draw("S", take=4), **about)
    answer = search_probe(node, ALICE, probe, reason=REASON)
    assert isinstance(answer, SearchAnswer)
    assert (answer.examination, answer.masked) == (None, False)
    assert [candidate.number for candidate in answer.candidates] == ["S"]


def test_lists_do_not_tell_how_many_are_known_non_mates(node: Node, found: SearchAnswer) -> None:
    page = list_searches(node, ALICE)
    assert page.examinations[found.search].is_open
    detail = read_case(node, ALICE, open_case(node).id)
    assert detail.examinations[found.search].is_open


def test_erasing_a_search_erases_who_was_found_and_what_was_thought(
    node: Node, found: SearchAnswer, clock: Any
) -> None:
    name, held = find_pseudonym(node, found.search, "A"), find(node, found)
    conclude(node, found.search, potential=[name])
    with node.store.writing() as tx:
        searches.erase_search(tx, SearchId(found.search))
    with node.store.reading() as tx:
        assert {
            (candidate.subject, candidate.reference) for candidate in examinations.list_candidates(tx, held.id)
        } == {("", "")}
        (lead,) = leads.list_of_examination(tx, held.id)
        assert (lead.subject, lead.reason, lead.state) == ("", None, LeadState.ERASED)
        for review in examinations.list_reviews(tx, held.id):
            assert not any(line.written for line in opinions.list_lines(tx, review.id))
    assert read_search(node, ALICE, found.search).record.erased


def test_a_role_that_ended_keeps_nobody_at_it(node: Node, found: SearchAnswer) -> None:
    held = find(node, found)
    begin_review(node, ALICE, held.id)
    retired = replace(ALICE, roles=frozenset({Role.RECORDS_OFFICER}))
    assert refused(save_draft, node, retired, held.id, "C-01", OTHER, version=0) == "policy.role"
