"""Submit a probe, search the gallery for one face of it, and read the answer again later."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from semblance.audit.act import Act, Touched, Verb
from semblance.audit.search_record import SearchOutcome, SearchRecord
from semblance.cases.authorisation import check_authorised, find_due
from semblance.cases.case import Case, CaseState
from semblance.cases.check import check_action, find_searchable
from semblance.cases.justification import LENGTH_CAP, Justification, check_justification
from semblance.cases.policy import Policy, Waivable
from semblance.errors import Conflict, NotFound
from semblance.gallery.capture_date import CaptureDate
from semblance.gallery.suitability import Shortfall, judge_suitability
from semblance.store import authorisations, cases, gallery, ledger, probes, searches
from semblance.store.engine import Transaction
from semblance.store.probes import StoredProbe
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.authority import AuthorityCode
from semblance.terms.candidates import CANDIDATE_CAP
from semblance.terms.geometry import Box
from semblance.terms.ids import CaseId, PhotoId, ProbeId, ReferenceId, SearchId, Sha256, SubjectId, make_id
from semblance.terms.permission import Permit, Refusal
from semblance.terms.record import RecordKind
from semblance.terms.samples import Extraction, FaceSample
from semblance.workflows.authorise import add_request
from semblance.workflows.expire import purge_expired
from semblance.workflows.extract_face import extract_face
from semblance.workflows.node import Node
from semblance.workflows.permission import describe_act, record_refusal
from semblance.workflows.require_case import ask_for_case

UNSEARCHED_LIFE: Final = timedelta(hours=1)
_NO_FACE: Final = "No face was found in the probe, so that nothing could be searched; try a larger or clearer photo."


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


@dataclass(frozen=True, slots=True)
class ChoiceNeeded:
    """The probe shows several faces and none was chosen; nothing was searched or recorded."""

    probe: ProbeId
    faces: tuple[FaceSample, ...]


@dataclass(frozen=True, slots=True)
class NoFaceFound:
    """The probe shows no face that could be searched: a failure to extract, recorded; not the same as no candidates."""

    search: SearchId
    reason: str


def submit_probe(node: Node, actor: Actor, case_id: CaseId, data: bytes, *, name: str) -> SubmittedProbe | Refusal:
    """Hold a photo as a probe of a case and return the faces found in it.

    Unless it is searched, the probe expires after an hour. Raises NotFound where the case is not the authority's,
    Conflict where it is not open, a kind of IntakeError where the bytes are no readable photo; nothing is held then.
    """
    found = ask_for_case(node, actor, Action.PROBE_SUBMIT, case_id)
    if isinstance(found, Refusal):
        return found
    case, permit = found
    if case.state is not CaseState.OPEN:
        raise Conflict(f"The case {case.number} is {case.state.value}; probes are handed in in open cases only.")
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
        act = describe_act(
            actor,
            permit,
            Verb.COLLECTION,
            Action.PROBE_SUBMIT,
            case=case.number,
            purpose=case.draft.purpose.value,
            touched=(Touched("probe", stored.id), Touched("case", case.id)),
        )
        ledger.append(tx, act, at=now)
    shortfalls = tuple(judge_suitability(face, node.suitability) for face in extraction.faces)
    # a template is made when a search for one face was justified, and is not handed around before
    return SubmittedProbe(stored.id, name, replace(extraction, template=None), shortfalls)


def search_probe(
    node: Node, actor: Actor, probe: ProbeId, *, reason: str, face: int | None = None, limit: int = CANDIDATE_CAP
) -> SearchAnswer | Refusal | ChoiceNeeded | NoFaceFound:
    """Search the gallery for one face of the probe, among the records that the policy opens to the case's purpose.

    Every search is recorded, also where it was refused, impossible or found nobody. The probe never becomes a
    reference; searched, it is held as long as the policy says. ``limit`` is cut to 1 and to what the policy shows at
    most. Where the purpose needs an authorisation with a clock, the first search asks for it. Raises NotFound where the
    probe is not held (any more), is another authority's or has no such face, PackConflict where the gallery was filled
    by another pack.
    """
    policy, now = node.policy.read(), node.clock()
    stored, data, case = _require_probe(node, actor, probe)
    draft = _draft_record(actor, case, stored, reason, max(1, min(limit, CANDIDATE_CAP)), now)
    answer = _check_search(node, policy, actor, case, draft, now)
    if isinstance(answer, Refusal):
        _record(node, replace(draft, outcome=SearchOutcome.REFUSED, rule=answer.rule, refusal=answer.reason), answer)
        return answer
    if not stored.faces:
        impossible = replace(draft, outcome=SearchOutcome.NO_FACE, rule="probe.no-face", refusal=_NO_FACE)
        _record(node, impossible, answer)
        return NoFaceFound(draft.search, _NO_FACE)
    if face is None and len(stored.faces) > 1:
        return ChoiceNeeded(probe, stored.faces)
    chosen = next((found for found in stored.faces if face is None or found.ordinal == face), None)
    if chosen is None:
        raise NotFound(f"{stored.name} has no face {face}; it has the faces 0 to {len(stored.faces) - 1}.")
    template = extract_face(node.extractor, data, name=stored.name, face=chosen).template
    assert template is not None
    rule = policy.purposes[case.draft.purpose]
    shown = min(draft.limit, rule.candidates)
    allowed = find_searchable(policy, case.draft.purpose, actor.authority, now.date())
    found = node.index.search(template, limit=shown, pack_name=node.extractor.name, allowed=allowed)
    record = replace(
        draft,
        face=chosen.ordinal,
        face_box=chosen.box,
        pack=found.pack,
        gallery_subjects=found.gallery_subjects,
        gallery_references=found.gallery_references,
        gallery_version=found.gallery_version,
        limit=shown,
        candidates=found.candidates,
        rule=answer.rule,
    )
    with node.store.writing() as tx:
        # asked again inside the transaction: of two searches at once the later may be one too many
        late = _find_quota_fault(tx, policy, actor, case, now)
        if late is None:
            searches.add_search(tx, record)
            ledger.append(tx, _describe_act(record, answer), at=record.when)
            probes.keep_probe_until(tx, probe, record.when + timedelta(days=policy.retention.probe))
            cases.touch_case(tx, case.id, now)
            waived = policy.find_waiver(Waivable.AUTHORISATION, actor.authority) is not None
            if rule.authorised_by and not waived and authorisations.find_for_probe(tx, probe) is None:
                add_request(tx, case, stored, actor, due_at=find_due(rule, now), now=now)
            return _join_candidates(tx, record, shows=_may_read(policy, actor))
    _record(node, replace(draft, outcome=SearchOutcome.REFUSED, rule=late.rule, refusal=late.reason), late)
    return late


def read_search(node: Node, actor: Actor, search: SearchId) -> SearchAnswer | Refusal:
    """Return a recorded search of the actor's authority as it was answered then, erased subjects shown as erased.

    Raises NotFound.
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
    with node.store.reading() as tx:
        return _join_candidates(tx, record, shows=_may_read(node.policy.read(), actor))


