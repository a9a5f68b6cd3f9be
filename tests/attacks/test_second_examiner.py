"""A second examiner tries to learn the first one's opinion, a rank or a score, from all that is handed to them."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.attacks.test_examiner import list_entries, list_ids
from tests.cast import ALICE, BOB
from tests.workflows.record_acts import enrol
from tests.workflows.searching import POTENTIAL, find_pseudonym, open_case, review_candidates, submit

from semblance.audit.checkpoint import SigningKey
from semblance.edge.cases import describe_case_detail
from semblance.edge.searches import describe_search_page
from semblance.errors import Conflict, NotFound
from semblance.exchange.intake import IntakeItem
from semblance.node.node import Node
from semblance.store.ledger_witness import LedgerSeat
from semblance.terms.permission import Actor, Role
from semblance.workflows.cases.cases import close_case, read_case
from semblance.workflows.examination.comparison import read_comparison
from semblance.workflows.examination.opinions import give_opinion, save_draft
from semblance.workflows.examination.read_outcome import read_outcome
from semblance.workflows.examination.reviews import begin_review, list_waiting, read_review
from semblance.workflows.oversight import ledger
from semblance.workflows.search.search_answer import SearchAnswer, list_searches, read_search
from semblance.workflows.search.search_gallery import search_probe

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]

OFFICER = replace(BOB, roles=BOB.roles | {Role.DATA_PROTECTION_OFFICER, Role.SUPERVISOR})
"""Bob, with every role besides that lets one look."""


@pytest.fixture
def judged(node: Node, draw: Draw, item: MakeItem) -> SearchAnswer:
    """Return a search of which Alice took a candidate for a potential one, and closed; Bob has yet to look."""
    node.store.ledger = LedgerSeat(SigningKey("semblance.invalid/test", bytes(range(32))))
    enrol(node, [item(name, f"{name}.jpg", draw(name)) for name in "ABC"])
    open_case(node)
    answer = search_probe(node, ALICE, submit(node, draw("A", take=5)), reason="Found at the station")
    assert isinstance(answer, SearchAnswer)
    review_candidates(node, ALICE, answer.search, potential=[find_pseudonym(node, answer.search, "A")])
    return answer


@pytest.mark.parametrize("actor", [BOB, OFFICER], ids=["examiner", "officer-besides"])
def test_nothing_that_is_handed_out_tells_the_first_opinion(node: Node, judged: SearchAnswer, actor: Actor) -> None:
    assert judged.examination is not None
    which = judged.examination.id
    begin_review(node, actor, which)
    told = repr(
        (
            read_review(node, actor, which),
            [read_comparison(node, actor, which, line.pseudonym) for line in read_review(node, actor, which).lines],
            list_waiting(node, actor),
            read_search(node, actor, judged.search).candidates,
        )
    )
    for secret in ("POTENTIAL", "potential", "Nose, ears", "rank=1", "alice closed"):
        assert secret not in told
    with pytest.raises(Conflict):
        read_outcome(node, actor, which)
    numbers = list_entries(node, "opinion.record", "examination.close", "gallery.search")
    assert len(numbers) == 3
    if actor is OFFICER:
        assert [list_ids(node, actor, number) for number in numbers] == [set()] * 3
        page = ledger.list_newest(node, actor, ledger.Filter(), before=None, limit=100)
        closed = [entry for entry in page.entries if entry.fields["number"] in numbers]
        assert [entry.reason for entry in closed] == [None] * 3


def test_an_opinion_is_not_given_once_the_case_was_closed_to_look(node: Node, judged: SearchAnswer) -> None:
    """Whoever closes the case to open the ledger's entries can give no opinion after it, in a review begun before."""
    assert judged.examination is not None
    which = judged.examination.id
    begin_review(node, OFFICER, which)
    close_case(node, OFFICER, judged.record.case_id, reason="To have a look")
    assert any(list_ids(node, OFFICER, number) for number in list_entries(node, "gallery.search"))
    for act in (save_draft, give_opinion):
        with pytest.raises((Conflict, NotFound)):
            act(node, OFFICER, which, "C-01", POTENTIAL, version=0)


def test_the_lists_of_searches_name_no_candidate_while_they_are_examined(node: Node, judged: SearchAnswer) -> None:
    (listed,) = describe_search_page(list_searches(node, BOB)).searches
    (in_case,) = describe_case_detail(read_case(node, BOB, judged.record.case_id), node.suitability).searches
    for document in (listed, in_case):
        assert (document.candidate_count, document.candidates, document.examination_state) == (None, (), "open")
