"""The answer of a search: its record, and what its candidates are known by while they are held."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from semblance.audit.entry import Touched, Verb
from semblance.audit.search_record import SearchRecord
from semblance.cases.check import check_action
from semblance.cases.examination import Examination, ExaminedCandidate
from semblance.cases.policy import Policy
from semblance.errors import NotFound
from semblance.gallery.outcome import CaptureDate
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import cases, examinations, probes, searches
from semblance.store.engine import Transaction
from semblance.terms.ids import AuthorityCode, PhotoId, ReferenceId, SearchId, SubjectId
from semblance.terms.permission import Action, Actor, Permit, Purpose
from semblance.terms.record import RecordKind
from semblance.terms.samples import Box
from semblance.terms.search import Candidate
from semblance.workflows.permission import ask, log_act, name_touched, note_reading, refuse_missing


@dataclass(frozen=True, slots=True)
class ShownCandidate:
    """A candidate with what is needed to show it.

    Until people have concluded nothing stands here but the pseudonym. ``number``, ``owner`` and ``kind`` are
    those of the record, None where the reader may not read records. After the subject or the reference was erased
    ``erased`` is True and all that they were known by is None. ``known_non_mate``: it was put among the candidates, and
    no search found it.
    """

    pseudonym: str | None
    rank: int | None = None
    score: float | None = None
    subject: SubjectId | None = None
    reference: ReferenceId | None = None
    number: str | None = None
    owner: AuthorityCode | None = None
    kind: RecordKind | None = None
    photo: PhotoId | None = None
    face_box: Box | None = None
    captured: CaptureDate | None = None
    notes: tuple[Message, ...] = ()
    erased: bool = False
    known_non_mate: bool = False


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """A recorded search and its candidates; no candidates is an answer like any other.

    ``examination`` is None where none was asked for: samples are shown at once. Until it is concluded, the candidates
    stand in the order of their pseudonyms, and the record names none of them. ``notes`` say what decoding the probe had
    to guess or ignore, while it is held.
    """

    record: SearchRecord
    candidates: tuple[ShownCandidate, ...]
    examination: Examination | None = None
    notes: tuple[Message, ...] = ()

    @property
    def search(self) -> SearchId:
        return self.record.search

    @property
    def masked(self) -> bool:
        """Return whether names, ranks and scores are hidden from everybody."""
        return self.examination is not None and self.examination.is_masked and not self.record.erased


def read_search(node: Node, actor: Actor, search: SearchId) -> SearchAnswer:
    """Return a recorded search of the actor's authority as it was answered then, erased subjects shown as erased.

    That it was read is noted, and whom it showed. Raises NotFound.
    """
    named = name_touched("search", search)
    permit = ask(node, actor, Action.CASE_READ, owner=actor.authority, touched=named)
    with node.store.reading() as tx:
        record = searches.find_search(tx, search, actor.authority)
        case = None if record is None else cases.find_case(tx, record.case_id)
    if record is None or case is None:
        refuse_missing(node, actor, Action.CASE_READ, named)
        raise NotFound("search.missing", "There is no search {number} of your authority.", number=search)
    shows = shows_records(node.policy.read(), actor, record)
    with node.store.writing() as tx:
        answer = join_candidates(tx, record, shows=shows, now=node.clock())
        shown = [candidate.subject for candidate in answer.candidates if candidate.subject and not candidate.erased]
        touched = Touched("search", search), Touched("case", case.id), *(Touched("subject", found) for found in shown)
        reason = Message("search.read", "a search")
        # what it showed goes with the search, also from here
        key = searches.find_search_key(tx, search)
        log_act(tx, permit, Verb.CONSULTATION, *touched, at=node.clock(), case=case, reason=reason, sealed_under=key)
    return answer


def shows_records(policy: Policy, actor: Actor, record: SearchRecord) -> bool:
    """Return whether candidates are shown with their numbers: to who may read records, of samples to everybody."""
    rule = policy.purposes.get(Purpose(record.purpose))
    unmasked = rule is not None and rule.unmasked
    return unmasked or isinstance(check_action(policy, actor, Action.RECORD_READ), Permit)


def join_candidates(tx: Transaction, record: SearchRecord, *, shows: bool, now: datetime) -> SearchAnswer:
    """Return a recorded search with what its candidates are known by now; ``shows``: also by their numbers.

    Until people have concluded only their pseudonyms are told, to everybody: whoever knows a rank or a name has a view.
    """
    probe = probes.find_probe(tx, record.probe, now=now)
    notes = () if probe is None else probe.facts.notes
    examination = examinations.find_of_search(tx, record.search)
    dealt = () if examination is None else examinations.list_candidates(tx, examination.id)
    if examination is not None and examination.is_masked and not record.erased:
        hidden = tuple(ShownCandidate(candidate.pseudonym) for candidate in dealt)
        return SearchAnswer(replace(record, candidates=()), hidden, examination, notes)
    pseudonyms = {candidate.reference: candidate.pseudonym for candidate in dealt}
    put_among = (candidate for candidate in dealt if candidate.known_non_mate and candidate.reference)
    found: list[Candidate | ExaminedCandidate] = [*record.candidates, *put_among]
    known = searches.find_known(tx, [candidate.reference for candidate in found])

    def show(candidate: Candidate | ExaminedCandidate) -> ShownCandidate:
        reference = known.get(candidate.reference)
        # what was restricted since is not shown by an old answer either
        visible = reference is not None and reference.facts.is_visible_to(record.authority)
        shown = ShownCandidate(
            pseudonyms.get(candidate.reference),
            subject=candidate.subject,
            reference=candidate.reference,
            erased=not visible,
            known_non_mate=isinstance(candidate, ExaminedCandidate),
        )
        if isinstance(candidate, Candidate):
            shown = replace(shown, rank=candidate.rank, score=candidate.score)
        if reference is None or not visible:
            return shown
        shown = replace(
            shown, photo=reference.photo, face_box=reference.box, captured=reference.captured, notes=reference.notes
        )
        if not shows:
            return shown
        return replace(shown, number=reference.number, owner=reference.facts.owner, kind=reference.facts.kind)

    return SearchAnswer(record, tuple(map(show, found)), examination, notes)


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of recorded searches, newest first; ``next_after`` asks for the page after it, None at the end.

    ``examinations`` are those of the searches whose candidates people were asked to examine.
    """

    records: tuple[SearchRecord, ...]
    next_after: int | None
    examinations: Mapping[SearchId, Examination]


def list_searches(node: Node, actor: Actor, *, after: int | None = None, limit: int = 50) -> SearchPage:
    """Return recorded searches, newest first, refused ones too; the page is logged as a consultation."""
    permit = ask(node, actor, Action.CASE_READ, owner=actor.authority)
    with node.store.reading() as tx:
        found = searches.list_searches(tx, actor.authority, before=after, limit=limit + 1)
        examined = examinations.find_of_searches(tx, [numbered.record.search for numbered in found[:limit]])
    records = tuple(numbered.record for numbered in found[:limit])
    touched = (Touched("search", record.search) for record in records)
    note_reading(node, permit, *touched, reason=Message("search.list", "a list of searches"))
    return SearchPage(records, found[limit - 1].number if len(found) > limit else None, examined)
