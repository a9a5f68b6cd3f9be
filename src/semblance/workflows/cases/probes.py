"""Hand in a photo as a probe of a case, look at it in its time, erase it with all that was derived from it."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from semblance.audit.entry import Touched, Verb
from semblance.cases.case import Case, CaseState
from semblance.cases.examination import ExaminationState
from semblance.errors import ClockDoubted, Conflict, NotFound
from semblance.faces.extractor import measure_overlap
from semblance.gallery.following import TrackOrigin
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import authorisations, cases, examinations, probes, searches, standing_searches, submissions
from semblance.store.clock_doubts import count_work
from semblance.store.engine import Transaction
from semblance.store.probes import StoredProbe
from semblance.terms.ids import CaseId, ProbeId, SubmissionId, make_id
from semblance.terms.permission import Action, Actor
from semblance.terms.samples import Box, FaceSample
from semblance.workflows.cases.cases import ask_for_case
from semblance.workflows.clock_check import require_believable
from semblance.workflows.jobs.jobs import end_jobs_of_case
from semblance.workflows.permission import Permitted, ask, log_act, name_touched, refuse_missing
from semblance.workflows.records.read_record import PhotoBytes
from semblance.workflows.worker_acts import BATCH, log_due

UNSEARCHED_LIFE: Final = timedelta(hours=1)
_PURGE: Final = "forget-probes"


@dataclass(frozen=True, slots=True)
class Frames:
    """A track's frames that a probe is searched with, as they are held; ``box``: where its face is in the photo."""

    origin: TrackOrigin
    box: Box
    data: bytes


def submit_probe(
    node: Node,
    actor: Actor,
    case_id: CaseId,
    data: bytes,
    *,
    name: str,
    submission: SubmissionId | None = None,
    frames: Frames | None = None,
) -> StoredProbe:
    """Hold a photo as a probe of a case and return it with the faces found in it.

    ``submission`` is the one that the photo comes from, where it does. ``frames``: it is a frame of a track, whose
    face alone is held. Unless it is searched, the probe expires after
    an hour. Raises NotFound where the case is not the authority's, Conflict where it is not open, a kind of IntakeError
    where the bytes are no readable photo; nothing is held then.
    """
    case, permit = ask_for_case(node, actor, Action.PROBE_SUBMIT, case_id)
    if case.state is not CaseState.OPEN:
        raise refuse_probes(case)
    with suppress(ClockDoubted):
        purge_expired(node)
    # its template is not handed around: one is made when a search for one face was justified
    extraction = node.extractor.extract(data, name=name, turned=None if frames is None else 0)
    faces = extraction.faces if frames is None else _keep_followed(extraction.faces, frames.box)
    now = node.clock()
    stored = StoredProbe(
        id=ProbeId(make_id()),
        case=case.id,
        name=name,
        facts=extraction.facts,
        faces=faces,
        submitted_at=now,
        submitted_by=actor.name,
        expires_at=now + UNSEARCHED_LIFE,
        submission=submission,
        track=None if frames is None else frames.origin,
    )
    with node.store.writing() as tx:
        probes.add_probe(tx, stored, data, None if frames is None else frames.data)
        cases.touch_case(tx, case.id, now)
        touched = [Touched("probe", stored.id), Touched("case", case.id)]
        if submission is not None:
            touched.append(Touched("submission", submission))
        log_act(tx, permit, Verb.COLLECTION, *touched, at=now, case=case)
    return stored


def _keep_followed(faces: tuple[FaceSample, ...], box: Box) -> tuple[FaceSample, ...]:
    """Return the face that was followed as the only one: nobody else in the frame was picked."""
    followed = max(faces, key=lambda face: measure_overlap(face.box, box), default=None)
    return () if followed is None else (replace(followed, ordinal=0),)


def refuse_probes(case: Case) -> Conflict:
    """Return the error for a case that is not open."""
    return Conflict(
        "case.takes-no-probes",
        "The case {number} is {state}; probes are handed in in open cases only.",
        number=case.number,
        state=case.state,
    )


def ask_for_probe(
    node: Node, actor: Actor, probe: ProbeId, action: Action = Action.CASE_READ
) -> tuple[StoredProbe, Case, Permitted]:
    """Return a probe without its bytes, its case, and the permit to do the action with it.

    Raises NotFound where it is not held, not any more, or another authority's: in the same words, for the same work.
    """
    named = name_touched("probe", probe)
    permit = ask(node, actor, action, owner=actor.authority, touched=named)
    with node.store.reading() as tx:
        stored = probes.find_probe(tx, probe, actor.authority, now=node.clock())
        case = None if stored is None else cases.find_case(tx, stored.case)
    if stored is None or case is None:
        refuse_missing(node, actor, action, named)
        raise missing_probe(probe)
    return stored, case, permit


