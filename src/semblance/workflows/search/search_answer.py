"""The answer of a search: its record, and what its candidates are known by while they are held."""

from dataclasses import dataclass, replace

from semblance.audit.act import Touched, Verb
from semblance.audit.search_record import SearchRecord
from semblance.cases.check import check_action
from semblance.cases.examination import Examination
from semblance.cases.policy import Policy
from semblance.errors import NotFound
from semblance.gallery.capture_date import CaptureDate
from semblance.node.node import Node
from semblance.store import examinations, ledger, searches
from semblance.store.engine import Transaction
from semblance.store.searches import KnownReference
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.authority import AuthorityCode
from semblance.terms.candidates import Candidate
from semblance.terms.geometry import Box
from semblance.terms.ids import PhotoId, ReferenceId, SearchId, SubjectId
from semblance.terms.permission import Permit
from semblance.terms.purpose import Purpose
from semblance.terms.record import RecordKind
from semblance.workflows.cases.require_case import ask_for_case
from semblance.workflows.permission import describe_act


@dataclass(frozen=True, slots=True)
class ShownCandidate:
    """A candidate with what is needed to show it.

    While the candidates are examined nothing stands here but the pseudonym. ``number``, ``owner`` and ``kind`` are
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
    erased: bool = False
    known_non_mate: bool = False


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """A recorded search and its candidates; no candidates is an answer like any other.

    ``examination`` is None where none was asked for: samples are shown at once. While it is open, the candidates stand
    in the order of their pseudonyms, and the record names none of them.
    """

    record: SearchRecord
    candidates: tuple[ShownCandidate, ...]
    examination: Examination | None = None

    @property
    def search(self) -> SearchId:
        return self.record.search

    @property
    def masked(self) -> bool:
        """Return whether names, ranks and scores are still hidden from everybody."""
        return self.examination is not None and self.examination.is_open


def read_search(node: Node, actor: Actor, search: SearchId) -> SearchAnswer:
    """Return a recorded search of the actor's authority as it was answered then, erased subjects shown as erased.

    That it was read is noted, and whom it showed. Raises NotFound.
    """
    missing = NotFound(
        "search.no-search-your-authority", "There is no search {number} of your authority.", number=search
    )
    with node.store.reading() as tx:
        record = searches.find_search(tx, search)
    if record is None:
        raise missing
    try:
        permitted = ask_for_case(node, actor, Action.CASE_READ, record.case_id)
    except NotFound:
        raise missing from None
    case, permit = permitted
    policy = node.policy.read()
    shows = is_unmasked(policy, record) or may_show(policy, actor)
    with node.store.writing() as tx:
        answer = join_candidates(tx, record, shows=shows)
        shown = tuple(
            Touched("subject", one.subject) for one in answer.candidates if one.subject is not None and not one.erased
        )
        act = describe_act(
            actor,
            permit,
            Verb.CONSULTATION,
            Action.CASE_READ,
            case=case.number or None,
            purpose=record.purpose,
            reason="a search",
            touched=(Touched("search", search), Touched("case", case.id), *shown),
        )
        # what it showed goes with the search, also from here
        sealed_under = searches.find_search_key(tx, search)
        ledger.append(tx, act, at=node.clock(), sealed_under=sealed_under)
    return answer


def is_unmasked(policy: Policy, record: SearchRecord) -> bool:
    """Return whether the search was made among samples, whose names everybody may know."""
    rule = policy.purposes.get(Purpose(record.purpose))
    return rule is not None and rule.unmasked


def may_show(policy: Policy, actor: Actor) -> bool:
    """Return whether the actor may read records, so that candidates are shown with their numbers."""
    return isinstance(check_action(policy, actor, Action.RECORD_READ), Permit)


def join_candidates(tx: Transaction, record: SearchRecord, *, shows: bool) -> SearchAnswer:
    """Return a recorded search with what its candidates are known by now; ``shows``: also by their numbers.

    While they are examined only their pseudonyms are told, to everybody: whoever knows a rank or a name has a view.
    """
    examination = examinations.find_of_search(tx, record.search)
    dealt = () if examination is None else examinations.list_candidates(tx, examination.id)
    if examination is not None and examination.is_open:
        hidden = tuple(ShownCandidate(one.pseudonym) for one in dealt)
        return SearchAnswer(replace(record, candidates=()), hidden, examination)
    pseudonyms = {one.reference: one.pseudonym for one in dealt}
    known_non_mates = [one for one in dealt if one.known_non_mate and one.reference]
    known = searches.find_known(
        tx, [*(candidate.reference for candidate in record.candidates), *(one.reference for one in known_non_mates)]
    )
    shown = [
        _show(record, known.get(one.reference), one.subject, one.reference, pseudonyms.get(one.reference), shows, one)
        for one in record.candidates
    ]
    shown += [
        _show(record, known.get(one.reference), one.subject, one.reference, one.pseudonym, shows)
        for one in known_non_mates
    ]
    return SearchAnswer(record, tuple(shown), examination)


def _show(
    record: SearchRecord,
    held: KnownReference | None,
    subject: SubjectId,
    reference: ReferenceId,
    pseudonym: str | None,
    shows: bool,
    found: Candidate | None = None,
) -> ShownCandidate:
    # what was restricted since is not shown by an old answer either
    visible = held if held is not None and held.facts.is_visible_to(record.authority) else None
    named = visible if shows else None
    return ShownCandidate(
        pseudonym=pseudonym,
        rank=None if found is None else found.rank,
        score=None if found is None else found.score,
        subject=subject,
        reference=reference,
        number=None if named is None else named.number,
        owner=None if named is None else named.facts.owner,
        kind=None if named is None else named.facts.kind,
        photo=None if visible is None else visible.photo,
        face_box=None if visible is None else visible.box,
        captured=None if visible is None else visible.captured,
        erased=visible is None,
        known_non_mate=found is None,
    )
