"""Searches as Alice of FR makes them: short ways to do what many tests begin with."""

from typing import Any

from tests.cast import ALICE
from tests.workflows.records import granted

from semblance.cases.case import Case, CaseDraft, Category
from semblance.store import cases as stored_cases
from semblance.terms.actor import Actor
from semblance.terms.ids import ProbeId
from semblance.terms.purpose import Purpose
from semblance.workflows import cases
from semblance.workflows.identify import search_probe
from semblance.workflows.node import Node
from semblance.workflows.search_answer import SearchAnswer
from semblance.workflows.submit_probe import submit_probe

REASON = "Found at the station without papers"
NUMBER = "FR-2026-17"


def open_case(
    node: Node, actor: Actor = ALICE, *, number: str = NUMBER, purpose: Purpose = Purpose.MISSING_PERSON
) -> Case:
    """Open a case, or find the one of that number that is open."""
    with node.store.reading() as tx:
        held = stored_cases.find_numbered(tx, actor.authority, number)
    if held is not None:
        return held
    wanted = purpose is Purpose.WANTED_PERSON
    draft = CaseDraft(
        number=number,
        purpose=purpose,
        category=Category.SUSPECT if wanted else Category.MISSING,
        aim="to find out who it is",
        offence="robbery" if wanted else "",
        link="" if wanted else "report 2026/3",
    )
    return granted(cases.open_case(node, actor, draft))


def submit(node: Node, data: bytes, actor: Actor = ALICE, **about: Any) -> ProbeId:
    """Hand a photo in as a probe of a case."""
    case = open_case(node, actor, **about)
    return granted(submit_probe(node, actor, case.id, data, name="probe.jpg")).probe


def search(
    node: Node, data: bytes, actor: Actor = ALICE, *, about: dict[str, Any] | None = None, **options: Any
) -> SearchAnswer:
    """Search the gallery for the face in the photo."""
    answer = search_probe(node, actor, submit(node, data, actor, **(about or {})), reason=REASON, **options)
    assert isinstance(answer, SearchAnswer), answer
    return answer