def find_probe(node: Node, actor: Actor, probe: ProbeId) -> tuple[StoredProbe, Case]:
    """Return a probe without its bytes, and its case; raises NotFound as ask_for_probe does."""
    stored, case, _ = ask_for_probe(node, actor, probe)
    return stored, case


def list_siblings(node: Node, actor: Actor, probe: ProbeId) -> tuple[StoredProbe, ...]:
    """Return the other probes of the same case that are held, oldest first; raises NotFound."""
    _, case, _ = ask_for_probe(node, actor, probe)
    with node.store.reading() as tx:
        in_case = probes.list_probes(tx, case.id, now=node.clock())
    return tuple(sibling for sibling in in_case if sibling.id != probe)


def read_probe(node: Node, actor: Actor, probe: ProbeId) -> PhotoBytes:
    """Return a probe's bytes; raises NotFound as ask_for_probe does."""
    stored, _, _ = ask_for_probe(node, actor, probe)
    return PhotoBytes(stored.name, stored.facts.media_type, read_bytes(node, probe), stored.facts.turned)


def read_bytes(node: Node, probe: ProbeId) -> bytes:
    """Return the bytes of a probe that was asked for before; raises NotFound where it is not held any more."""
    with node.store.reading() as tx:
        data = probes.read_probe_bytes(tx, probe)
    if data is None:
        raise missing_probe(probe)
    return data


def missing_probe(probe: ProbeId) -> NotFound:
    """Return the error for a probe that is not held, not any more, or another authority's."""
    return NotFound(
        "probe.missing", "There is no probe {number}, or it has expired; submit the photo again.", number=probe
    )


@dataclass(frozen=True, slots=True)
class Derived:
    """How many probes, searches and candidates an erasure removed."""

    probes: int
    searches: int
    candidates: int

    @property
    def message(self) -> Message:
        return Message(
            "probes.erased",
            "{probes} probes, {searches} searches and {candidates} candidates erased",
            probes=self.probes,
            searches=self.searches,
            candidates=self.candidates,
        )


def erase_derived(tx: Transaction, which: tuple[ProbeId, ...]) -> Derived:
    """Erase the probes with their bytes and faces, and the justifications and candidates of the searches for them.

    Their keys are destroyed, so that neither a copy of the store nor what opens the ledger's entries tells it again.
    """
    searched, candidates = searches.erase_searches_of(tx, which)
    return Derived(probes.delete_probes(tx, which), searched, candidates)


def erase_whole_case(tx: Transaction, case: CaseId, *, at: datetime, person: str) -> Derived:
    """Erase what a case says, and all that is in it; whatever waited there for somebody's decision ends."""
    searched, candidates = searches.erase_searches_in(tx, case)
    gone = probes.delete_probes(tx, probes.find_of_case(tx, case))
    submissions.erase_of_case(tx, case)
    authorisations.end_waiting(tx, case, at=at, person=person)
    authorisations.forget_reasons(tx, case)
    standing_searches.forget_of_case(tx, case)
    end_jobs_of_case(tx, case, name=person, at=at)
    cases.erase_case(tx, case)
    return Derived(gone, searched, candidates)


def purge_expired(node: Node) -> int:
    """Delete expired probes and return how many; done whenever a node starts and whenever a probe is submitted.

    Raises ClockDoubted where the clock may be wrong.
    """
    require_believable(node, _PURGE, lambda tx, now, limit: len(probes.find_expired(tx, now=now, limit=limit)))
    total = 0
    while True:
        now = node.clock()
        with node.store.reading() as tx:
            if not probes.find_expired(tx, now=now, limit=1):
                break
        with node.store.writing() as tx:
            gone = probes.delete_probes(tx, probes.find_expired(tx, now=now, limit=BATCH))
            if gone:
                count_work(tx, _PURGE, now, gone)
                reason = Message("probes.expired", "{n} expired", n=gone)
                log_due(tx, node, Verb.ERASURE, "probe.expire", reason=reason, at=now)
        total += gone
    lapse_examinations(node)
    if total:
        node.store.clear_deleted()
    return total


def lapse_examinations(node: Node) -> int:
    """End the examinations whose probe is not held any more: nobody can compare it; return how many."""
    total = 0
    while True:
        with node.store.reading() as tx:
            if not examinations.list_probeless(tx, limit=1):
                return total
        with node.store.writing() as tx:
            now = node.clock()
            ended = examinations.list_probeless(tx, limit=BATCH)
            for examination in ended:
                examinations.move_examination(tx, examination, ExaminationState.LAPSED, now)
            reason = Message(
                "examinations.lapsed", "the probes of {n} examinations are gone; nobody can conclude", n=len(ended)
            )
            log_due(tx, node, Verb.ALTERATION, "examination.lapse", reason=reason, at=now)
        total += len(ended)
