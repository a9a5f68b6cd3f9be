"""Several photos of the same unknown person are searched together, each of them checked and recorded."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.cast import ALICE, CAROL, DORA
from tests.workflows.conftest import Clock
from tests.workflows.record_acts import enrol
from tests.workflows.searching import REASON, open_case, reveal, submit

from semblance.audit.search_record import SearchOutcome
from semblance.errors import Conflict, NotFound, RefusedByPolicy
from semblance.exchange.intake import IntakeItem
from semblance.node.node import Node
from semblance.store import authorisations, ledger, probes, searches
from semblance.store.schema.workbench import search_probe as search_probe_table
from semblance.terms.ids import ProbeId, SearchId
from semblance.terms.permission import Purpose
from semblance.workflows.cases.authorise import refuse_authorisation
from semblance.workflows.cases.probes import find_probe
from semblance.workflows.search.probe_faces import ChoiceNeeded, ProbeChoice
from semblance.workflows.search.search_answer import SearchAnswer
from semblance.workflows.search.search_gallery import NoFaceFound, search_probe

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]
WANTED: dict[str, Any] = {"purpose": Purpose.WANTED_PERSON, "number": "FR-2"}


@pytest.fixture
def filled(node: Node, draw: Draw, item: MakeItem) -> Node:
    enrol(node, [item(one, f"{one}.jpg", draw(one, take=1)) for one in ("A", "B", "C", "D")])
    return node


def join(node: Node, probe: ProbeId, *others: ProbeId | ProbeChoice) -> SearchAnswer:
    also = [one if isinstance(one, ProbeChoice) else ProbeChoice(one) for one in others]
    answer = search_probe(node, ALICE, probe, reason=REASON, also=also)
    assert isinstance(answer, SearchAnswer), answer
    return answer


def list_named(node: Node, search: SearchId) -> set[str]:
    with node.store.reading() as tx:
        rows = tx.connection.execute(search_probe_table.select())
        return {row.probe_id for row in rows if row.search_id == search}


def test_joined_photos_find_who_is_in_all_of_them_more_surely(filled: Node, draw: Draw) -> None:
    photos = [submit(filled, draw("B", take=take)) for take in (5, 6, 7)]
    alone = [reveal(filled, join(filled, one)).candidates[0] for one in photos]
    together = reveal(filled, join(filled, *photos)).candidates[0]
    assert together.number == "B"
    assert together.score is not None
    # the noise of three photos averages out
    assert together.score > max(one.score or 0.0 for one in alone)


def test_the_record_names_every_photo_and_all_are_kept(filled: Node, draw: Draw) -> None:
    first, second = submit(filled, draw("B", take=5)), submit(filled, draw("X", "B", take=6))
    answer = join(filled, first, ProbeChoice(second, 1))
    record = reveal(filled, answer).record
    assert [(one.probe, one.face, one.name) for one in record.also] == [(second, 1, "probe.jpg")]
    assert list_named(filled, answer.search) == {first, second}
    lone = join(filled, first)
    assert list_named(filled, lone.search) == {first}
    assert reveal(filled, lone).record.also == ()
    for probe in (first, second):
        kept = find_probe(filled, ALICE, probe)[0].expires_at
        assert kept >= record.when + timedelta(days=30)
    with filled.store.reading() as tx:
        number = max(one for one, _ in ledger.iterate_entries(tx))
        said = " ".join(opening.text for opening in ledger.read_openings(tx, number - 1))
    assert said


def test_a_face_must_be_chosen_in_each(filled: Node, draw: Draw) -> None:
    first, crowd, empty = submit(filled, draw("B")), submit(filled, draw("B", "C")), submit(filled, draw())
    needed = search_probe(filled, ALICE, first, reason=REASON, also=[ProbeChoice(crowd)])
    assert isinstance(needed, ChoiceNeeded)
    assert (needed.probe, len(needed.faces)) == (crowd, 2)
    with pytest.raises(NotFound, match="has no face 2"):
        search_probe(filled, ALICE, first, reason=REASON, also=[ProbeChoice(crowd, 2)])
    none = search_probe(filled, ALICE, first, reason=REASON, also=[ProbeChoice(empty)])
    assert isinstance(none, NoFaceFound)
    with filled.store.reading() as tx:
        record = searches.find_search(tx, none.search)
    assert record is not None
    assert record.outcome is SearchOutcome.NO_FACE
    assert [one.probe for one in record.also] == [empty]


def test_only_photos_of_one_case_each_once_and_few_enough(filled: Node, draw: Draw) -> None:
    first, elsewhere = submit(filled, draw("B")), submit(filled, draw("B", take=2), **WANTED)
    for also, words in (
        ([elsewhere], "another case"),
        ([first], "named twice"),
        ([submit(filled, draw("B", take=3))] * 2, "named twice"),
        ([ProbeId(str(number)) for number in range(20)], "21 photos"),
    ):
        with pytest.raises(Conflict, match=words):
            join(filled, first, *also)
    with pytest.raises(NotFound):
        join(filled, first, ProbeId("none"))


def test_a_photo_that_has_expired_is_not_searched_along(filled: Node, draw: Draw, clock: Clock) -> None:
    old = submit(filled, draw("B"))
    clock.now += timedelta(minutes=50)
    fresh = submit(filled, draw("B", take=2))
    clock.now += timedelta(minutes=20)
    with pytest.raises(NotFound, match=old):
        join(filled, fresh, old)


def test_each_photo_asks_for_its_own_authorisation_and_a_refusal_of_one_erases_what_they_found(
    filled: Node, draw: Draw
) -> None:
    first, second = submit(filled, draw("B"), **WANTED), submit(filled, draw("B", take=2), **WANTED)
    answer = join(filled, first, second)
    with filled.store.reading() as tx:
        asked = {one: authorisations.find_for_probe(tx, one) for one in (first, second)}
    held = asked[second]
    assert held is not None
    assert asked[first] is not None
    refuse_authorisation(filled, CAROL, held.id, reason="Not for this photo")
    with filled.store.reading() as tx:
        record = searches.find_search(tx, answer.search)
        assert record is not None
        assert record.erased
        assert (record.candidates, record.also) == ((), ())
        assert probes.find_probe(tx, second, now=filled.clock()) is None
        assert probes.find_probe(tx, first, now=filled.clock()) is not None
    # whoever tries the refused photo again, together with another, is refused for it
    third = submit(filled, draw("B", take=3), **WANTED)
    with pytest.raises(NotFound):
        join(filled, third, second)


def test_a_refusal_names_the_photo_that_it_is_for_and_is_recorded(filled: Node, draw: Draw) -> None:
    first, second = submit(filled, draw("B"), **WANTED), submit(filled, draw("B", take=2), **WANTED)
    with pytest.raises(RefusedByPolicy) as answer:
        search_probe(filled, DORA, first, reason=REASON, also=[ProbeChoice(second)])
    assert answer.value.rule == "policy.role"
    with filled.store.reading() as tx:
        (refused,) = [one.record for one in searches.list_searches(tx, DORA.authority, before=None, limit=9)]
    assert refused.outcome is SearchOutcome.REFUSED
    assert [one.probe for one in refused.also] == [second]
    assert list_named(filled, refused.search) == {first, second}
    assert open_case(filled, **WANTED).id == refused.case_id
