"""Hand in a photo as a probe of a case, and see the faces found in it."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from semblance.audit.entry import Touched, Verb
from semblance.cases.case import CaseState
from semblance.errors import Conflict
from semblance.gallery.suitability import Shortfall, judge_suitability
from semblance.node.node import Node
from semblance.store import cases, probes
from semblance.store.probes import StoredProbe
from semblance.terms.ids import CaseId, ProbeId, make_id
from semblance.terms.permission import Action, Actor
from semblance.terms.samples import Extraction
from semblance.workflows.cases.cases import ask_for_case
from semblance.workflows.cases.erase_probes import purge_expired
from semblance.workflows.permission import log_act

UNSEARCHED_LIFE: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SubmittedProbe:
    """A probe that is held for searching, until it expires.

    ``shortfalls`` has one entry for each face of the extraction: what a reference would be refused for. A probe is
    searched all the same; whoever reads the candidates should know.
    """

    probe: ProbeId
    name: str
    extraction: Extraction
    shortfalls: tuple[tuple[Shortfall, ...], ...]


def submit_probe(node: Node, actor: Actor, case_id: CaseId, data: bytes, *, name: str) -> SubmittedProbe:
    """Hold a photo as a probe of a case and return the faces found in it.

    Unless it is searched, the probe expires after an hour. Raises NotFound where the case is not the authority's,
    Conflict where it is not open, a kind of IntakeError where the bytes are no readable photo; nothing is held then.
    """
    case, permit = ask_for_case(node, actor, Action.PROBE_SUBMIT, case_id)
    if case.state is not CaseState.OPEN:
        raise Conflict(
            "case.takes-no-probes",
            "The case {number} is {state}; probes are handed in in open cases only.",
            number=case.number,
            state=case.state,
        )
    purge_expired(node)
    extraction = node.extractor.extract(data, name=name)
    now = node.clock()
    stored = StoredProbe(
        id=ProbeId(make_id()),
        case=case.id,
        name=name,
        facts=extraction.facts,
        faces=extraction.faces,
        submitted_at=now,
        submitted_by=actor.name,
        expires_at=now + UNSEARCHED_LIFE,
    )
    with node.store.writing() as tx:
        probes.add_probe(tx, stored, data)
        cases.touch_case(tx, case.id, now)
        touched = Touched("probe", stored.id), Touched("case", case.id)
        log_act(tx, permit, Verb.COLLECTION, *touched, at=now, case=case)
    shortfalls = tuple(judge_suitability(face, node.suitability) for face in extraction.faces)
    # a template is made when a search for one face was justified, and is not handed around before
    return SubmittedProbe(stored.id, name, replace(extraction, template=None), shortfalls)
