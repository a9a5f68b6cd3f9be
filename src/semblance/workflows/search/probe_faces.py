"""From the probes of one search to the face of each, in the original or in a prepared version, and its template."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from semblance.audit.act import Touched
from semblance.audit.search_record import JoinedProbe, PreparedFace
from semblance.cases.case import Case
from semblance.errors import Conflict, NotFound
from semblance.faces.chosen_face import extract_face, extract_prepared_face, measure_overlap
from semblance.faces.decode import decode_photo
from semblance.faces.preparation.apply import apply_steps
from semblance.faces.preparation.placing import place_all, trace_box, trace_landmarks
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import cases, preparations, probes
from semblance.store.preparations import StoredPreparation
from semblance.store.probes import StoredProbe
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.geometry import Box
from semblance.terms.ids import PreparationId, ProbeId, Sha256
from semblance.terms.permission import Refusal
from semblance.terms.preparation import say_step
from semblance.terms.samples import FaceSample, Template
from semblance.workflows.permission import record_refusal

JOINED_CAP: Final = 20
"""No search joins more photos than this."""


@dataclass(frozen=True, slots=True)
class ProbeChoice:
    """A probe, which of its faces is in question, and in which prepared version; None is the original.

    In a prepared version ``face`` counts the faces found there. None is the only face.
    """

    probe: ProbeId
    face: int | None = None
    prepared: PreparationId | None = None


@dataclass(frozen=True, slots=True)
class HeldProbe:
    """A probe that may be searched in its case, with its bytes and what was chosen of it."""

    choice: ProbeChoice
    stored: StoredProbe
    data: bytes
    case: Case
    preparation: StoredPreparation | None

    @property
    def faces(self) -> tuple[FaceSample, ...]:
        """Return the faces among which is chosen."""
        return self.stored.faces if self.preparation is None else self.preparation.faces

    @property
    def joined(self) -> JoinedProbe:
        """Return how a record names the probe before a face was chosen."""
        return JoinedProbe(self.stored.id, Sha256(self.stored.facts.sha256), self.stored.name)


@dataclass(frozen=True, slots=True)
class ChosenFace:
    """The face of a probe that is searched.

    ``face`` and ``box`` are its ordinal and place in the original, the ordinal None where it was found in the prepared
    version only.
    """

    face: int | None
    box: Box
    prepared: PreparedFace | None
    template: Template


@dataclass(frozen=True, slots=True)
class ChoiceNeeded:
    """The probe shows several faces and none was chosen; nothing was searched or recorded."""

    probe: ProbeId
    faces: tuple[FaceSample, ...]


def require_probe(node: Node, actor: Actor, choice: ProbeChoice) -> HeldProbe:
    """Return a probe that is held in a case of the actor's authority; another authority's is refused, and recorded.

    Raises NotFound, also where the prepared version is not one of the probe's.
    """
    with node.store.reading() as tx:
        stored = probes.find_probe(tx, choice.probe, now=node.clock())
        data = None if stored is None else probes.read_probe_bytes(tx, choice.probe)
        case = None if stored is None else cases.find_case(tx, stored.case)
        prepared = None
        if stored is not None and choice.prepared is not None:
            prepared = preparations.find_preparation(tx, choice.prepared)
    foreign = case is not None and actor.admitted and case.authority != actor.authority
    if foreign:
        refusal = Refusal(
            "policy.owner",
            Message("policy.owner.probe-case-another-authority", "the probe is in a case of another authority"),
        )
        record_refusal(node, actor, Action.GALLERY_SEARCH, refusal, touched=(Touched("probe", choice.probe),))
    if stored is None or data is None or case is None or foreign:
        raise missing_probe(choice.probe)
    if choice.prepared is not None and (prepared is None or prepared.probe != stored.id):
        raise NotFound(
            "search.no-prepared-version-prepare-again",
            "{name} has no prepared version {version}; prepare it again.",
            name=stored.name,
            version=choice.prepared,
        )
    return HeldProbe(choice, stored, data, case, prepared)


def require_joined(node: Node, actor: Actor, first: HeldProbe, also: Sequence[ProbeChoice]) -> tuple[HeldProbe, ...]:
    """Return the probes that are searched together with the first; raises NotFound, Conflict where they do not belong.

    They are of the first one's case, each named once, and few enough.
    """
    named = [first.stored.id, *(choice.probe for choice in also)]
    if len(named) > JOINED_CAP:
        raise Conflict(
            "search.photos-were-named-most-searched",
            "{n} photos were named; at most {most} are searched together.",
            n=len(named),
            most=JOINED_CAP,
        )
    if len(set(named)) < len(named):
        raise Conflict(
            "search.photo-named-twice-each-counts", "A photo was named twice; each counts once, with one face of it."
        )
    held = tuple(require_probe(node, actor, choice) for choice in also)
    for one in held:
        if one.case.id != first.case.id:
            raise Conflict(
                "search.another-case-only-photos-case",
                "{name} is in another case; only photos of one case are searched together.",
                name=one.stored.name,
            )
    return held


def find_faceless(held: Sequence[HeldProbe]) -> HeldProbe | None:
    """Return the first probe that shows no face at all."""
    return next((one for one in held if not one.faces), None)


def choose_faces(node: Node, held: Sequence[HeldProbe]) -> tuple[ChosenFace, ...] | ChoiceNeeded:
    """Return the chosen face of each probe with its template; each must show a face.

    Where one shows several and none was chosen, nothing is extracted. Raises NotFound where a probe has no such face.
    """
    samples = []
    for one in held:
        if one.choice.face is None and len(one.faces) > 1:
            return ChoiceNeeded(one.stored.id, one.faces)
        sample = next((face for face in one.faces if one.choice.face in (None, face.ordinal)), None)
        if sample is None:
            raise NotFound(
                "search.no-face-faces",
                "{name} has no face {number}; it has the faces 0 to {last}.",
                name=one.stored.name,
                number=one.choice.face,
                last=len(one.faces) - 1,
            )
        samples.append(sample)
    return tuple(_choose(node, one, sample) for one, sample in zip(held, samples, strict=True))


def missing_probe(probe: ProbeId) -> NotFound:
    """Return the error for a probe that is not held, not any more, or another authority's."""
    return NotFound(
        "search.no-probe-expired-submit-photo",
        "There is no probe {number}, or it has expired; submit the photo again.",
        number=probe,
    )


