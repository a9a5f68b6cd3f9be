"""Searching: justified, recorded, readable later; a probe stays a probe."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from semblance.audit.search_record import SearchOutcome
from semblance.cases.justification import LENGTH_CAP, Justification
from semblance.errors import NotFound, PackConflict, PolicyError, UnsupportedImage, UnusableText
from semblance.exchange.intake import IntakeItem
from semblance.terms.candidates import CANDIDATE_CAP
from semblance.terms.ids import ProbeId, SearchId
from semblance.terms.permission import Refusal
from semblance.terms.purpose import Purpose
from semblance.workflows.delete import delete_subject
from semblance.workflows.enrol import enrol_photos
from semblance.workflows.expire import purge_expired
from semblance.workflows.identify import (
    ChoiceNeeded,
    NoFaceFound,
    SearchAnswer,
    SubmittedProbe,
    read_search,
    search_probe,
    submit_probe,
)
from semblance.workflows.node import Node
from semblance.workflows.show import describe_node, describe_probe, list_searches, read_probe

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]
MakeNode = Callable[..., Node]


@pytest.fixture
def filled(node: Node, draw: Draw, item: MakeItem) -> Node:
    people = [f"P{n:02}" for n in range(60)]
    items = [item(person, f"{person}/{take}.jpg", draw(person, take=take)) for person in people for take in (1, 2)]
    enrol_photos(node, items, person="Emil")
    return node


def submit(node: Node, data: bytes) -> SubmittedProbe:
    return submit_probe(node, data, name="probe.jpg", person="Alice")


def search(node: Node, data: bytes, justified: Justification, **options: Any) -> SearchAnswer:
    answer = search_probe(node, submit(node, data).probe, justification=justified, **options)
    assert isinstance(answer, SearchAnswer)
    return answer


def test_the_right_subject_comes_first_and_each_subject_once(
    filled: Node, draw: Draw, justified: Justification
) -> None:
    answer = search(filled, draw("P07", take=9), justified)
    first = answer.candidates[0]
    assert (first.rank, first.subject_key, first.erased) == (1, "P07", False)
    assert first.photo is not None
    assert first.face_box is not None
    assert len(answer.candidates) == CANDIDATE_CAP
    assert len({candidate.subject for candidate in answer.candidates}) == CANDIDATE_CAP
    scores = [candidate.score for candidate in answer.candidates]
    assert scores == sorted(scores, reverse=True)


def test_a_search_is_recorded_with_all_that_it_was(filled: Node, draw: Draw, justified: Justification) -> None:
    data = draw("P07", take=9)
    submitted = submit(filled, data)
    answer = search_probe(filled, submitted.probe, justification=justified, limit=3)
    assert isinstance(answer, SearchAnswer)
    record = answer.record
    assert (record.person, record.case, record.purpose) == ("Alice", "FR-2026-17", "missing-person")
    assert record.reason == justified.reason
    assert record.outcome is SearchOutcome.ANSWERED
    assert record.probe_sha256 == submitted.extraction.facts.sha256
    assert (record.face, record.face_box) == (0, submitted.extraction.faces[0].box)
    assert record.pack == filled.extractor.digest
    assert (record.gallery_subjects, record.gallery_references, record.gallery_version) == (60, 120, 120)
    assert record.limit == 3
    assert len(record.candidates) == 3
    assert read_search(filled, answer.search) == answer


def test_an_empty_answer_is_recorded_too(node: Node, draw: Draw, justified: Justification) -> None:
    answer = search(node, draw("P07"), justified)
    assert answer.candidates == ()
    assert read_search(node, answer.search) == answer
    assert describe_node(node).searches == 1


def test_a_refusal_is_recorded_and_nothing_is_searched(filled: Node, draw: Draw, justified: Justification) -> None:
    probe = submit(filled, draw("P07")).probe
    refusal = search_probe(filled, probe, justification=replace(justified, reason="x\0"))
    assert isinstance(refusal, Refusal)
    (record,) = list_searches(filled).records
    assert record.outcome is SearchOutcome.REFUSED
    assert (record.rule, record.refusal) == (refusal.rule, refusal.reason)
    assert record.pack is None
    assert record.candidates == ()
    assert read_search(filled, record.search).record == record


def test_a_purpose_that_is_not_the_nodes_is_refused_and_recorded(
    filled: Node, draw: Draw, justified: Justification
) -> None:
    node = replace(filled, purposes=(Purpose.UNIDENTIFIED_BODY,))
    refusal = search_probe(node, submit(node, draw("P07")).probe, justification=justified)
    assert isinstance(refusal, Refusal)
    (record,) = list_searches(node).records
    assert (record.outcome, record.rule, record.purpose) == (SearchOutcome.REFUSED, "node.purpose", "missing-person")


def test_of_a_text_that_is_too_long_the_beginning_is_recorded(node: Node, draw: Draw, justified: Justification) -> None:
    refusal = search_probe(node, submit(node, draw("A")).probe, justification=replace(justified, case="x" * 1_000_000))
    assert isinstance(refusal, Refusal)
    assert list_searches(node).records[0].case == "x" * LENGTH_CAP


@pytest.mark.parametrize("person", ["Ali\0ce", "\x1b[31mAlice", "A" * 201, "Alice\nBob"])
def test_a_name_that_cannot_be_shown_is_nobodys(node: Node, draw: Draw, person: str) -> None:
    with pytest.raises(UnusableText, match="person"):
        submit_probe(node, draw("A"), name="x", person=person)
    assert describe_node(node).probes == 0


def test_a_probe_without_a_face_is_a_failure_to_extract_and_no_empty_list(
    filled: Node, draw: Draw, justified: Justification
) -> None:
    answer = search_probe(filled, submit(filled, draw()).probe, justification=justified)
    assert isinstance(answer, NoFaceFound)
    assert read_search(filled, answer.search).record.outcome is SearchOutcome.NO_FACE


def test_of_several_faces_one_must_be_chosen(filled: Node, draw: Draw, justified: Justification) -> None:
    probe = submit(filled, draw("P01", "P02")).probe
    choice = search_probe(filled, probe, justification=justified)
    assert isinstance(choice, ChoiceNeeded)
    assert len(choice.faces) == 2
    assert describe_node(filled).searches == 0
    answer = search_probe(filled, probe, justification=justified, face=1)
    assert isinstance(answer, SearchAnswer)
    assert answer.candidates[0].subject_key == "P02"
    with pytest.raises(NotFound, match="has no face 2"):
        search_probe(filled, probe, justification=justified, face=2)


def test_a_probe_never_becomes_a_reference(filled: Node, draw: Draw, justified: Justification) -> None:
    data = draw("P07", take=9)
    before = describe_node(filled)
    answers = [search(filled, data, justified) for _ in range(3)]
    after = describe_node(filled)
    assert (after.references, after.photos, after.subjects) == (before.references, before.photos, before.subjects)
    assert after.gallery_version == before.gallery_version
    assert answers[0].record.candidates == answers[2].record.candidates
    assert submit(filled, data).extraction.template is None


def test_asking_for_more_than_the_cap_gets_the_cap(filled: Node, draw: Draw, justified: Justification) -> None:
    assert len(search(filled, draw("P01"), justified, limit=10_000).candidates) == CANDIDATE_CAP
    assert len(search(filled, draw("P01"), justified, limit=0).candidates) == 1


def test_a_deleted_subject_is_shown_as_erased_in_old_answers_and_not_found_again(
    filled: Node, draw: Draw, justified: Justification
) -> None:
    data = draw("P07", take=9)
    answer = search(filled, data, justified)
    delete_subject(filled, "P07", person="Dora", reason="Erasure was asked for")
    first, second = read_search(filled, answer.search).candidates[:2]
    assert first.erased
    assert (first.subject_key, first.photo, first.face_box) == (None, None, None)
    assert first.score == answer.candidates[0].score
    assert first.reference == answer.candidates[0].reference
    assert not second.erased
    assert search(filled, data, justified).candidates[0].subject_key != "P07"


def test_what_another_program_adds_or_deletes_counts_at_the_next_search(
    filled: Node, make_node: MakeNode, draw: Draw, item: MakeItem, justified: Justification
) -> None:
    assert search(filled, draw("P07"), justified).candidates[0].subject_key == "P07"
    other = make_node()
    delete_subject(other, "P07", person="Dora", reason="Erasure was asked for")
    enrol_photos(other, [item("New", "new.jpg", draw("New"))], person="Emil")
    answer = search(filled, draw("P07"), justified)
    assert answer.candidates[0].subject_key != "P07"
    assert (answer.record.gallery_subjects, answer.record.gallery_references) == (60, 119)
    assert search(filled, draw("New", take=3), justified).candidates[0].subject_key == "New"
    assert filled.index.size == 119


def test_a_deletion_leaves_memory_at_once(filled: Node, draw: Draw, justified: Justification) -> None:
    search(filled, draw("P07"), justified)
    assert filled.index.size == 120
    delete_subject(filled, "P07", person="Dora", reason="Erasure was asked for")
    assert filled.index.size == 118


def test_a_probe_of_another_pack_is_not_compared(
    filled: Node, make_node: MakeNode, extractor_type: Any, draw: Draw, justified: Justification
) -> None:
    other = make_node(extractor_type("newer"))
    probe = submit(other, draw("P07")).probe
    with pytest.raises(PackConflict, match="start a new node"):
        search_probe(other, probe, justification=justified)


def test_an_unsearched_probe_expires_after_an_hour(node: Node, clock: Any, draw: Draw) -> None:
    data = draw("P07")
    probe = submit(node, data).probe
    assert read_probe(node, probe).data == data
    clock.now += timedelta(minutes=59)
    assert describe_probe(node, probe).submitted_by == "Alice"
    clock.now += timedelta(minutes=2)
    with pytest.raises(NotFound, match="expired"):
        read_probe(node, probe)
    assert purge_expired(node) == 1
    assert purge_expired(node) == 0


def test_a_searched_probe_expires_after_thirty_days_and_its_record_stays(
    node: Node, clock: Any, draw: Draw, justified: Justification
) -> None:
    answer = search(node, draw("P07"), justified)
    clock.now += timedelta(days=29)
    assert describe_probe(node, answer.record.probe).name == "probe.jpg"
    clock.now += timedelta(days=2)
    submit(node, draw("P08"))
    with pytest.raises(NotFound):
        describe_probe(node, answer.record.probe)
    assert purge_expired(node) == 0
    assert read_search(node, answer.search) == answer


def test_a_poor_probe_is_told_what_a_reference_would_be_refused_for(node: Node, draw: Draw) -> None:
    ((shortfall,),) = submit(node, draw("A", eyes=12)).shortfalls
    assert shortfall.sentence == "the eyes are 12 pixels apart; 60 are needed"


def test_what_is_no_photo_is_not_held(node: Node) -> None:
    with pytest.raises(UnsupportedImage):
        submit(node, b"hello")
    assert describe_node(node).probes == 0
    with pytest.raises(PolicyError):
        submit_probe(node, b"", name="x", person="")


def test_unknown_ids_are_not_found(node: Node, justified: Justification) -> None:
    with pytest.raises(NotFound):
        read_search(node, SearchId("0" * 32))
    with pytest.raises(NotFound):
        search_probe(node, ProbeId("0" * 32), justification=justified)


def test_searches_are_listed_newest_first_page_by_page(filled: Node, draw: Draw, justified: Justification) -> None:
    made = [search(filled, draw("P01"), justified, limit=2).search for _ in range(5)]
    seen: list[SearchId] = []
    after: int | None = None
    while True:
        page = list_searches(filled, after=after, limit=2)
        seen += [record.search for record in page.records]
        after = page.next_after
        if after is None:
            break
    assert seen == made[::-1]
