"""Searching: in a case, justified, recorded, readable later; a probe stays a probe."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.cast import ADA, ALICE, BOB, CAROL, DE, DORA, EMIL, FR, MALLORY
from tests.workflows import stand_in
from tests.workflows.record_acts import TERMS, enrol, erase, find_id, look
from tests.workflows.searching import NUMBER, REASON, conclude, count_probes, open_case, reveal, search, submit

import semblance
from semblance.audit.entry import read_entry
from semblance.audit.search_record import SearchOutcome
from semblance.edge.searches import describe_probe
from semblance.errors import Conflict, NotFound, PackConflict, RefusedByPolicy, UnsupportedImage
from semblance.exchange.intake import IntakeItem
from semblance.gallery.record import Circumstances, Personal, RecordDraft, Warrant
from semblance.node.node import Node
from semblance.store import ledger
from semblance.terms.ids import CaseId, ProbeId, SearchId
from semblance.terms.permission import Actor, Purpose
from semblance.terms.record import RecordKind, Restriction, RestrictionMode
from semblance.terms.search import CANDIDATE_CAP
from semblance.workflows.cases.cases import close_case
from semblance.workflows.cases.probes import find_probe, purge_expired, read_probe, submit_probe
from semblance.workflows.oversight.policy import replace_policy
from semblance.workflows.records.write_record import dispute_record, withdraw_record
from semblance.workflows.search.probe_faces import ChoiceNeeded
from semblance.workflows.search.search_answer import SearchAnswer, list_searches, read_search
from semblance.workflows.search.search_gallery import NoFaceFound, search_probe

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]
MakeNode = Callable[..., Node]

FRITZ = replace(ALICE, name="fritz", authority=DE)
HIDDEN = Restriction(RestrictionMode.EXCEPT, frozenset({FR}))


def enrol_sixty(node: Node) -> None:
    taken = [(f"P{n:02}", take) for n in range(60) for take in (1, 2)]
    enrol(node, [IntakeItem(who, f"{who}/{at}.jpg", partial(stand_in.draw, who, take=at)) for who, at in taken])


@pytest.fixture
def filled(fill_once: Callable[..., tuple[Node, None]]) -> Node:
    node, _ = fill_once(enrol_sixty)
    return node


def last_entry(node: Node) -> dict[str, Any]:
    with node.store.reading() as tx:
        return read_entry(list(ledger.iterate_entries(tx))[-1][1])


def test_the_right_subject_comes_first_and_each_subject_once(filled: Node, draw: Draw) -> None:
    answer = search(filled, draw("P07", take=9))
    first = answer.candidates[0]
    assert (first.rank, first.number, first.owner, first.kind, first.erased) == (1, "P07", DE, TERMS.kind, False)
    assert first.photo is not None
    assert first.face_box is not None
    assert len(answer.candidates) == CANDIDATE_CAP
    assert len({candidate.subject for candidate in answer.candidates}) == CANDIDATE_CAP
    scores = [candidate.score or 0.0 for candidate in answer.candidates]
    assert scores == sorted(scores, reverse=True)


def test_a_search_is_recorded_with_all_that_it_was(filled: Node, draw: Draw) -> None:
    data = draw("P07", take=9)
    answer = search(filled, data, limit=3)
    record = answer.record
    assert (record.person, record.authority, record.case, record.purpose) == ("alice", FR, NUMBER, "missing-person")
    assert (record.reason, record.outcome) == (REASON, SearchOutcome.ANSWERED)
    extraction = filled.extractor.extract(data, name="x")
    assert record.probe_sha256 == extraction.facts.sha256
    assert (record.face, record.face_box) == (0, extraction.faces[0].box)
    assert record.pack == filled.extractor.digest
    assert (record.gallery_subjects, record.gallery_references) == (60, 120)
    assert (record.limit, len(record.candidates)) == (3, 3)
    entry = last_entry(filled)
    assert (entry["verb"], entry["action"], entry["case"], entry["rule"]) == (
        "consultation",
        "gallery.search",
        NUMBER,
        "purposes.missing-person",
    )
    assert reveal(filled, read_search(filled, ALICE, answer.search)) == answer
    entry = last_entry(filled)
    assert (entry["verb"], entry["action"], entry["case"]) == ("consultation", "case.read", NUMBER)


def test_an_empty_answer_is_recorded_too(node: Node, draw: Draw) -> None:
    answer = search(node, draw("P07"))
    assert answer.candidates == ()
    assert read_search(node, ALICE, answer.search) == answer


def test_only_what_the_purpose_opens_is_found(node: Node, draw: Draw, item: MakeItem) -> None:
    said = Circumstances(event_date="2026-02", event_place="Lyon", asked="who is it", warrants=(Warrant("DE", "Raub"),))
    for number, kind in enumerate((RecordKind.YELLOW, RecordKind.RED, RecordKind.SAMPLE, RecordKind.BLUE)):
        who = Personal(family_name="Moreau")
        draft = RecordDraft(kind, kind.value, TERMS.legal_basis, TERMS.retain_until, TERMS.restriction, who, said)
        photo = replace(item(kind.value, f"{number}.jpg", draw("A", take=number)), draft=draft)
        enrol(node, [photo])

    def found(purpose: Purpose) -> list[str]:
        about = {"purpose": purpose, "number": purpose.value}
        answer = search(node, draw("A", take=9), about=about)
        assert answer.record.gallery_subjects == len(answer.candidates)
        return sorted(str(candidate.number) for candidate in answer.candidates)

    assert found(Purpose.MISSING_PERSON) == ["blue", "yellow"]
    assert found(Purpose.WANTED_PERSON) == ["blue", "red"]
    assert found(Purpose.UNIDENTIFIED_PERSON) == ["blue", "red", "yellow"]
    assert found(Purpose.DEMONSTRATION) == ["sample"]


def test_neither_drafts_nor_disputed_withdrawn_late_or_restricted_records_are_found(
    node: Node, clock: Any, draw: Draw, item: MakeItem
) -> None:
    numbers = ("open", "disputed", "withdrawn")
    enrol(node, [item(number, f"{number}.jpg", draw("A", take=at)) for at, number in enumerate(numbers)])
    enrol(node, [item("draft", "4.jpg", draw("A", take=4))], replace(TERMS, neutral=None))
    enrol(node, [item("hidden", "5.jpg", draw("A", take=5))], replace(TERMS, restriction=HIDDEN))
    enrol(node, [item("late", "6.jpg", draw("A", take=6))], replace(TERMS, retain_until=date(2026, 3, 2)))
    dispute_record(node, DORA, find_id(node, "disputed"), reason="it is her sister")
    withdraw_record(node, EMIL, find_id(node, "withdrawn"), reason="she was found")

    def found(actor: Actor) -> tuple[list[str], int]:
        answer = search(node, draw("A", take=9), actor)
        return sorted(str(one.number) for one in answer.candidates), answer.record.gallery_references

    assert found(ALICE) == (["late", "open"], 2)
    assert found(FRITZ) == (["hidden", "late", "open"], 3)
    clock.now += timedelta(days=2)
    # its last day is over, and no worker has come by yet
    assert found(ALICE) == (["open"], 1)


@pytest.mark.parametrize(
    ("actor", "rule"), [(CAROL, "policy.role"), (ADA, "policy.role"), (MALLORY, "authority.not-admitted")]
)
def test_who_may_not_search_is_refused_and_that_is_recorded(filled: Node, draw: Draw, actor: Actor, rule: str) -> None:
    probe = submit(filled, draw("P07"))
    with pytest.raises(RefusedByPolicy) as refusal:
        search_probe(filled, actor, probe, reason=REASON)
    assert refusal.value.rule == rule
    entry = last_entry(filled)
    assert (entry["verb"], entry["action"], entry["person"], entry["rule"]) == (
        "refusal",
        "gallery.search",
        actor.name,
        rule,
    )


def test_another_authoritys_probe_is_answered_like_none(filled: Node, draw: Draw) -> None:
    probe, answer = submit(filled, draw("P07")), search(filled, draw("P08"))
    said = []
    for one in (probe, ProbeId("0" * 32)):
        with pytest.raises(NotFound) as raised:
            search_probe(filled, FRITZ, one, reason=REASON)
        said.append(str(raised.value).replace(one, "ID"))
    assert said[0] == said[1]
    for act in (
        lambda: read_search(filled, FRITZ, answer.search),
        lambda: read_probe(filled, FRITZ, probe),
        lambda: find_probe(filled, FRITZ, probe),
        lambda: submit_probe(filled, FRITZ, open_case(filled).id, draw("P01"), name="x"),
    ):
        with pytest.raises(NotFound):
            act()
    assert list_searches(filled, FRITZ).records == ()


@pytest.mark.parametrize("reason", ["", "x", "test test test", "x\0", "x " * 2000])
def test_a_search_for_no_reason_is_refused_and_recorded(filled: Node, draw: Draw, reason: str) -> None:
    with pytest.raises(RefusedByPolicy) as refusal:
        search_probe(filled, ALICE, submit(filled, draw("P07")), reason=reason)
    (record,) = list_searches(filled, ALICE).records
    assert record.outcome is SearchOutcome.REFUSED
    assert (record.rule, record.refusal) == ("justification.reason", refusal.value.message)
    assert (record.pack, record.candidates, record.gallery_subjects) == (None, (), 0)
    assert read_search(filled, ALICE, record.search).record == record


def test_in_a_closed_case_nothing_is_searched(filled: Node, draw: Draw) -> None:
    probe, case = submit(filled, draw("P07")), open_case(filled)
    close_case(filled, ALICE, case.id, reason="she was found")
    with pytest.raises(RefusedByPolicy) as refusal:
        search_probe(filled, ALICE, probe, reason=REASON)
    assert refusal.value.rule == "case.state"
    with pytest.raises(Conflict, match="in open cases only"):
        submit_probe(filled, ALICE, case.id, draw("P07"), name="x")
    with pytest.raises(NotFound):
        submit_probe(filled, ALICE, CaseId("0" * 32), draw("P07"), name="x")


def test_no_authority_searches_more_often_a_day_than_the_policy_allows(filled: Node, clock: Any, draw: Draw) -> None:
    head, mark, tail = filled.policy.read().text.partition("[purposes.missing-person]")
    text = f"{head}{mark}{tail.replace('searches-per-day = 1000', 'searches-per-day = 3', 1)}"
    replace_policy(filled, DORA, text, reason="fewer searches are needed")
    probe = submit(filled, draw("P07"))
    for _ in range(3):
        assert isinstance(search_probe(filled, ALICE, probe, reason=REASON), SearchAnswer)
    for actor in (ALICE, BOB):
        with pytest.raises(RefusedByPolicy) as refusal:
            search_probe(filled, actor, probe, reason=REASON)
        assert refusal.value.rule == "policy.searches-per-day"
    # neither another purpose nor another authority is held to it, and midnight begins anew
    search(filled, draw("P07"), about={"purpose": Purpose.UNIDENTIFIED_PERSON, "number": "2"})
    search(filled, draw("P07"), FRITZ)
    clock.now += timedelta(days=1)
    assert isinstance(search_probe(filled, ALICE, probe, reason=REASON), SearchAnswer)


def test_a_probe_without_a_face_is_a_failure_to_extract_and_no_empty_list(filled: Node, draw: Draw) -> None:
    answer = search_probe(filled, ALICE, submit(filled, draw()), reason=REASON)
    assert isinstance(answer, NoFaceFound)
    assert read_search(filled, ALICE, answer.search).record.outcome is SearchOutcome.NO_FACE


def test_of_several_faces_one_must_be_chosen(filled: Node, draw: Draw) -> None:
    probe = submit(filled, draw("P01", "P02"))
    choice = search_probe(filled, ALICE, probe, reason=REASON)
    assert isinstance(choice, ChoiceNeeded)
    assert len(choice.faces) == 2
    assert list_searches(filled, ALICE).records == ()
    answer = search_probe(filled, ALICE, probe, reason=REASON, face=1)
    assert isinstance(answer, SearchAnswer)
    assert reveal(filled, answer).candidates[0].number == "P02"
    with pytest.raises(NotFound, match="has no face 2"):
        search_probe(filled, ALICE, probe, reason=REASON, face=2)


def test_a_probe_never_becomes_a_reference(filled: Node, draw: Draw) -> None:
    data = draw("P07", take=9)
    before = look(filled)
    answers = [search(filled, data) for _ in range(3)]
    assert look(filled) == before
    assert answers[0].record.candidates == answers[2].record.candidates
    assert answers[0].record.gallery_version == answers[2].record.gallery_version


def test_nothing_that_searches_or_examines_can_reach_what_makes_references() -> None:
    """One function adds a reference, two call it, and neither a search, a case nor an opinion imports those."""
    root = Path(semblance.__file__).parent
    sources = {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in root.rglob("*.py")}

    def list_callers(name: str) -> set[str]:
        return {path for path, text in sources.items() if re.search(rf"\b{name}\(", text)}

    # a benchmark fills a store of its own
    added = {path for path in list_callers("add_reference") if not path.startswith("benchmarks/")}
    assert added == {"store/gallery.py", "workflows/enrolment/commit_item.py"}
    assert list_callers("add_chosen_face") == {
        "workflows/enrolment/commit_item.py",
        "workflows/enrolment/choose_face.py",
    }
    assert list_callers("commit_item") == {
        "workflows/enrolment/commit_item.py",
        "workflows/enrolment/enrol.py",
        "workflows/enrolment/import_notices.py",
        "workflows/links/make_unknown.py",
    }


def test_asking_for_more_than_the_cap_gets_the_cap(filled: Node, draw: Draw) -> None:
    assert len(search(filled, draw("P01"), limit=10_000).candidates) == CANDIDATE_CAP
    assert len(search(filled, draw("P01"), limit=0).candidates) == 1
    # the policy shows fewer for some purposes
    wanted = {"purpose": Purpose.WANTED_PERSON, "number": "2"}
    assert search(filled, draw("P01"), about=wanted, limit=50).record.limit == 20


def test_an_erased_record_is_shown_as_erased_in_old_answers_and_not_found_again(filled: Node, draw: Draw) -> None:
    data = draw("P07", take=9)
    answer = search(filled, data, limit=5)
    erase(filled, "P07")
    conclude(filled, answer.search)
    first, second = read_search(filled, ALICE, answer.search).candidates[:2]
    assert first.erased
    assert (first.number, first.owner, first.photo, first.face_box) == (None, None, None, None)
    assert first.score == answer.candidates[0].score
    assert first.reference == answer.candidates[0].reference
    assert not second.erased
    assert search(filled, data).candidates[0].number != "P07"


def test_what_another_program_adds_or_erases_counts_at_the_next_search(
    filled: Node, make_node: MakeNode, draw: Draw, item: MakeItem
) -> None:
    assert search(filled, draw("P07")).candidates[0].number == "P07"
    other = make_node()
    erase(other, "P07")
    enrol(other, [item("New", "new.jpg", draw("New"))])
    answer = search(filled, draw("P07"))
    assert answer.candidates[0].number != "P07"
    assert (answer.record.gallery_subjects, answer.record.gallery_references) == (60, 119)
    assert search(filled, draw("New", take=3)).candidates[0].number == "New"
    assert filled.index.size == 119


def test_a_probe_of_another_pack_is_not_compared(
    filled: Node, make_node: MakeNode, extractor_type: Any, draw: Draw
) -> None:
    other = make_node(extractor_type("newer"))
    with pytest.raises(PackConflict, match="models migrate"):
        search_probe(other, ALICE, submit(other, draw("P07")), reason=REASON)


def test_an_unsearched_probe_expires_after_an_hour(node: Node, clock: Any, draw: Draw) -> None:
    data = draw("P07")
    probe = submit(node, data)
    assert read_probe(node, ALICE, probe).data == data
    clock.now += timedelta(minutes=59)
    assert find_probe(node, ALICE, probe)[0].submitted_by == "alice"
    clock.now += timedelta(minutes=2)
    with pytest.raises(NotFound, match="expired"):
        read_probe(node, ALICE, probe)
    assert purge_expired(node) == 1
    assert purge_expired(node) == 0


def test_a_searched_probe_expires_after_thirty_days_and_its_record_stays(node: Node, clock: Any, draw: Draw) -> None:
    answer = search(node, draw("P07"))
    clock.now += timedelta(days=29)
    assert find_probe(node, ALICE, answer.record.probe)[0].name == "probe.jpg"
    clock.now += timedelta(days=2)
    submit(node, draw("P08"))
    with pytest.raises(NotFound):
        find_probe(node, ALICE, answer.record.probe)
    assert purge_expired(node) == 0
    assert read_search(node, ALICE, answer.search) == answer


def test_a_poor_probe_is_told_what_a_reference_would_be_refused_for(node: Node, draw: Draw) -> None:
    case = open_case(node)
    submitted = submit_probe(node, ALICE, case.id, draw("A", eyes=12), name="x")
    (shortfall,) = describe_probe(submitted, case.number, node.suitability).faces[0].shortfalls
    assert str(shortfall) == "the eyes are 12 pixels apart; 60 are needed"


def test_what_is_no_photo_is_not_held(node: Node) -> None:
    with pytest.raises(UnsupportedImage):
        submit(node, b"hello")
    assert count_probes(node) == 0
    with pytest.raises(RefusedByPolicy):
        submit_probe(node, CAROL, open_case(node).id, b"", name="x")


def test_unknown_ids_are_not_found(node: Node) -> None:
    with pytest.raises(NotFound):
        read_search(node, ALICE, SearchId("0" * 32))
    with pytest.raises(NotFound):
        search_probe(node, ALICE, ProbeId("0" * 32), reason=REASON)


def test_searches_are_listed_newest_first_page_by_page(filled: Node, draw: Draw) -> None:
    made = [search(filled, draw("P01"), limit=2).search for _ in range(5)]
    seen: list[SearchId] = []
    after: int | None = None
    while True:
        page = list_searches(filled, ALICE, after=after, limit=2)
        seen += [record.search for record in page.records]
        after = page.next_after
        if after is None:
            break
    assert seen == made[::-1]
