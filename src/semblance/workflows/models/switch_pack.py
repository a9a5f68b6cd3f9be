"""Search a filled gallery with another pack of which it has templates, and back again; check its index."""

from dataclasses import dataclass

from semblance.audit.entry import Touched, Verb
from semblance.errors import Conflict, PackConflict
from semblance.faces.extractor import Extractor
from semblance.faces.packs.manifest import PackManifest
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.node.reconcile_index import Progress, Reconciled
from semblance.store import gallery, other_packs
from semblance.store.other_packs import Coverage
from semblance.terms.ids import PackDigest
from semblance.terms.permission import Action, Actor
from semblance.workflows.permission import ask, log_act, record_act, require_reason


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


def switch_gallery(
    node: Node, actor: Actor, pack: PackManifest | Extractor, *, reason: str, leave_missing: bool = False
) -> Switched:
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
        gallery.set_pack(tx, pack.digest, pack.name, pack.metric, pack.dimension)
        missing = coverage.references - coverage.made
        why = Message(
            "models.switched",
            "{reason} ({before} to {after}; {n} references left out)",
            reason=reason,
            before=coverage.pack_name,
            after=pack.name,
            n=missing,
        )
        touched, at = Touched("pack", pack.digest), node.clock()
        entry = log_act(tx, permit, Verb.ALTERATION, touched, at=at, action="model.switch", reason=why)
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
                    log_act(tx, permit, Verb.ERASURE, at=node.clock(), action="model.forget", reason=why)
            gone += done
            if not done:
                break
    node.store.clear_deleted()
    return gone


def check_index(node: Node, actor: Actor, *, repair: bool, on_progress: Progress | None = None) -> Reconciled:
    """Compare the node's index with its store, and repair it where asked to, which is recorded.

    Raises IndexUnreachable.
    """
    permit = ask(node, actor, Action.MODEL_CHANGE)
    found = node.index.reconcile(repair=repair, on_progress=on_progress)
    if found.repaired:
        reason = Message(
            "models.index-repaired",
            "index repaired: {missing} missing, {stray} stray, {stale} stale references",
            missing=found.missing,
            stray=found.stray,
            stale=found.stale,
        )
        record_act(node, permit, Verb.ALTERATION, action="index.repair", reason=reason)
    return found


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
