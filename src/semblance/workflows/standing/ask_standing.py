"""Ask for a standing search: for one face of a probe that is held in an open case, with a reason and a last day."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from pydantic import ConfigDict, with_config

from semblance.audit.entry import Touched, Verb
from semblance.audit.search_record import SearchOutcome
from semblance.cases.check import Justification, check_justification
from semblance.cases.policy import Policy
from semblance.cases.standing_search import NOTHING_COVERED, Coverage, StandingSearch, StandingState, check_asking
from semblance.errors import Conflict, NotFound
from semblance.node.node import Node
from semblance.store import cases, policies, probes, searches, standing_searches
from semblance.store.engine import Transaction
from semblance.store.probes import StoredProbe
from semblance.terms.ids import PreparationId, ProbeId, StandingSearchId, make_id
from semblance.terms.permission import Action, Actor, Permit, Refusal
from semblance.terms.search import EVERYBODY
from semblance.workflows.cases.probes import ask_for_probe, missing_probe
from semblance.workflows.permission import log_act, record_refusal

_LOOKED_BACK: Final = 500


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True)
class StandingDraft:
    """What somebody says who asks for a standing search; nothing is checked yet.

    ``face`` is needed where the probe, or its ``prepared`` version, shows several.
    """

    probe: ProbeId
    reason: str
    last_day: date
    face: int | None = None
    prepared: PreparationId | None = None


def ask_for_standing(node: Node, actor: Actor, draft: StandingDraft) -> StandingSearch:
    """Ask for a standing search; nothing is compared before another person has authorised it.

    It goes on from the newest search for the same face, and begins with the whole gallery where there was none. The
    probe is held meanwhile as long as a searched one. Raises NotFound, and Conflict where the probe shows no face or
    several, or has a standing search for that face already.
    """
    stored, case, permit = ask_for_probe(node, actor, draft.probe, Action.STANDING_ASK)
    policy, now = node.policy.read(), node.clock()
    answer: Permit | Refusal = check_asking(policy, case, draft.last_day, now)
    if isinstance(answer, Permit):
        said = Justification(actor.name, case.number, case.draft.purpose.value, draft.reason)
        justified = check_justification(said, tuple(policy.purposes))
        answer = justified if isinstance(justified, Refusal) else answer
    if isinstance(answer, Refusal):
        purpose = case.draft.purpose.value
        raise record_refusal(node, actor, Action.STANDING_ASK, answer, case=case.number, purpose=purpose)
    with node.store.writing() as tx:
        current = cases.find_case(tx, case.id)
        if current is None or probes.find_probe(tx, stored.id, now=now) is None:
            raise missing_probe(stored.id)
        made = StandingSearch(
            id=StandingSearchId(make_id()),
            case=case.id,
            probe=stored.id,
            face=_choose_face(tx, stored, draft),
            prepared=draft.prepared,
            authority=case.authority,
            purpose=case.draft.purpose,
            reason=draft.reason.strip(),
            asked_at=now,
            asked_by=actor.name,
            last_day=draft.last_day,
        )
        _require_first(tx, made)
        made = replace(made, covered=_find_covered(tx, node, policy, made))
        standing_searches.add_standing(tx, made)
        probes.keep_probe_until(tx, stored.id, max(stored.expires_at, now + timedelta(days=policy.retention.probe)))
        cases.touch_case(tx, case.id, now)
        log_act(tx, permit, Verb.COLLECTION, *touch_standing(made), at=now, case=case, reason=made.reason)
    return made


def touch_standing(standing: StandingSearch) -> tuple[Touched, ...]:
    """Return what every act on a standing search touches."""
    return Touched("standing", standing.id), Touched("probe", standing.probe), Touched("case", standing.case)


def _choose_face(tx: Transaction, stored: StoredProbe, draft: StandingDraft) -> int:
    faces = stored.faces
    if draft.prepared is not None:
        version = probes.find_preparation(tx, draft.prepared, stored.id)
        if version is None:
            raise NotFound(
                "probe.no-such-version",
                "{name} has no prepared version {version}; prepare it again.",
                name=stored.name,
                version=draft.prepared,
            )
        faces = version.faces
    if not faces:
        raise Conflict("standing.no-face", "{name} shows no face, so that nothing could be searched.", name=stored.name)
    if draft.face is None and len(faces) > 1:
        raise Conflict(
            "standing.choice-needed",
            "{name} shows {n} faces; a standing search is for one of them. Say which.",
            name=stored.name,
            n=len(faces),
        )
    chosen = faces[0].ordinal if draft.face is None else draft.face
    if chosen not in {face.ordinal for face in faces}:
        raise NotFound(
            "probe.no-such-face",
            "{name} has no face {number}; it has the faces 0 to {last}.",
            name=stored.name,
            number=chosen,
            last=len(faces) - 1,
        )
    return chosen


def _require_first(tx: Transaction, made: StandingSearch) -> None:
    for other in standing_searches.list_of_probe(tx, made.probe):
        same = (other.face, other.prepared) == (made.face, made.prepared)
        if same and other.state is not StandingState.ENDED:
            raise Conflict(
                "standing.there-already", "There is a standing search for this face already: {number}.", number=other.id
            )


def _find_covered(tx: Transaction, node: Node, policy: Policy, made: StandingSearch) -> Coverage:
    """Return what the newest search for the same face was compared with under the policy in force, or nothing."""
    newest = policies.find_newest(tx)
    earlier = searches.list_searches(tx, made.authority, before=None, limit=_LOOKED_BACK, case=made.case)
    for record in (numbered.record for numbered in earlier):
        prepared = None if record.prepared is None else record.prepared.preparation
        face = record.face if record.prepared is None else record.prepared.face
        same = (record.probe, face, prepared) == (made.probe, made.face, made.prepared)
        whole = record.outcome is SearchOutcome.ANSWERED and not record.also and record.narrowed == EVERYBODY
        current = record.pack == node.extractor.digest and (newest is None or newest.at <= record.when)
        if same and whole and record.standing is None and current:
            return Coverage(record.gallery_version, record.pack, policy.digest)
    return NOTHING_COVERED
