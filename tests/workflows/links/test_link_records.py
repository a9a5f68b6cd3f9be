"""From an unknown person's record to a link with another and back: the whole way, who is refused, what is hidden."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event
from tests.cast import ALICE, DORA, EMIL, FR, MALLORY
from tests.workflows.links.unknowns import (
    EMILE,
    REFUTE,
    WHY,
    compare,
    enrol_unknown,
    find_lead,
    list_found,
    make_from_probe,
    read,
    verify,
)
from tests.workflows.record_acts import catch_refusal, enrol
from tests.workflows.searching import open_case

from semblance.audit.entry import read_entry
from semblance.errors import Conflict, NotFound
from semblance.exchange.intake import IntakeItem
from semblance.node.node import Node
from semblance.store import ledger, links
from semblance.terms.ids import AuthorityCode, LeadId, LinkId, SubjectId
from semblance.terms.permission import Actor
from semblance.terms.record import Restriction, RestrictionMode
from semblance.workflows.examination.owner_check import answer_lead
from semblance.workflows.links.compare_record import compare_record
from semblance.workflows.links.link_records import link_records, part_records
from semblance.workflows.links.read_ties import read_ties
from semblance.workflows.records.erase_record import erase_record
from semblance.workflows.records.write_record import edit_record, withdraw_record
from semblance.workflows.search.search_answer import SearchAnswer

Draw = Callable[..., bytes]
Count = Callable[[Callable[[], object]], int]

BART = replace(EMIL, authority=AuthorityCode("BE"), name="bart")
NOT_FR = Restriction(RestrictionMode.EXCEPT, frozenset({FR}))
NOT_BE = Restriction(RestrictionMode.EXCEPT, frozenset({BART.authority}))


def list_acts(node: Node) -> list[tuple[str, str, str]]:
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    return [(entry["verb"], entry["action"], entry["person"]) for entry in entries]


def restrict(node: Node, actor: Actor, subject: SubjectId, restriction: Restriction) -> None:
    held = read(node, subject)
    draft = replace(held.draft, restriction=restriction)
    edit_record(node, actor, subject, draft, version=held.version, reason=WHY)


@pytest.fixture
def count(node: Node) -> Iterator[Count]:
    """Return what counts the statements that an act costs the database."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    engine = node.store._engine
    event.listen(engine, "before_cursor_execute", note)

    def counting(act: Callable[[], object]) -> int:
        statements.clear()
        act()
        # what the ledger reads of its tree goes by how long it is
        return sum("ledger_node" not in statement for statement in statements)

    yield counting
    event.remove(engine, "before_cursor_execute", note)


def test_the_whole_way_to_a_link_and_back(node: Node, mine: SubjectId, theirs: SubjectId, found: SearchAnswer) -> None:
    assert theirs in list_found(found)
    assert mine not in list_found(found)
    lead = verify(node, found, "A")
    (told,) = read_ties(node, EMILE, mine).leads
    assert (told.lead, told.other.subject, told.linkable) == (lead, theirs, True)
    link = link_records(node, EMILE, lead, reason=WHY)
    assert list_acts(node)[-1] == ("combination", "unknown.link", "emile")
    for reader, subject, other in ((EMILE, mine, theirs), (EMIL, theirs, mine)):
        (shown,) = read_ties(node, reader, subject).links
        assert shown.other is not None
        assert (shown.other.subject, shown.linked_why, shown.link.linked_by) == (other, WHY, "emile")
        assert shown.link.parted_at is None
    assert [told.linkable for told in read_ties(node, EMILE, mine).leads] == [False]
    part_records(node, EMIL, link.id, reason="The tattoos differ after all")
    assert list_acts(node)[-1] == ("alteration", "unknown.part", "emil")
    (shown,) = read_ties(node, EMILE, mine).links
    assert (shown.link.parted_by, shown.linked_why, shown.parted_why) == ("emil", WHY, "The tattoos differ after all")
    with pytest.raises(Conflict, match="parted these two records already"):
        part_records(node, EMILE, link.id, reason=WHY)
    # parted, they can be linked again, and the history keeps both
    again = link_records(node, EMILE, lead, reason=WHY)
    assert [told.link.id for told in read_ties(node, EMIL, theirs).links] == [link.id, again.id]
    # each kept what is its own all the time
    assert (read(node, mine).owner, read(node, theirs).owner) == (FR, EMIL.authority)


def test_of_two_people_who_link_the_same_two_the_second_is_told(
    node: Node, mine: SubjectId, found: SearchAnswer
) -> None:
    lead = verify(node, found, "A")
    link = link_records(node, EMILE, lead, reason=WHY)
    with pytest.raises(Conflict, match="emile linked these two records already"):
        link_records(node, replace(EMILE, name="eve"), lead, reason=WHY)
    with pytest.raises(Conflict, match="just written the same"), node.store.writing() as tx:
        links.add_link(tx, replace(link, id=LinkId("0" * 32)))
    assert [told.link for told in read_ties(node, EMILE, mine).links] == [link]


def test_nothing_is_linked_without_a_verified_lead(node: Node, mine: SubjectId, found: SearchAnswer) -> None:
    lead = find_lead(node, found, "A")
    assert catch_refusal(lambda: link_records(node, EMILE, lead, reason=WHY)).rule == "link.not-verified"
    answer_lead(node, EMIL, lead, REFUTE)
    assert catch_refusal(lambda: link_records(node, EMILE, lead, reason=WHY)).rule == "link.not-verified"
    assert read_ties(node, EMILE, mine).links == ()


