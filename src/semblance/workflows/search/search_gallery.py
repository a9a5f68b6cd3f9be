"""Search the gallery for one face of a probe; every search is recorded, also one that was refused or found nobody."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from semblance.audit.entry import Act, Touched, Verb
from semblance.audit.search_record import SearchOutcome, SearchRecord
from semblance.cases.case import Case, find_due
from semblance.cases.check import find_searchable
from semblance.cases.policy import Policy, Waivable
from semblance.errors import RefusedByPolicy
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.search.templates import fuse_templates
from semblance.store import authorisations, cases, gallery, ledger, probes, searches
from semblance.store.engine import Transaction
from semblance.terms.ids import PreparationId, ProbeId, SearchId, make_id
from semblance.terms.permission import Action, Actor, Permit, Purpose, Refusal
from semblance.terms.search import CANDIDATE_CAP, EVERYBODY, Candidate, Narrowing
from semblance.terms.text import REASON_LENGTH_CAP
from semblance.workflows.cases.authorise import add_request
from semblance.workflows.cases.probes import missing_probe
from semblance.workflows.search.check_search import check_joined_search
from semblance.workflows.search.compared_record import find_compared, say_reason
from semblance.workflows.search.open_examination import choose_known_non_mates, find_among, open_examination
from semblance.workflows.search.probe_faces import (
    ChoiceNeeded,
    ChosenFace,
    HeldProbe,
    ProbeChoice,
    choose_faces,
    require_joined,
    require_probe,
)
from semblance.workflows.search.search_answer import SearchAnswer, join_candidates, shows_records


@dataclass(frozen=True, slots=True)
class NoFaceFound:
    """The probe shows no face that could be searched: a failure to extract, recorded; not the same as no candidates."""

    search: SearchId
    message: Message


def search_probe(
    node: Node,
    actor: Actor,
    probe: ProbeId,
    *,
    reason: str,
    face: int | None = None,
    limit: int = CANDIDATE_CAP,
    prepared: PreparationId | None = None,
    also: Sequence[ProbeChoice] = (),
    narrowed: Narrowing = EVERYBODY,
    again: str = "",
) -> SearchAnswer | ChoiceNeeded | NoFaceFound:
    """Search the gallery for one face of the probe, among the records that the policy opens to the case's purpose.

    Every search is recorded, also where it was refused, impossible or found nobody. The probe never becomes a
    reference; searched, it is held as long as the policy says. ``limit`` is cut to 1 and to what the policy shows at
    most. Where the purpose needs an authorisation with a clock, the first search asks for it. ``prepared`` searches a
    prepared version, in which ``face`` counts. ``also`` are further photos of the same unknown person in the same case,
    each checked by itself. ``narrowed`` leaves records out. Of a probe that comes from a record, those are left out of
    which people answered before whether they are of its person, unless ``again`` says why they are not. Raises NotFound
    where a probe is not held (any more), is another authority's or has no such face or version, Conflict where probes
    cannot be searched together, PackConflict where the gallery was filled by another pack.
    """
    policy, now = node.policy.read(), node.clock()
    first = require_probe(node, actor, ProbeChoice(probe, face, prepared))
    chosen = (first, *require_joined(node, actor, first, also))
    case = first.case
    draft = SearchRecord(
        search=SearchId(make_id()),
        when=now,
        person=actor.name,
        authority=actor.authority,
        case_id=case.id,
        case=case.number,
        purpose=case.draft.purpose.value,
        # a refusal for too long a text is recorded, the rest of the text is not
        reason=reason.strip()[: REASON_LENGTH_CAP + 1],
        outcome=SearchOutcome.ANSWERED,
        probe=probe,
        probe_sha256=first.joined.sha256,
        probe_name=first.stored.name,
        limit=max(1, min(limit, CANDIDATE_CAP)),
        also=tuple(other.joined for other in chosen[1:]),
        narrowed=narrowed,
        origin=first.stored.origin,
        again=again.strip()[: REASON_LENGTH_CAP + 1],
    )
    with node.store.reading() as tx:
        answer = check_joined_search(tx, policy, actor, case, draft, now)
    if isinstance(answer, Refusal):
        raise _refuse(node, draft, answer)
    if faceless := next((photo for photo in chosen if not photo.faces), None):
        message = _explain_faceless(faceless, first)
        impossible = replace(draft, outcome=SearchOutcome.NO_FACE, rule="probe.no-face", refusal=message)
        _record(node, impossible, Verb.CONSULTATION, answer.rule)
        return NoFaceFound(draft.search, message)
    faces = choose_faces(node, chosen)
    if isinstance(faces, ChoiceNeeded):
        return faces
    record, known_non_mates = _compare(node, policy, actor, draft, faces, case.draft.purpose)
    record = replace(record, rule=answer.rule)
    with node.store.writing() as tx:
        # asked again inside the transaction: of two searches at once the later may be one too many, and somebody may
        # have closed the case, or refused to authorise, while the face was compared
        current = cases.find_case(tx, case.id)
        for photo in chosen:
            if current is None or probes.find_probe(tx, photo.stored.id, now=now) is None:
                raise missing_probe(photo.stored.id)
        assert current is not None
        late = check_joined_search(tx, policy, actor, current, draft, now)
        if isinstance(late, Permit):
            _add_answer(tx, policy, actor, case, chosen, record, known_non_mates)
            return join_candidates(tx, record, shows=shows_records(policy, actor, record), now=now)
    raise _refuse(node, draft, late)


def _compare(
    node: Node, policy: Policy, actor: Actor, draft: SearchRecord, faces: tuple[ChosenFace, ...], purpose: Purpose
) -> tuple[SearchRecord, tuple[Candidate, ...]]:
    """Return the record of the search with its candidates, and the known non-mates to put among them."""
    rule, today = policy.purposes[purpose], draft.when.date()
    compared = find_compared(node, draft)
    template = fuse_templates([face.template for face in faces])
    shown = min(draft.limit, rule.candidates)
    allowed = compared.narrow(find_searchable(policy, purpose, actor.authority, today, draft.narrowed))
    among = find_among(node, draft.narrowed, allowed, today)
    # the list is no longer with known non-mates in it than without
    known = choose_known_non_mates(node, policy, rule, actor, template, today, draft.narrowed)[: shown - 1]
    limit = shown - len(known)
    found = node.index.search(
        template, limit=limit + compared.most, pack_name=node.extractor.name, allowed=allowed, among=among
    )
    candidates, answered = compared.leave_out(found.candidates, limit)
    record = replace(
        draft,
        face=faces[0].face,
        face_box=faces[0].box,
        prepared=faces[0].prepared,
        also=tuple(
            replace(joined, face=face.face, prepared=face.prepared)
            for joined, face in zip(draft.also, faces[1:], strict=True)
        ),
        pack=found.pack,
        gallery_subjects=found.gallery_subjects,
        gallery_references=found.gallery_references,
        gallery_version=found.gallery_version,
        limit=shown,
        candidates=candidates,
        left_out=found.left_out,
        answered=answered,
        frames=faces[0].frames,
    )
    return record, known if record.candidates else ()


def _add_answer(
    tx: Transaction,
    policy: Policy,
    actor: Actor,
    case: Case,
    chosen: tuple[HeldProbe, ...],
    record: SearchRecord,
    known_non_mates: tuple[Candidate, ...],
) -> None:
    rule, now = policy.purposes[case.draft.purpose], record.when
    _log(tx, record, Verb.CONSULTATION, record.rule, known_non_mates)
    if not rule.unmasked:
        open_examination(tx, record, known_non_mates)
    cases.touch_case(tx, case.id, now)
    waived = policy.find_waiver(Waivable.AUTHORISATION, actor.authority) is not None
    for photo in chosen:
        probes.keep_probe_until(tx, photo.stored.id, now + timedelta(days=policy.retention.probe))
        asked = authorisations.find_for_probe(tx, photo.stored.id) is not None
        if rule.authorised_by and not waived and not asked:
            add_request(tx, case, photo.stored, actor, due_at=find_due(rule, now), now=now)


def _refuse(node: Node, draft: SearchRecord, refusal: Refusal) -> RefusedByPolicy:
    """Record the search that was refused, and return the error to raise."""
    refused = replace(draft, outcome=SearchOutcome.REFUSED, rule=refusal.rule, refusal=refusal.message)
    _record(node, refused, Verb.REFUSAL, refusal.rule)
    return RefusedByPolicy(refusal.rule, refusal.message, refusal.field)


def _explain_faceless(faceless: HeldProbe, first: HeldProbe) -> Message:
    if faceless is first:
        return Message(
            "search.no-face",
            "No face was found in the probe, so that nothing could be searched; try a larger or clearer photo.",
        )
    return Message(
        "search.joined-faceless", "{name} shows no face; leave it out and search again.", name=faceless.stored.name
    )


def _record(node: Node, record: SearchRecord, verb: Verb, rule: str) -> None:
    with node.store.writing() as tx:
        _log(tx, replace(record, gallery_version=gallery.read_version(tx)), verb, rule)


def _log(
    tx: Transaction, record: SearchRecord, verb: Verb, rule: str | None, known_non_mates: tuple[Candidate, ...] = ()
) -> None:
    shown = tuple(Touched("subject", candidate.subject) for candidate in (*record.candidates, *known_non_mates))
    searched = (Touched("probe", probe) for probe in (record.probe, *(joined.probe for joined in record.also)))
    touched = (Touched("search", record.search), *searched, *shown)
    about = record.person, record.authority, record.case, record.purpose, say_reason(record)
    act = Act(verb, Action.GALLERY_SEARCH.value, *about, touched, rule)
    ledger.append(tx, act, at=record.when, sealed_under=searches.add_search(tx, record))