def _require_probe(node: Node, actor: Actor, probe: ProbeId) -> tuple[StoredProbe, bytes, Case]:
    with node.store.reading() as tx:
        stored = probes.find_probe(tx, probe, now=node.clock())
        data = None if stored is None else probes.read_probe_bytes(tx, probe)
        case = None if stored is None else cases.find_case(tx, stored.case)
    foreign = case is not None and actor.admitted and case.authority != actor.authority
    if foreign:
        refusal = Refusal("policy.owner", "the probe is in a case of another authority")
        record_refusal(node, actor, Action.GALLERY_SEARCH, refusal, touched=(Touched("probe", probe),))
    if stored is None or data is None or case is None or foreign:
        raise NotFound(f"There is no probe {probe}, or it has expired; submit the photo again.")
    return stored, data, case


def _check_search(
    node: Node, policy: Policy, actor: Actor, case: Case, draft: SearchRecord, now: datetime
) -> Permit | Refusal:
    """Return the first refusal, or the permit of the purpose: role, case, justification, quota, authorisation."""
    permit = check_action(policy, actor, Action.GALLERY_SEARCH, owner=case.authority)
    if isinstance(permit, Refusal):
        return permit
    if case.state is not CaseState.OPEN:
        return Refusal("case.state", f"the case is {case.state.value}; searches are made in open cases only")
    said = Justification(draft.person, case.number, case.draft.purpose.value, draft.reason)
    justified = check_justification(said, tuple(policy.purposes))
    if isinstance(justified, Refusal):
        return justified
    with node.store.reading() as tx:
        quota = _find_quota_fault(tx, policy, actor, case, now)
        held = authorisations.find_for_probe(tx, draft.probe)
    if quota is not None:
        return quota
    waiver = policy.find_waiver(Waivable.AUTHORISATION, actor.authority)
    authorised = check_authorised(policy.purposes[case.draft.purpose], held, now, waiver=waiver)
    if isinstance(authorised, Refusal) or authorised.rule.startswith("waivers."):
        return authorised
    return Permit(f"purposes.{case.draft.purpose.value}", authorised.reason)


