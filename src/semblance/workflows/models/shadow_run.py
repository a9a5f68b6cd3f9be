"""Search past probes again with two packs side by side, to see what another pack would change before it is used.

It is no search of its own: nobody is told of a candidate whom they were not told of before. While an examination is
open, only counts come of it; of concluded ones the pseudonyms under which candidates were examined, and their ranks.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from semblance.audit.entry import Act, Touched, Verb
from semblance.audit.search_record import SearchRecord
from semblance.cases.check import find_searchable
from semblance.cases.examination import ExaminationState
from semblance.errors import Conflict, IntakeError, KeyDestroyed, NotFound, PackConflict
from semblance.faces.extractor import Extractor, extract_face
from semblance.messages.message import Message
from semblance.node.gallery_index import GalleryIndex
from semblance.node.lookahead import listen_for_stop
from semblance.node.node import Node
from semblance.store import examinations, leads, ledger, other_packs, searches
from semblance.store.engine import Transaction
from semblance.terms.ids import SearchId, SubjectId
from semblance.terms.permission import Action, Actor, Permit, Purpose
from semblance.terms.samples import Template
from semblance.workflows.examination.comparison import load_probe
from semblance.workflows.permission import ask, require_reason
from semblance.workflows.search.open_examination import find_among

DEFAULT_SEARCHES: Final = 200

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Moved:
    """Where an examined candidate stands with the pack that is searched and with the other; None is not in the list.

    ``lead``: two people concluded that the photos show one person.
    """

    pseudonym: str
    before: int | None
    after: int | None
    lead: bool


@dataclass(frozen=True, slots=True)
class ShadowRow:
    """One past search, searched again with both packs over the gallery as it is now.

    ``moved``: candidates in both lists at another rank; ``entered`` and ``left``: those in one list only. ``first``:
    both put the same record first. ``examined``: the candidates of a concluded examination whose rank differs, and all
    leads; empty while it is open.
    """

    search: SearchId
    first: bool
    moved: int
    entered: int
    left: int
    examined: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class ShadowReport:
    """What another pack would change; ``skipped`` says why some searches could not be repeated, and how many."""

    pack_name: str
    rows: tuple[ShadowRow, ...]
    skipped: dict[Message, int]
    interrupted: bool

    @property
    def same_first(self) -> int:
        """Return in how many searches both packs put the same record first."""
        return sum(row.first for row in self.rows)

    @property
    def unchanged(self) -> int:
        """Return in how many searches both packs give the same records at the same ranks."""
        return sum(not (row.moved or row.entered or row.left) for row in self.rows)

    @property
    def leads(self) -> tuple[Moved, ...]:
        """Return where the leads stand, which two people made."""
        return tuple(moved for row in self.rows for moved in row.examined if moved.lead)


def run_shadow(
    node: Node,
    actor: Actor,
    extractor: Extractor,
    *,
    reason: str,
    searches_at_most: int = DEFAULT_SEARCHES,
    on_progress: Progress | None = None,
) -> ShadowReport:
    """Repeat the newest searches whose probes still exist, with the pack in use and with ``extractor``'s.

    Each among the records that the policy opens to it now, narrowed as it was, with the probe as it was submitted; of
    joined searches the first photo alone. That each was repeated, why and in which case, is recorded before it is done;
    what was found is not. Raises PackConflict where the gallery has no templates of the pack.
    """
    require_reason(reason, Message("operator.models.why-repeated", "Say why past searches are repeated."))
    permit = ask(node, actor, Action.MODEL_CHANGE)
    with node.store.reading() as tx:
        if not other_packs.read_coverage(tx, extractor.digest).made:
            raise PackConflict(
                "operator.models.no-templates",
                "The gallery has no templates of the pack {name}. Make them first with `semblance models migrate "
                "{name}`.",
                name=extractor.name,
            )
        wanted = searches.list_answered(tx, limit=searches_at_most)
    other = GalleryIndex(node.store, pack=extractor.digest)
    rows: list[ShadowRow] = []
    skipped: Counter[Message] = Counter()
    with listen_for_stop() as stop:
        for number, record in enumerate(wanted, start=1):
            if stop.is_set():
                break
            _record(node, actor, permit, record, extractor, reason)
            repeated = _repeat(node, record, extractor, other)
            if isinstance(repeated, Message):
                skipped[repeated] += 1
            else:
                rows.append(repeated)
            if on_progress is not None:
                on_progress(number, len(wanted))
        interrupted = stop.is_set()
    return ShadowReport(extractor.name, tuple(rows), skipped, interrupted)


def _record(node: Node, actor: Actor, permit: Permit, record: SearchRecord, extractor: Extractor, reason: str) -> None:
    why = Message(
        "models.search-repeated", "{reason} (repeated with the pack {pack})", reason=reason, pack=extractor.name
    )
    who, authority, case, purpose = actor.name, actor.authority, record.case, record.purpose
    touched = (Touched("search", record.search), Touched("probe", record.probe))
    act = Act(Verb.CONSULTATION, "model.shadow", who, authority, case, purpose, why, touched, permit.rule)
    with node.store.writing() as tx:
        # what was said in the search may have been erased since it was listed
        key = searches.find_search_key(tx, record.search)
        if key is not None:
            ledger.append(tx, act, at=node.clock(), sealed_under=key)


def _repeat(node: Node, record: SearchRecord, extractor: Extractor, other: GalleryIndex) -> ShadowRow | Message:
    """Return what differs, or why the search cannot be repeated."""
    policy, now = node.policy.read(), node.clock()
    with node.store.reading() as tx:
        try:
            probe = load_probe(tx, record, now)
        except KeyDestroyed:
            probe = None
    if probe is None:
        return Message("operator.models.probe-gone", "the probe is not held any more")
    purpose = Purpose(record.purpose)
    if purpose not in policy.purposes:
        return Message("operator.models.purpose-gone", "the policy does not allow the purpose any more")
    try:
        ours, theirs = (
            extract_face(each, probe.data, name="the probe", face=probe.face, turned=probe.facts.turned).template
            for each in (node.extractor, extractor)
        )
    except (Conflict, NotFound, IntakeError):
        ours = theirs = None
    if ours is None or theirs is None:
        return Message(
            "operator.models.searched-face-gone", "one of the packs finds no face where the searched one lies"
        )
    allowed = find_searchable(policy, purpose, record.authority, now.date(), record.narrowed)
    among = find_among(node, record.narrowed, allowed, now.date())

    def rank(index: GalleryIndex, template: Template, name: str) -> dict[SubjectId, int]:
        found = index.search(template, limit=record.limit, pack_name=name, allowed=allowed, among=among)
        return {candidate.subject: candidate.rank for candidate in found.candidates}

    ranks, others = rank(node.index, ours, node.extractor.name), rank(other, theirs, extractor.name)
    with node.store.reading() as tx:
        examined = _find_examined(tx, record.search, ranks, others)
    both = ranks.keys() & others.keys()
    return ShadowRow(
        search=record.search,
        first=next(iter(ranks), None) == next(iter(others), None),
        moved=sum(ranks[subject] != others[subject] for subject in both),
        entered=len(others) - len(both),
        left=len(ranks) - len(both),
        examined=examined,
    )


def _find_examined(
    tx: Transaction, search: SearchId, before: dict[SubjectId, int], after: dict[SubjectId, int]
) -> tuple[Moved, ...]:
    examination = examinations.find_of_search(tx, search)
    if examination is None or examination.is_open or examination.state is ExaminationState.LAPSED:
        return ()
    made = {lead.pseudonym for lead in leads.list_of_examination(tx, examination.id)}
    moved = (
        Moved(
            candidate.pseudonym,
            before.get(candidate.subject),
            after.get(candidate.subject),
            candidate.pseudonym in made,
        )
        for candidate in examinations.list_candidates(tx, examination.id)
        if not candidate.known_non_mate
    )
    return tuple(candidate for candidate in moved if candidate.lead or candidate.before != candidate.after)
