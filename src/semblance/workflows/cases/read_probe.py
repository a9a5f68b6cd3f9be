"""Look at a probe that is held: only in one's own authority's cases, and not after its time."""

from dataclasses import dataclass
from datetime import datetime

from semblance.cases.case import Case
from semblance.errors import NotFound
from semblance.node.node import Node
from semblance.store import probes
from semblance.store.probes import StoredProbe
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.ids import ProbeId
from semblance.terms.permission import Refusal
from semblance.terms.samples import FaceSample, PhotoFacts
from semblance.workflows.cases.require_case import ask_for_case
from semblance.workflows.records.read_record import PhotoBytes


@dataclass(frozen=True, slots=True)
class ProbeDetail:
    """A probe that is held, without its bytes, and the case that it is in."""

    probe: ProbeId
    case: Case
    name: str
    facts: PhotoFacts
    faces: tuple[FaceSample, ...]
    submitted_at: datetime
    submitted_by: str
    expires_at: datetime


def describe_probe(node: Node, actor: Actor, probe: ProbeId) -> ProbeDetail:
    """Return a probe without its bytes; raises NotFound where it is not held, not any more, or another authority's."""
    found = _ask(node, actor, probe)
    return found if isinstance(found, Refusal) else describe_stored_probe(*found)


def list_siblings(node: Node, actor: Actor, probe: ProbeId) -> tuple[ProbeDetail, ...]:
    """Return the other probes of the same case that are held, oldest first; raises NotFound."""
    found = _ask(node, actor, probe)
    _, case = found
    with node.store.reading() as tx:
        held = probes.list_probes(tx, case.id, now=node.clock())
    return tuple(describe_stored_probe(one, case) for one in held if one.id != probe)


def read_probe(node: Node, actor: Actor, probe: ProbeId) -> PhotoBytes:
    """Return a probe's bytes; raises NotFound where it is not held, not any more, or another authority's."""
    found = _ask(node, actor, probe)
    stored, _ = found
    with node.store.reading() as tx:
        data = probes.read_probe_bytes(tx, probe)
    if data is None:
        raise _missing(probe)
    return PhotoBytes(stored.name, stored.facts.media_type, data)


def describe_stored_probe(stored: StoredProbe, case: Case) -> ProbeDetail:
    """Return what is shown of a stored probe."""
    return ProbeDetail(
        probe=stored.id,
        case=case,
        name=stored.name,
        facts=stored.facts,
        faces=stored.faces,
        submitted_at=stored.submitted_at,
        submitted_by=stored.submitted_by,
        expires_at=stored.expires_at,
    )


def _ask(node: Node, actor: Actor, probe: ProbeId) -> tuple[StoredProbe, Case]:
    with node.store.reading() as tx:
        stored = probes.find_probe(tx, probe, now=node.clock())
    if stored is None:
        raise _missing(probe)
    try:
        found = ask_for_case(node, actor, Action.CASE_READ, stored.case)
    except NotFound:
        raise _missing(probe) from None
    return found if isinstance(found, Refusal) else (stored, found[0])


def _missing(probe: ProbeId) -> NotFound:
    return NotFound(
        "cases.no-probe-expired-submit-photo",
        "There is no probe {number}, or it has expired; submit the photo again.",
        number=probe,
    )