def _find_quota_fault(tx: Transaction, policy: Policy, actor: Actor, case: Case, now: datetime) -> Refusal | None:
    rule = policy.purposes.get(case.draft.purpose)
    if rule is None:
        return Refusal("policy.purpose", f"the policy allows no search for {case.draft.purpose.value}")
    today = datetime.combine(now.astimezone(UTC).date(), datetime.min.time(), UTC)
    made = searches.count_searches(tx, actor.authority, since=today, purpose=case.draft.purpose)
    if made < rule.searches_per_day:
        return None
    return Refusal(
        "policy.searches-per-day",
        f"{actor.authority} has made the {rule.searches_per_day} searches a day that the policy allows it for "
        f"{case.draft.purpose.value}; the count begins anew at midnight UTC",
    )


def _draft_record(
    actor: Actor, case: Case, stored: StoredProbe, reason: str, limit: int, now: datetime
) -> SearchRecord:
    return SearchRecord(
        search=SearchId(make_id()),
        when=now,
        person=actor.name,
        authority=actor.authority,
        case_id=case.id,
        case=case.number,
        purpose=case.draft.purpose.value,
        reason=_cut(reason),
        outcome=SearchOutcome.ANSWERED,
        probe=stored.id,
        probe_sha256=Sha256(stored.facts.sha256),
        probe_name=stored.name,
        face=None,
        face_box=None,
        pack=None,
        gallery_subjects=0,
        gallery_references=0,
        gallery_version=0,
        limit=limit,
    )


def _record(node: Node, record: SearchRecord, answer: Permit | Refusal) -> None:
    with node.store.writing() as tx:
        record = replace(record, gallery_version=gallery.read_version(tx))
        searches.add_search(tx, record)
        ledger.append(tx, _describe_act(record, answer), at=record.when)


def _describe_act(record: SearchRecord, answer: Permit | Refusal) -> Act:
    refused = isinstance(answer, Refusal)
    shown = tuple(Touched("subject", candidate.subject) for candidate in record.candidates)
    return Act(
        verb=Verb.REFUSAL if refused else Verb.CONSULTATION,
        action=Action.GALLERY_SEARCH.value,
        person=record.person,
        authority=record.authority,
        case=record.case,
        purpose=record.purpose,
        reason=record.reason,
        touched=(Touched("search", record.search), Touched("probe", record.probe), *shown),
        rule=answer.rule,
    )


def _cut(text: str) -> str:
    # a refusal for too long a text is recorded, the rest of the text is not
    return text.strip()[: LENGTH_CAP + 1]


def _may_read(policy: Policy, actor: Actor) -> bool:
    return isinstance(check_action(policy, actor, Action.RECORD_READ), Permit)


def _join_candidates(tx: Transaction, record: SearchRecord, *, shows: bool) -> SearchAnswer:
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