def test_both_owners_agree(node: Node, found: SearchAnswer) -> None:
    lead = verify(node, found, "A")
    # DE agreed by confirming; FR, whose photo was compared, was not asked yet
    assert catch_refusal(lambda: link_records(node, EMIL, lead, reason=WHY)).rule == "link.agreement"
    link_records(node, EMILE, lead, reason=WHY)


def test_records_of_one_owner_are_linked_by_its_people(node: Node, draw: Draw) -> None:
    first, _ = (enrol_unknown(node, draw, number, "A") for number in ("A1", "A22"))
    link_records(node, replace(EMIL, name="berta"), verify(node, compare(node, first), "A22"), reason=WHY)


def test_somebody_known_is_not_linked(node: Node, draw: Draw, mine: SubjectId) -> None:
    enrol(node, [IntakeItem("K", "k.jpg", lambda: draw("A", take=3))])
    lead = verify(node, compare(node, mine), "K")
    assert catch_refusal(lambda: link_records(node, EMILE, lead, reason=WHY)).rule == "link.kinds"


def test_mallory_and_other_roles_are_refused(node: Node, mine: SubjectId, found: SearchAnswer) -> None:
    lead = verify(node, found, "A")
    link, case = link_records(node, EMILE, lead, reason=WHY), open_case(node)
    acts: tuple[Callable[[Actor], object], ...] = (
        lambda actor: link_records(node, actor, lead, reason=WHY),
        lambda actor: part_records(node, actor, link.id, reason=WHY),
        lambda actor: compare_record(node, actor, mine, case.id, reason=WHY),
    )
    for actor, rule in ((MALLORY, "authority.not-admitted"), (DORA, "policy.role")):
        for act in acts:
            assert catch_refusal(partial(act, actor)).rule == rule
            assert list_acts(node)[-1][0] == "refusal"
    assert catch_refusal(lambda: read_ties(node, MALLORY, mine)).rule == "authority.not-admitted"
    assert catch_refusal(lambda: link_records(node, ALICE, lead, reason=WHY)).rule == "policy.role"


def test_an_authority_that_owns_neither_is_answered_as_if_there_were_nothing(
    node: Node, found: SearchAnswer, count: Count
) -> None:
    lead = verify(node, found, "A")
    link = link_records(node, EMILE, lead, reason=WHY)

    def answer(act: Callable[[str], object], which: str) -> tuple[str, int]:
        def run() -> None:
            with pytest.raises(NotFound) as raised:
                act(which)
            said.append(str(raised.value).replace(which, "ID"))

        said: list[str] = []
        cost = count(run)
        return said[0], cost

    def linking(which: str) -> object:
        return link_records(node, BART, LeadId(which), reason=WHY)

    def parting(which: str) -> object:
        return part_records(node, BART, LinkId(which), reason=WHY)

    assert answer(linking, lead) == answer(linking, "0" * 32)
    assert answer(parting, link.id) == answer(parting, "0" * 32)


def test_who_may_not_see_one_of_the_two_does_not_learn_of_the_link(
    node: Node, draw: Draw, mine: SubjectId, theirs: SubjectId, found: SearchAnswer, count: Count
) -> None:
    link_records(node, EMILE, verify(node, found, "A"), reason=WHY)
    assert len(read_ties(node, BART, mine).links) == 1
    restrict(node, EMIL, theirs, NOT_BE)
    assert read_ties(node, BART, mine).links == ()
    lonely = make_from_probe(node, draw("Z", take=50)).subject
    assert count(lambda: read_ties(node, BART, mine)) == count(lambda: read_ties(node, BART, lonely))
    # an owner to whom the other record was closed sees its own as if it stood alone
    restrict(node, EMIL, theirs, NOT_FR)
    alone = read_ties(node, EMILE, mine)
    assert (alone.links, alone.leads) == ((), ())
    assert theirs not in {answer.other.subject for answer in alone.answers}


def test_erasing_one_leaves_the_other_and_the_link_says_so(
    node: Node, mine: SubjectId, theirs: SubjectId, found: SearchAnswer
) -> None:
    link = link_records(node, EMILE, verify(node, found, "A"), reason=WHY)
    erase_record(node, EMIL, theirs, reason="Its time is over")
    (shown,) = read_ties(node, EMILE, mine).links
    assert (shown.other, shown.link.id, shown.may_part) == (None, link.id, True)
    # of the others nobody knows any more who might have known
    assert read_ties(node, BART, mine).links == ()
    part_records(node, EMILE, link.id, reason="Nothing is left to be linked with")


@pytest.mark.parametrize("how", ["withdrawn", "restricted", "erased"])
def test_a_record_that_is_closed_before_the_link_is_not_linked(
    node: Node, theirs: SubjectId, found: SearchAnswer, how: str
) -> None:
    lead = verify(node, found, "A")
    if how == "withdrawn":
        withdraw_record(node, EMIL, theirs, reason=WHY)
        assert catch_refusal(lambda: link_records(node, EMILE, lead, reason=WHY)).rule == "link.state"
        return
    if how == "restricted":
        restrict(node, EMIL, theirs, NOT_FR)
    else:
        erase_record(node, EMIL, theirs, reason=WHY)
    with pytest.raises(NotFound):
        link_records(node, EMILE, lead, reason=WHY)
