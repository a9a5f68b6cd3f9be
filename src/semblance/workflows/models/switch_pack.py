"""Search a filled gallery with another pack of which it has templates, and back again; each in one act."""

from dataclasses import dataclass

from semblance.audit.entry import Touched, Verb
from semblance.errors import Conflict, PackConflict
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import gallery, ledger, other_packs
from semblance.store.other_packs import Coverage
from semblance.terms.ids import PackDigest
from semblance.terms.permission import Action, Actor
from semblance.terms.samples import Metric
from semblance.workflows.permission import ask, describe_act, require_reason


@dataclass(frozen=True, slots=True)
class PackFacts:
    """What a gallery needs to know of the pack that it is searched with."""

    name: str
    digest: PackDigest
    metric: Metric
    dimension: int


@dataclass(frozen=True, slots=True)
class Switched:
    """Which pack is searched now, how many references it cannot find, and the ledger entry."""

    pack_name: str
    references: int
    missing: int
    entry: int


def can_switch(node: Node, pack: PackDigest) -> bool:
    """Return whether the gallery is searched with another pack and has templates of this one, too."""
    with node.store.reading() as tx:
        coverage = other_packs.read_coverage(tx, pack)
    return coverage.searched not in (None, pack) and coverage.made > 0


def switch_gallery(node: Node, actor: Actor, pack: PackFacts, *, reason: str, leave_missing: bool = False) -> Switched:
    """Make a pack the one that the gallery is searched with; those of the pack before stay, so that it can go back.

    Whatever was searched, examined or decided before stays as it is: it names its pack and its photos. Raises
    PackConflict where references have no template of the pack, unless ``leave_missing``: they are found by nobody then.
    """
    require_reason(
        reason, Message("operator.models.why-switched", "Say why the gallery is searched with another pack.")
    )
    permit = ask(node, actor, Action.MODEL_CHANGE)
    with node.store.writing() as tx:
        coverage = other_packs.read_coverage(tx, pack.digest)
        _require_covered(coverage, pack.name, leave_missing=leave_missing)
        other_packs.switch(tx, pack.digest, pack.name, pack.metric, pack.dimension)
        missing = coverage.references - coverage.made
        act = describe_act(
            actor,
            permit,
            Verb.ALTERATION,
            "model.switch",
            reason=Message(
                "models.switched",
                "{reason} ({before} to {after}; {n} references left out)",
                reason=reason,
                before=coverage.pack_name,
                after=pack.name,
                n=missing,
            ),
            touched=(Touched("pack", pack.digest),),
        )
        entry = ledger.append(tx, act, at=node.clock())
    return Switched(pack.name, coverage.references, missing, entry)


def forget_other_packs(node: Node, actor: Actor, *, reason: str) -> int:
    """Delete the templates of every pack but the one that is searched; return how many references they were of.

    There is no way back but making them anew. Raises Conflict where references have no template of the pack that is
    searched: theirs of another pack is the only one that they have.
    """
    require_reason(reason, Message("operator.models.why-deleted", "Say why the templates of other packs are deleted."))
    permit = ask(node, actor, Action.MODEL_CHANGE)
    with node.store.reading() as tx:
        searched = gallery.read_pack(tx)
        coverage = None if searched is None else other_packs.read_coverage(tx, searched)
    if coverage is not None and coverage.made < coverage.references:
        raise Conflict(
            "operator.models.only-template",
            "{references} references have no template of the pack {pack}, only of another one. Make them "
            "with `semblance models migrate {pack}`, or erase their records; nothing was deleted.",
            references=coverage.references - coverage.made,
            pack=coverage.pack_name,
        )
    gone = 0
    for step in (other_packs.settle_templates, other_packs.forget_beside):
        while True:
            with node.store.writing() as tx:
                done = step(tx)
                if done:
                    why = Message(
                        "models.templates-deleted",
                        "{reason} ({n} templates of packs that are not searched)",
                        reason=reason,
                        n=done,
                    )
                    act = describe_act(actor, permit, Verb.ERASURE, "model.forget", reason=why)
                    ledger.append(tx, act, at=node.clock())
            gone += done
            if not done:
                break
    node.store.clear_deleted()
    return gone


def _require_covered(coverage: Coverage, name: str, *, leave_missing: bool) -> None:
    if coverage.wanting:
        raise PackConflict(
            "operator.models.not-all-looked-at",
            "{wanting} of {references} references have no template of the pack {name} yet. Make them with "
            "`semblance models migrate {name}`; nothing was changed.",
            wanting=coverage.wanting,
            references=coverage.references,
            name=name,
        )
    if coverage.faults and not leave_missing:
        raise PackConflict(
            "operator.models.some-without-template",
            "Of {faults} of {references} references the pack {name} can make no template; no search would find "
            "them. `--leave-missing` switches all the same; nothing was changed.",
            faults=coverage.faults,
            references=coverage.references,
            name=name,
        )
