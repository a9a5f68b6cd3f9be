"""Photos of records as probes: who may be compared with whom, what is not asked again, what ends meanwhile."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.cast import ALICE, BOB, DE, DORA, EMIL, FR
from tests.workflows.links.test_link_records import NOT_FR, restrict
from tests.workflows.links.unknowns import (
    EMILE,
    REFUTE,
    UNKNOWN,
    WHY,
    compare,
    enrol_unknown,
    find_lead,
    list_found,
    verify,
)
from tests.workflows.record_acts import catch_refusal, enrol, find_id
from tests.workflows.searching import (
    POTENTIAL,
    REASON,
    conclude,
    find_pseudonym,
    open_case,
    review_candidates,
    search,
    submit,
)

from semblance.cases.examination import ExaminationState
from semblance.errors import Conflict, NotFound
from semblance.exchange.intake import IntakeItem
from semblance.node.node import Node
from semblance.store import answered_pairs, examinations, leads, probes, searches
from semblance.terms.ids import ExaminationId, SearchId, SubjectId
from semblance.terms.permission import Purpose
from semblance.terms.record import Restriction, RestrictionMode
from semblance.workflows.cases.cases import close_case
from semblance.workflows.cases.probes import find_probe
from semblance.workflows.examination.comparison import read_comparison
from semblance.workflows.examination.opinions import close_review, give_opinion
from semblance.workflows.examination.owner_check import list_leads, read_lead
from semblance.workflows.examination.reviews import begin_review
from semblance.workflows.links.compare_record import compare_record
from semblance.workflows.links.link_records import link_records, part_records
from semblance.workflows.links.read_ties import read_ties
from semblance.workflows.records.erase_record import erase_record
from semblance.workflows.records.write_record import dispute_record, withdraw_record
from semblance.workflows.search.probe_faces import ProbeChoice
from semblance.workflows.search.search_answer import SearchAnswer
from semblance.workflows.search.search_gallery import search_probe

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]

NOT_DE = Restriction(RestrictionMode.EXCEPT, frozenset({DE}))


def find_examination(node: Node, which: SearchId) -> ExaminationId:
    with node.store.reading() as tx:
        held = examinations.find_of_search(tx, which)
    assert held is not None
    return held.id


def test_what_may_not_be_compared_is_refused(node: Node, draw: Draw, mine: SubjectId, item: MakeItem) -> None:
    enrol(node, [item("K", "k.jpg", draw("A", take=3))])
    case = open_case(node, number="FR-U-1", purpose=Purpose.UNIDENTIFIED_PERSON)
    refusal = catch_refusal(lambda: compare_record(node, ALICE, find_id(node, "K"), case.id, reason=WHY))
    assert refusal.rule == "policy.compared"
    hidden = enrol_unknown(node, draw, "H", "H", restriction=NOT_FR)
    for subject in (hidden, SubjectId("0" * 32)):
        with pytest.raises(NotFound):
            compare_record(node, ALICE, subject, case.id, reason=WHY)
    probe = compare_record(node, EMILE, mine, case.id, reason=WHY)
    assert (probe.origin, probe.name) == (mine, "U-FR-2026-0001")
    close_case(node, ALICE, case.id, reason=WHY)
    with pytest.raises(Conflict):
        compare_record(node, ALICE, mine, case.id, reason=WHY)


def test_photos_of_several_records_are_not_searched_together(node: Node, mine: SubjectId, theirs: SubjectId) -> None:
    case = open_case(node, number="FR-U-1", purpose=Purpose.UNIDENTIFIED_PERSON)
    first, second = (compare_record(node, ALICE, which, case.id, reason=WHY).id for which in (mine, theirs))
    with pytest.raises(Conflict, match="same record"):
        search_probe(node, ALICE, first, reason=REASON, also=[ProbeChoice(second)])


def test_not_him_is_remembered_until_a_photo_comes(
    node: Node, draw: Draw, item: MakeItem, mine: SubjectId, theirs: SubjectId, found: SearchAnswer
) -> None:
    before = list_found(found)
    conclude(node, found.search)
    answers = read_ties(node, EMILE, mine).answers
    assert {answer.other.subject for answer in answers} == before
    assert {(answer.pair.conclusion, answer.holds) for answer in answers} == {("no-lead", True)}
    again = compare(node, mine)
    assert (list_found(again), again.record.answered) == (set(), len(before))
    told = [str(words) for name, words in again.record.particulars if str(name) == "Left out"]
    assert told == [f"{len(before)} answered before"]
    # nor is anybody asked the other way round
    assert compare(node, theirs).record.answered == 1
    insisting = compare(node, mine, again="The first photo was mirrored")
    assert (list_found(insisting), insisting.record.answered) == (before, 0)
    assert insisting.record.again == "The first photo was mirrored"
    enrol(node, [item("A", "new.jpg", draw("A", take=99))], UNKNOWN)
    renewed = compare(node, mine)
    assert (list_found(renewed), renewed.record.answered) == ({theirs}, len(before) - 1)


def test_what_an_owner_refutes_is_remembered(
    node: Node, mine: SubjectId, theirs: SubjectId, found: SearchAnswer
) -> None:
    verify(node, found, "A", REFUTE)
    told = {answer.other.subject: answer.pair.conclusion for answer in read_ties(node, EMILE, mine).answers}
    assert told[theirs] == "refuted"
    assert theirs not in list_found(compare(node, mine))


def test_linked_records_are_not_asked_about_until_they_are_parted(
    node: Node, mine: SubjectId, theirs: SubjectId, found: SearchAnswer
) -> None:
    link = link_records(node, EMILE, verify(node, found, "A"), reason=WHY)
    assert theirs not in list_found(compare(node, mine))
    part_records(node, EMILE, link.id, reason=WHY)
    assert theirs in list_found(compare(node, mine))


def test_an_ordinary_probe_leaves_nobody_out(node: Node, draw: Draw, found: SearchAnswer) -> None:
    plain = search(node, draw("A", take=77))
    conclude(node, plain.search)
    assert list_found(search(node, draw("A", take=77))) == list_found(plain) != set()
    probe = submit(node, draw("A", take=77))
    refusal = catch_refusal(lambda: search_probe(node, ALICE, probe, reason=REASON, again="once more"))
    assert (refusal.rule, refusal.field) == ("search.again", "again")


def test_answers_go_with_either_record(node: Node, mine: SubjectId, theirs: SubjectId, found: SearchAnswer) -> None:
    conclude(node, found.search)
    erase_record(node, EMIL, theirs, reason=WHY)
    with node.store.reading() as tx:
        left = {told.pair.find_other(mine) for told in answered_pairs.list_pairs(tx, mine, FR)}
    assert left == list_found(found) - {theirs}


def test_erasing_the_compared_record_erases_what_was_done_with_its_photo(
    node: Node, mine: SubjectId, found: SearchAnswer
) -> None:
    review_candidates(node, ALICE, found.search)
    erase_record(node, EMILE, mine, reason="Its time is over")
    with node.store.reading() as tx:
        record, held = searches.find_search(tx, found.search), examinations.find_of_search(tx, found.search)
        left = probes.find_from_record(tx, mine)
    assert record is not None
    assert held is not None
    assert (record.erased, record.candidates, record.origin, left) == (True, (), None, ())
    assert held.state is ExaminationState.LAPSED


@pytest.mark.parametrize("how", ["withdrawn", "restricted", "disputed"])
def test_a_compared_record_that_is_closed_while_it_waits_makes_no_lead(
    node: Node, theirs: SubjectId, draw: Draw, how: str
) -> None:
    enrol_unknown(node, draw, "FR-A", "A", EMILE)
    answer = compare(node, theirs)
    name, examination = find_pseudonym(node, answer.search, "FR-A"), find_examination(node, answer.search)
    review_candidates(node, ALICE, answer.search, potential=[name])
    for pseudonym in begin_review(node, BOB, examination).ordering:
        version = read_comparison(node, BOB, examination, pseudonym).version
        if pseudonym == name:
            give_opinion(node, BOB, examination, pseudonym, POTENTIAL, version=version)
    if how == "withdrawn":
        withdraw_record(node, EMIL, theirs, reason=WHY)
    elif how == "disputed":
        dispute_record(node, replace(DORA, authority=DE), theirs, reason=WHY)
    else:
        restrict(node, EMIL, theirs, NOT_FR)
    with pytest.raises(NotFound):
        find_probe(node, ALICE, answer.record.probe)
    close_review(node, BOB, examination)
    with node.store.reading() as tx:
        assert leads.list_of_examination(tx, examination) == ()


def test_a_lead_shows_its_owner_no_photo_of_a_record_closed_to_it_since(
    node: Node, mine: SubjectId, found: SearchAnswer
) -> None:
    find_lead(node, found, "A")
    (listed,) = list_leads(node, EMIL)
    assert read_lead(node, EMIL, listed.lead.id).probe is not None
    restrict(node, EMILE, mine, NOT_DE)
    assert read_lead(node, EMIL, listed.lead.id).probe is None


def test_whose_owner_may_not_see_the_compared_record_is_no_candidate(node: Node, draw: Draw, theirs: SubjectId) -> None:
    own = enrol_unknown(node, draw, "FR-A", "A", EMILE, restriction=NOT_DE)
    assert theirs not in list_found(compare(node, own))
