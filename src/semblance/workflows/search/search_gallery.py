"""Search the gallery for one face of a probe; every search is recorded, also one that was refused or found nobody."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from semblance.audit.act import Act, Touched, Verb
from semblance.audit.search_record import SearchOutcome, SearchRecord
from semblance.cases.authorisation import find_due
from semblance.cases.case import Case
from semblance.cases.check import find_searchable
from semblance.cases.justification import LENGTH_CAP
from semblance.cases.policy import Waivable
from semblance.node.node import Node
from semblance.search.fuse import fuse_templates
from semblance.store import authorisations, cases, gallery, ledger, probes, searches
from semblance.store.probes import StoredProbe
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.candidates import CANDIDATE_CAP, Candidate
from semblance.terms.ids import PreparationId, ProbeId, SearchId, Sha256, make_id
from semblance.terms.narrowing import EVERYBODY, Narrowing
from semblance.terms.permission import Permit, Refusal
from semblance.workflows.cases.authorise import add_request
from semblance.workflows.search.check_search import check_joined_search
from semblance.workflows.search.narrow_search import find_among, narrow_kinds
from semblance.workflows.search.open_examination import choose_known_non_mates, open_examination
from semblance.workflows.search.probe_faces import (
    ChoiceNeeded,
    ProbeChoice,
    choose_faces,
    find_faceless,
    missing_probe,
    require_joined,
    require_probe,
)
from semblance.workflows.search.search_answer import SearchAnswer, join_candidates, may_show

_NO_FACE: Final = "No face was found in the probe, so that nothing could be searched; try a larger or clearer photo."


@dataclass(frozen=True, slots=True)
class NoFaceFound:
    """The probe shows no face that could be searched: a failure to extract, recorded; not the same as no candidates."""

    search: SearchId
    reason: str


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
) -> SearchAnswer | ChoiceNeeded | NoFaceFound:
    """Search the gallery for one face of the probe, among the records that the policy opens to the case's purpose.

    Every search is recorded, also where it was refused, impossible or found nobody. The probe never becomes a
    reference; searched, it is held as long as the policy says. ``limit`` is cut to 1 and to what the policy shows at
    most. Where the purpose needs an authorisation with a clock, the first search asks for it. ``prepared`` searches a
    prepared version, in which ``face`` counts. ``also`` are further photos of the same unknown person in the same case,
    each checked by itself. ``narrowed`` leaves records out. Raises NotFound where a probe is not held (any more), is
    another authority's or has no such face or version, Conflict where probes cannot be searched together, PackConflict
    where the gallery was filled by another pack.
    """
    policy, now = node.policy.read(), node.clock()
    first = require_probe(node, actor, ProbeChoice(probe, face, prepared))
    held = (first, *require_joined(node, actor, first, also))
    case = first.case
    draft = _draft_record(actor, case, first.stored, reason, max(1, min(limit, CANDIDATE_CAP)), now)
    draft = replace(draft, also=tuple(one.joined for one in held[1:]), narrowed=narrowed)
    with node.store.reading() as tx:
        answer = check_joined_search(tx, policy, actor, case, draft, now)
    if isinstance(answer, Refusal):
        _record(node, replace(draft, outcome=SearchOutcome.REFUSED, rule=answer.rule, refusal=answer.reason), answer)
        return answer
    faceless = find_faceless(held)
    if faceless is not None:
        why = _NO_FACE if faceless is first else f"{faceless.stored.name} shows no face; leave it out and search again."
        impossible = replace(draft, outcome=SearchOutcome.NO_FACE, rule="probe.no-face", refusal=why)
        _record(node, impossible, answer)
        return NoFaceFound(draft.search, why)
    chosen = choose_faces(node, held)
    if isinstance(chosen, ChoiceNeeded):
        return chosen
    template = fuse_templates([one.template for one in chosen])
    rule = policy.purposes[case.draft.purpose]
    shown = min(draft.limit, rule.candidates)
    allowed = narrow_kinds(find_searchable(policy, case.draft.purpose, actor.authority, now.date()), narrowed)
    among = find_among(node, narrowed, allowed, now.date())
    # the list is no longer with known non-mates in it than without
    known_non_mates = choose_known_non_mates(node, policy, rule, actor, template, now, narrowed)[: shown - 1]
    found = node.index.search(
        template, limit=shown - len(known_non_mates), pack_name=node.extractor.name, allowed=allowed, among=among
    )
    record = replace(
        draft,
        face=chosen[0].face,
        face_box=chosen[0].box,
        prepared=chosen[0].prepared,
        also=tuple(
            replace(one, face=face.face, prepared=face.prepared)
            for one, face in zip(draft.also, chosen[1:], strict=True)
        ),
        pack=found.pack,
        gallery_subjects=found.gallery_subjects,
        gallery_references=found.gallery_references,
        gallery_version=found.gallery_version,
        limit=shown,
        candidates=found.candidates,
        rule=answer.rule,
    )
    with node.store.writing() as tx:
        # asked again inside the transaction: of two searches at once the later may be one too many, and somebody may
        # have closed the case, or refused to authorise, while the face was compared
        current = cases.find_case(tx, case.id)
        for one in held:
            if current is None or probes.find_probe(tx, one.stored.id, now=now) is None:
                raise missing_probe(one.stored.id)
        assert current is not None
        late = check_joined_search(tx, policy, actor, current, draft, now)
        if isinstance(late, Permit):
            sealed_under = searches.add_search(tx, record)
            known_non_mates = known_non_mates if record.candidates else ()
            ledger.append(tx, _describe_act(record, answer, known_non_mates), at=record.when, sealed_under=sealed_under)
            if not rule.unmasked:
                open_examination(tx, record, known_non_mates)
            cases.touch_case(tx, case.id, now)
            waived = policy.find_waiver(Waivable.AUTHORISATION, actor.authority) is not None
            for one in held:
                probes.keep_probe_until(tx, one.stored.id, record.when + timedelta(days=policy.retention.probe))
                asked = authorisations.find_for_probe(tx, one.stored.id) is not None
                if rule.authorised_by and not waived and not asked:
                    add_request(tx, case, one.stored, actor, due_at=find_due(rule, now), now=now)
            return join_candidates(tx, record, shows=rule.unmasked or may_show(policy, actor))
    _record(node, replace(draft, outcome=SearchOutcome.REFUSED, rule=late.rule, refusal=late.reason), late)
    return late


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
        sealed_under = searches.add_search(tx, record)
        ledger.append(tx, _describe_act(record, answer), at=record.when, sealed_under=sealed_under)


def _describe_act(record: SearchRecord, answer: Permit | Refusal, known_non_mates: tuple[Candidate, ...] = ()) -> Act:
    refused = isinstance(answer, Refusal)
    shown = tuple(Touched("subject", candidate.subject) for candidate in (*record.candidates, *known_non_mates))
    searched = (Touched("probe", one) for one in (record.probe, *(other.probe for other in record.also)))
    return Act(
        verb=Verb.REFUSAL if refused else Verb.CONSULTATION,
        action=Action.GALLERY_SEARCH.value,
        person=record.person,
        authority=record.authority,
        case=record.case,
        purpose=record.purpose,
        reason=record.reason,
        touched=(Touched("search", record.search), *searched, *shown),
        rule=answer.rule,
    )


def _cut(text: str) -> str:
    # a refusal for too long a text is recorded, the rest of the text is not
    return text.strip()[: LENGTH_CAP + 1]