def _choose(node: Node, held: HeldProbe, sample: FaceSample) -> ChosenFace:
    stored, prepared = held.stored, held.preparation
    if prepared is None:
        template = extract_face(node.extractor, held.data, name=stored.name, face=sample).template
        assert template is not None
        return ChosenFace(sample.ordinal, sample.box, None, template)
    photo = apply_steps(decode_photo(held.data, name=stored.name), prepared.steps)
    template = extract_prepared_face(node.extractor, photo, name=stored.name, face=sample).template
    assert template is not None
    placing = place_all(prepared.steps, stored.facts.width, stored.facts.height)
    original = replace(sample, box=trace_box(placing, sample.box), landmarks=trace_landmarks(placing, sample.landmarks))
    searched = PreparedFace(
        prepared.id, prepared.number, tuple(map(say_step, prepared.steps)), sample.ordinal, sample.box, original
    )
    same = _find_same(stored.faces, original.box)
    if same is None:
        return ChosenFace(None, original.box, searched, template)
    return ChosenFace(same.ordinal, same.box, searched, template)


def _find_same(faces: tuple[FaceSample, ...], box: Box) -> FaceSample | None:
    """Return the face of the original in which the middle of the box lies, the one that covers it best."""
    centre = box.centre
    around = [
        face
        for face in faces
        if face.box.left <= centre.x <= face.box.right and face.box.top <= centre.y <= face.box.bottom
    ]
    return max(around, key=lambda face: measure_overlap(face.box, box), default=None)
