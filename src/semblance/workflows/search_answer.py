"""The answer of a search: its record, and what its candidates are known by while they are held."""

from dataclasses import dataclass

from semblance.audit.act import Touched, Verb
from semblance.audit.search_record import SearchRecord
from semblance.cases.check import check_action
from semblance.cases.policy import Policy
from semblance.errors import NotFound
from semblance.gallery.capture_date import CaptureDate
from semblance.store import ledger, searches
from semblance.store.engine import Transaction
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.authority import AuthorityCode
from semblance.terms.geometry import Box
from semblance.terms.ids import PhotoId, ReferenceId, SearchId, SubjectId
from semblance.terms.permission import Permit, Refusal
from semblance.terms.record import RecordKind
from semblance.workflows.node import Node
from semblance.workflows.permission import describe_act
from semblance.workflows.require_case import ask_for_case


@dataclass(frozen=True, slots=True)
class ShownCandidate:
    """A candidate with what is needed to show it.

    ``number``, ``owner`` and ``kind`` are those of the record, None where the reader may not read records. After the
    subject or the reference was erased ``erased`` is True and everything that they were known by is None.
    """

    rank: int
    score: float
    subject: SubjectId
    reference: ReferenceId
    number: str | None
    owner: AuthorityCode | None
    kind: RecordKind | None
    photo: PhotoId | None
    face_box: Box | None
    captured: CaptureDate | None
    erased: bool


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """A recorded search and its candidates; no candidates is an answer like any other."""

    record: SearchRecord
    candidates: tuple[ShownCandidate, ...]

    @property
    def search(self) -> SearchId:
        return self.record.search


def read_search(node: Node, actor: Actor, search: SearchId) -> SearchAnswer | Refusal:
    """Return a recorded search of the actor's authority as it was answered then, erased subjects shown as erased.

    That it was read is noted, and whom it showed. Raises NotFound.
    """
    missing = NotFound(f"There is no search {search} of your authority.")
    with node.store.reading() as tx:
        record = searches.find_search(tx, search)
    if record is None:
        raise missing
    try:
        permitted = ask_for_case(node, actor, Action.CASE_READ, record.case_id)
    except NotFound:
        raise missing from None
    if isinstance(permitted, Refusal):
        return permitted
    case, permit = permitted
    shows = may_show(node.policy.read(), actor)
    with node.store.writing() as tx:
        answer = join_candidates(tx, record, shows=shows)
        shown = tuple(Touched("subject", one.subject) for one in answer.candidates if not one.erased)
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


def may_show(policy: Policy, actor: Actor) -> bool:
    """Return whether the actor may read records, so that candidates are shown with their numbers."""
    return isinstance(check_action(policy, actor, Action.RECORD_READ), Permit)


def join_candidates(tx: Transaction, record: SearchRecord, *, shows: bool) -> SearchAnswer:
    """Return a recorded search with what its candidates are known by now; ``shows``: also by their numbers."""
    known = searches.find_known(tx, [candidate.reference for candidate in record.candidates])
    shown = []
    for candidate in record.candidates:
        held = known.get(candidate.reference)
        # what was restricted since is not shown by an old answer either
        visible = held is not None and held.facts.is_visible_to(record.authority)
        named = held if visible and shows else None
        shown.append(
            ShownCandidate(
                rank=candidate.rank,
                score=candidate.score,
                subject=candidate.subject,
                reference=candidate.reference,
                number=None if named is None else named.number,
                owner=None if named is None else named.facts.owner,
                kind=None if named is None else named.facts.kind,
                photo=held.photo if held is not None and visible else None,
                face_box=held.box if held is not None and visible else None,
                captured=held.captured if held is not None and visible else None,
                erased=held is None or not visible,
            )
        )
    return SearchAnswer(record, tuple(shown))
