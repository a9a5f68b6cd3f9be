"""A standing search for somebody in a record: who was answered before is not offered again until a photo comes."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from tests.cast import ALICE, CAROL, DE, EMIL
from tests.workflows.conftest import Clock
from tests.workflows.links.unknowns import CONFIRM, EMILE, UNKNOWN, WHY, enrol_unknown, find_lead
from tests.workflows.record_acts import enrol
from tests.workflows.searching import conclude, open_case
from tests.workflows.stand_in import draw
from tests.workflows.standing.nights import ask, begin, fill, list_found, list_subjects, pass_night, read

from semblance.audit.entry import read_entry
from semblance.cases.standing_search import StandingSearch
from semblance.exchange.intake import IntakeItem
from semblance.node.node import Node
from semblance.store import ledger
from semblance.store.links import order_pair
from semblance.store.schema.link import answered_pair, record_link
from semblance.terms.ids import SubjectId
from semblance.terms.record import Restriction, RestrictionMode
from semblance.workflows.examination.owner_check import answer_lead
from semblance.workflows.links.compare_record import compare_record
from semblance.workflows.links.link_records import link_records
from semblance.workflows.links.read_ties import read_ties
from semblance.workflows.records.read_record import read_record
from semblance.workflows.records.write_record import edit_record
from semblance.workflows.search.search_answer import SearchAnswer
from semblance.workflows.search.search_gallery import search_probe
from semblance.workflows.standing.decide_standing import grant_standing
from semblance.workflows.standing.settle_run import RUN


@pytest.fixture
def mine(node: Node) -> SubjectId:
    """Return FR's record of an unknown person, in a gallery in which hardly anybody else is looked at."""
    fill(node)
    return enrol_unknown(node, draw, "FR-A", "A", EMILE)


def search_once(node: Node, subject: SubjectId) -> SearchAnswer:
    """Search for the two people most alike to a record's photo."""
    probe = compare_record(node, ALICE, subject, open_case(node).id, reason=WHY)
    answer = search_probe(node, ALICE, probe.id, reason=WHY, limit=2)
    assert isinstance(answer, SearchAnswer)
    return answer


def seek(node: Node, subject: SubjectId) -> StandingSearch:
    """Have a new photo of a record sought each night, from the whole gallery on, since nobody searched for it."""
    probe = compare_record(node, ALICE, subject, open_case(node).id, reason=WHY)
    return grant_standing(node, CAROL, ask(node, probe.id).id, reason="Nothing else is left to try")


def add_photo(node: Node, number: str, person: str, take: int) -> None:
    enrol(node, [IntakeItem(number, f"{take}.jpg", lambda: draw(person, take=take))], UNKNOWN)


def read_last_run(node: Node) -> str:
    """Return what the ledger says of the newest run."""
    with node.store.reading() as tx:
        entries = ledger.iterate_entries(tx)
        last = max(entry for entry, data in entries if read_entry(data)["action"] == RUN)
        return " ".join(opening.text for opening in ledger.read_openings(tx, last))


def test_who_was_answered_before_is_not_offered_until_a_photo_comes(node: Node, clock: Clock, mine: SubjectId) -> None:
    theirs = enrol_unknown(node, draw, "DE-A", "A")
    conclude(node, search_once(node, mine).search)
    standing = seek(node, mine)
    assert pass_night(node, clock) == 1
    # neither the record itself nor who was answered before
    assert list_subjects(node, standing.id) == []
    assert '"standing.ran-answered"' in read_last_run(node)
    assert (read(node, standing.id).cost.runs, read(node, standing.id).cost.cut) == (1, 0)
    fresh = enrol_unknown(node, draw, "DE-A2", "A")
    pass_night(node, clock)
    assert list_subjects(node, standing.id) == [[fresh]]
    add_photo(node, "DE-A", "A", take=77)
    pass_night(node, clock)
    assert list_subjects(node, standing.id) == [[fresh], [theirs]]
    # what people say of whom a night found is remembered in turn
    first = list_found(node, standing.id)[0]
    assert (first.origin, first.answered) == (mine, 0)
    conclude(node, first.search)
    assert fresh in {answer.other.subject for answer in read_ties(node, EMILE, mine).answers}
    again = seek(node, mine)
    pass_night(node, clock)
    assert list_subjects(node, again.id) == [[theirs]]
    assert list_found(node, again.id)[0].answered == 1


def test_linked_records_and_those_whose_owner_may_not_see_this_one_are_not_offered(
    node: Node, clock: Clock, mine: SubjectId
) -> None:
    enrol_unknown(node, draw, "DE-A", "A")
    lead = find_lead(node, search_once(node, mine), "DE-A")
    answer_lead(node, EMIL, lead, CONFIRM)
    link_records(node, EMILE, lead, reason=WHY)
    standing = seek(node, mine)
    assert pass_night(node, clock) == 1
    assert list_subjects(node, standing.id) == []
    held = read_record(node, EMILE, mine).record
    hidden = replace(held.draft, restriction=Restriction(RestrictionMode.EXCEPT, frozenset({DE})))
    edit_record(node, EMILE, mine, hidden, version=held.version, reason=WHY)
    enrol_unknown(node, draw, "DE-A2", "A")
    own = enrol_unknown(node, draw, "FR-A2", "A", EMILE)
    pass_night(node, clock)
    assert list_subjects(node, standing.id) == [[own]]


def test_what_was_written_by_hand_keeps_nobody_from_people(node: Node, clock: Clock, mine: SubjectId) -> None:
    conclude(node, search_once(node, mine).search)
    changed, added = (enrol_unknown(node, draw, number, "A") for number in ("DE-A", "DE-A2"))
    standing, whole = seek(node, mine), begin(node, "sought")
    with node.store.writing() as tx:
        remembered = tx.connection.execute(sa.select(answered_pair)).first()
        assert remembered is not None
        whose = answered_pair.c.id == remembered.id
        row = remembered._asdict() | name_sides(mine, added) | {"id": "f" * 32}
        link: dict[str, object] = {**name_sides(mine, added), "id": "f" * 32, "lead_id": "e" * 32, "linked_in": 1}
        link |= {"first_owner": "FR", "second_owner": "DE", "linked_at": clock.now, "linked_by": "emile"}
        tx.connection.execute(sa.update(answered_pair).where(whose).values(name_sides(mine, changed)))
        tx.connection.execute(sa.insert(answered_pair).values(row))
        tx.connection.execute(sa.insert(record_link).values(link))
    assert pass_night(node, clock) == 2
    assert {*list_subjects(node, standing.id)[0]} == {changed, added}
    assert read(node, whole.id).cost.runs == 1


def name_sides(one: SubjectId, other: SubjectId) -> dict[str, str]:
    first, second = order_pair(one, other)
    return {"first_id": first, "second_id": second}
