"""Look at a probe that is held: only in one's own authority's cases, and not after its time."""

from semblance.cases.case import Case
from semblance.errors import NotFound
from semblance.node.node import Node
from semblance.store import probes
from semblance.store.probes import StoredProbe
from semblance.terms.ids import ProbeId
from semblance.terms.permission import Action, Actor
from semblance.workflows.cases.cases import ask_for_case
from semblance.workflows.permission import Permitted
from semblance.workflows.records.read_record import PhotoBytes


def ask_for_probe(
    node: Node, actor: Actor, probe: ProbeId, action: Action = Action.CASE_READ
) -> tuple[StoredProbe, Case, Permitted]:
    """Return a probe without its bytes, its case, and the permit to do the action with it.

    Raises NotFound where it is not held, not any more, or another authority's.
    """
    with node.store.reading() as tx:
        stored = probes.find_probe(tx, probe, now=node.clock())
    if stored is None:
        raise missing_probe(probe)
    try:
        return stored, *ask_for_case(node, actor, action, stored.case)
    except NotFound:
        raise missing_probe(probe) from None


def find_probe(node: Node, actor: Actor, probe: ProbeId) -> tuple[StoredProbe, Case]:
    """Return a probe without its bytes, and its case; raises NotFound as ask_for_probe does."""
    stored, case, _ = ask_for_probe(node, actor, probe)
    return stored, case


def list_siblings(node: Node, actor: Actor, probe: ProbeId) -> tuple[StoredProbe, ...]:
    """Return the other probes of the same case that are held, oldest first; raises NotFound."""
    _, case, _ = ask_for_probe(node, actor, probe)
    with node.store.reading() as tx:
        in_case = probes.list_probes(tx, case.id, now=node.clock())
    return tuple(sibling for sibling in in_case if sibling.id != probe)


def read_probe(node: Node, actor: Actor, probe: ProbeId) -> PhotoBytes:
    """Return a probe's bytes; raises NotFound as ask_for_probe does."""
    stored, _, _ = ask_for_probe(node, actor, probe)
    return PhotoBytes(stored.name, stored.facts.media_type, read_bytes(node, probe))


def read_bytes(node: Node, probe: ProbeId) -> bytes:
    """Return the bytes of a probe that was asked for before; raises NotFound where it is not held any more."""
    with node.store.reading() as tx:
        data = probes.read_probe_bytes(tx, probe)
    if data is None:
        raise missing_probe(probe)
    return data


def missing_probe(probe: ProbeId) -> NotFound:
    """Return the error for a probe that is not held, not any more, or another authority's."""
    return NotFound(
        "probe.missing", "There is no probe {number}, or it has expired; submit the photo again.", number=probe
    )
