"""Writing records: what is taken, what is refused with every fault at once, and two people at the same record."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import partial
from threading import Barrier

import pytest
from tests.cast import ADA, DE, DORA, EMIL, FR, MALLORY
from tests.workflows.record_acts import catch_refusal

from semblance.audit.entry import read_entry
from semblance.errors import Conflict, NotFound, PolicyError, RecordInvalid, RefusedByPolicy
from semblance.gallery.record import (
    Circumstances,
    ImageSource,
    Personal,
    Record,
    RecordDraft,
    RecordTerms,
    RecordVersion,
    Warrant,
)
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import ledger, record_list, records, subjects
from semblance.terms.ids import SubjectId
from semblance.terms.permission import Actor
from semblance.terms.record import RecordKind, RecordState, Restriction, RestrictionMode
from semblance.workflows.records.read_record import find_record_id, list_history, read_record
from semblance.workflows.records.record_intake import IMPORTED, begin_record, take_record
from semblance.workflows.records.write_record import (
    create_record,
    decide_dispute,
    dispute_record,
    edit_record,
    extend_record,
    publish_record,
    withdraw_record,
)

RED = RecordDraft(
    kind=RecordKind.RED,
    number="2026/17",
    legal_basis="INTERPOL RPD, article 82",
    retain_until=date(2029, 1, 1),
    personal=Personal(family_name="Moreau", given_names="Zoë", birth_dates=("1970-05",), nationalities=("FR",)),
    circumstances=Circumstances(warrants=(Warrant("DE", "Raub", "robbery"),)),
)
HIDDEN = Restriction(RestrictionMode.EXCEPT, frozenset({FR}))
NOBODYS = SubjectId("0" * 32)


def create(node: Node, draft: RecordDraft = RED, actor: Actor = EMIL) -> Record:
    return create_record(node, actor, draft, reason="the warrant came in")


def publish(node: Node, record: Record) -> Record:
    return publish_record(node, EMIL, record.subject, neutral=True, reason="checked")


def read_acts(node: Node) -> list[tuple[str, str, str | None]]:
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    return [(entry["verb"], entry["action"], entry["rule"]) for entry in entries]


def count_records(node: Node) -> int:
    with node.store.reading() as tx:
        return sum(counted.records for counted in record_list.count_held(tx))


def test_a_record_is_a_draft_until_the_question_is_answered(node: Node) -> None:
    made = create(node)
    assert (made.owner, made.state, made.version, made.number) == (DE, RecordState.DRAFT, 1, "2026/17")
    published = publish(node, made)
    assert (published.state, published.version) == (RecordState.ACTIVE, 2)
    assert published.answer is not None
    assert (published.answer.neutral, published.answer.person, published.answer.authority) == (True, "emil", DE)
    detail = read_record(node, EMIL, made.subject)
    assert detail.record == published
    assert read_acts(node) == [
        ("collection", "record.create", "actions.record.create"),
        ("alteration", "record.publish", "actions.record.publish"),
        ("consultation", "record.read", "actions.record.read"),
    ]


def test_what_is_not_neutral_stays_a_draft_and_the_refusal_is_recorded(node: Node) -> None:
    made = create(node)
    with pytest.raises(RefusedByPolicy, match=r"is not published \(Constitution of INTERPOL") as refused:
        publish_record(node, EMIL, made.subject, neutral=False, reason="it is about an opinion")
    assert refused.value.rule == "publish.article-3"
    detail = read_record(node, EMIL, made.subject)
    assert detail.record.state is RecordState.DRAFT
    assert detail.record.answer is not None
    assert (detail.record.answer.neutral, detail.record.answer.person) == (False, "emil")
    assert ("refusal", "record.publish", "publish.article-3") in read_acts(node)


def test_every_fault_is_said_and_nothing_is_written(node: Node) -> None:
    faulty = replace(RED, legal_basis=" ", retain_until=date(2026, 1, 1), circumstances=Circumstances())
    with pytest.raises(RecordInvalid) as raised:
        create_record(node, EMIL, faulty, reason="the warrant came in")
    assert [problem.values["field"] for problem in raised.value.problems] == [
        "legal_basis",
        "retain_until",
        "circumstances.warrants",
    ]
    assert "Nothing was changed" in str(raised.value)
    assert count_records(node) == 0
    assert read_acts(node) == []


def test_a_number_is_unique_for_its_owner_only(node: Node) -> None:
    made = create(node)
    with pytest.raises(Conflict, match="holds a record '2026/17' already"):
        create_record(node, EMIL, replace(RED, number=" 2026/17 "), reason="again")
    french = create(node, actor=replace(EMIL, authority=FR, name="fritz"))
    assert french.subject != made.subject
    assert find_record_id(node, EMIL, "2026/17") == made.subject
    assert find_record_id(node, DORA, "2026/17") == french.subject
    with pytest.raises(NotFound):
        find_record_id(node, DORA, "DE:2026/17")
    publish_record(node, EMIL, made.subject, neutral=True, reason="checked")
    assert find_record_id(node, DORA, "DE:2026/17") == made.subject
    assert find_record_id(node, DORA, made.subject) == made.subject
    with pytest.raises(NotFound):
        find_record_id(node, DORA, "2026/18")


def test_of_two_who_edit_at_once_the_second_is_told(node: Node) -> None:
    made = create(node)
    first = replace(RED, personal=replace(RED.personal, aliases=("Z.",)))
    edited = edit_record(node, EMIL, made.subject, first, version=1, reason="an alias became known")
    assert edited.version == 2
    second = replace(RED, personal=replace(RED.personal, height=171))
    with pytest.raises(Conflict, match="at version 2, and you had version 1"):
        edit_record(node, EMIL, made.subject, second, version=1, reason="she was measured")
    history = list_history(node, EMIL, made.subject)
    assert [(one.record.version, one.person, one.reason) for one in history] == [
        (2, "emil", "an alias became known"),
        (1, "emil", "the warrant came in"),
    ]
    assert history[0].record.draft == first
    with pytest.raises(Conflict, match="keeps its number"):
        edit_record(node, EMIL, made.subject, replace(first, number="2026/18"), version=2, reason="renumbered")
    faulty = replace(first, personal=Personal(family_name="M", birth_dates=("2030",)))
    with pytest.raises(RecordInvalid, match="lies in the future"):
        edit_record(node, EMIL, made.subject, faulty, version=2, reason="born later")


def test_of_many_who_edit_in_the_same_moment_one_does(node: Node) -> None:
    made = create(node)
    start = Barrier(6)

    def edit(height: int) -> Record | Conflict:
        draft = replace(RED, personal=replace(RED.personal, height=height))
        start.wait()
        try:
            return edit_record(node, EMIL, made.subject, draft, version=1, reason="she was measured")
        except Conflict as conflict:
            return conflict

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(edit, range(160, 166)))
    (edited,) = [answer for answer in answers if isinstance(answer, Record)]
    assert sum(isinstance(answer, Conflict) for answer in answers) == 5
    detail = read_record(node, EMIL, made.subject)
    assert detail.record == edited


def test_nothing_is_done_for_no_reason(node: Node) -> None:
    made = create(node)
    acts: tuple[Callable[[], object], ...] = (
        lambda: create_record(node, EMIL, replace(RED, number="2"), reason=" "),
        lambda: edit_record(node, EMIL, made.subject, RED, version=1, reason="-"),
        lambda: publish_record(node, EMIL, made.subject, neutral=True, reason=""),
        lambda: withdraw_record(node, EMIL, made.subject, reason="."),
    )
    for act in acts:
        with pytest.raises(PolicyError, match="why"):
            act()
    assert len(read_acts(node)) == 1


def test_disputed_it_is_blocked_until_somebody_decides(node: Node) -> None:
    made = publish(node, create(node))
    blocked = dispute_record(node, DORA, made.subject, reason="it is her sister")
    assert blocked.state is RecordState.BLOCKED
    assert blocked.dispute is not None
    assert (blocked.dispute.reason, blocked.dispute.person) == ("it is her sister", "dora")
    refused = catch_refusal(lambda: edit_record(node, EMIL, made.subject, RED, version=3, reason="quickly mended"))
    assert refused.rule == "policy.state"
    again = decide_dispute(node, DORA, made.subject, upheld=False, reason="it is not")
    assert (again.state, again.dispute) == (RecordState.ACTIVE, None)
    dispute_record(node, DORA, made.subject, reason="new papers")
    upheld = decide_dispute(node, DORA, made.subject, upheld=True, reason="it is her sister indeed")
    assert upheld.state is RecordState.WITHDRAWN


def test_withdrawn_it_can_be_neither_published_nor_extended(node: Node) -> None:
    made = publish(node, create(node))
    withdraw_record(node, EMIL, made.subject, reason="she was found")
    acts: tuple[Callable[[], object], ...] = (
        lambda: publish_record(node, EMIL, made.subject, neutral=True, reason="again"),
        lambda: extend_record(node, EMIL, made.subject, retain_until=date(2030, 1, 1), reason="longer"),
        lambda: withdraw_record(node, EMIL, made.subject, reason="again"),
    )
    for act in acts:
        assert catch_refusal(act).rule == "policy.state"


def test_the_last_day_is_never_later_than_the_policy_allows(node: Node) -> None:
    made = publish(node, create(node, replace(RED, retain_until=date(2099, 1, 1))))
    assert made.draft.retain_until == date(2031, 3, 1)
    extended = extend_record(node, EMIL, made.subject, retain_until=date(2030, 1, 1), reason="reviewed")
    assert extended.draft.retain_until == date(2030, 1, 1)
    edited = edit_record(
        node, EMIL, made.subject, replace(RED, retain_until=date(2099, 1, 1)), version=3, reason="for ever"
    )
    assert edited.draft.retain_until == date(2031, 3, 1)
    with pytest.raises(RecordInvalid, match="retain_until: 2026-03-01 is not in the future"):
        extend_record(node, EMIL, made.subject, retain_until=date(2026, 3, 1), reason="shorter")


def test_a_draft_that_lacks_what_its_kind_needs_is_not_published(node: Node) -> None:
    # as an enrolment of a folder makes them: a number and photos, nothing else
    made = create(node, replace(RED, kind=RecordKind.SAMPLE, circumstances=Circumstances()))
    bare = replace(made.draft, kind=RecordKind.RED)
    with pytest.raises(RecordInvalid, match="needs warrants"):
        edit_record(node, EMIL, made.subject, bare, version=1, reason="a warrant is to come")


def test_a_record_that_must_not_be_known_of_is_answered_like_none(node: Node) -> None:
    hidden = create(node, replace(RED, restriction=HIDDEN))
    for actor in (replace(EMIL, authority=FR), DORA):
        said = []
        for subject in (hidden.subject, NOBODYS):
            with pytest.raises(NotFound) as raised:
                read_record(node, actor, subject)
            said.append(str(raised.value).replace(subject, "ID"))
        assert said[0] == said[1]
    with pytest.raises(NotFound) as by_number:
        find_record_id(node, DORA, "DE:2026/17")
    with pytest.raises(NotFound) as by_no_number:
        find_record_id(node, DORA, "DE:2026/99")
    assert str(by_number.value).replace("17", "99") == str(by_no_number.value)
    # refused all the same, and that is on record
    assert ("refusal", "record.read", "policy.restriction") in read_acts(node)


def test_who_may_do_nothing_learns_nothing(node: Node) -> None:
    shown, hidden = create(node), create(node, replace(RED, number="2", restriction=HIDDEN))
    for actor, rule in ((MALLORY, "authority.not-admitted"), (ADA, "policy.role")):
        # nor by number: whatever they name, the next act is refused in the same words
        named = [find_record_id(node, actor, number) for number in ("DE:2026/17", "DE:2", "DE:3")]
        answers = [
            catch_refusal(partial(read_record, node, actor, subject))
            for subject in (shown.subject, hidden.subject, NOBODYS, *named)
        ]
        assert [answer.rule for answer in answers] == [rule] * 6
        assert len({answer.message for answer in answers}) == 1


def test_others_read_what_is_open_to_them_and_change_nothing(node: Node) -> None:
    made = publish(node, create(node))
    detail = read_record(node, DORA, made.subject)
    assert {action.value for action in detail.may} == {"record.read", "record.dispute"}
    fritz = replace(EMIL, authority=FR, name="fritz")
    refused = catch_refusal(lambda: edit_record(node, fritz, made.subject, RED, version=2, reason="mended for them"))
    assert refused.rule == "policy.owner"


@pytest.mark.parametrize("reason", [IMPORTED, "taken in with its photos"])
def test_what_was_changed_after_an_import_stands_also_where_an_older_version_made_it(
    node: Node, reason: str | Message
) -> None:
    terms = RecordTerms(RED.kind, RED.legal_basis, RED.retain_until, ImageSource("DE", "sent", date(2026, 2, 1)))
    now, policy = node.clock(), node.policy.read()
    with node.store.writing() as tx:
        subject = subjects.add_subject(tx, DE, RED.number, at=now, person="emil").id
        made = begin_record(subject, EMIL, RED, now=now)
        records.add_record(tx, RecordVersion(made, "emil", DE, now, reason))
    taller = replace(RED, personal=replace(RED.personal, height=171))
    edit_record(node, EMIL, subject, taller, version=1, reason="she was measured")
    with node.store.writing() as tx:
        take_record(tx, EMIL, RED, terms, subject=subject, policy=policy, now=now)
        assert records.find_version(tx, subject) == 2
        take_record(tx, EMIL, replace(RED, legal_basis="anew"), terms, subject=subject, policy=policy, now=now)
        assert records.find_version(tx, subject) == 3
        assert records.list_versions(tx, subject)[0].reason == IMPORTED
