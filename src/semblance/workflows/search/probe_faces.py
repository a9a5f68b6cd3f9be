"""From the probes of one search to the face of each, in the original or in a prepared version, and its template."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Final

from pydantic import ConfigDict, Field, with_config

from semblance.audit.search_record import JoinedProbe, PreparedFace
from semblance.cases.case import Case
from semblance.errors import Conflict, NotFound
from semblance.faces.extractor import extract_face, measure_overlap
from semblance.faces.preparation.apply import apply_steps
from semblance.faces.preparation.placing import place_all, trace_box, trace_landmarks
from semblance.faces.sandbox.photos import lend_photo
from semblance.faces.tracking.crops import fuse_crops, read_crops
from semblance.faces.upright import find_turn
from semblance.node.extraction_cache import find_reader
from semblance.node.node import Node
from semblance.store import cases, probes
from semblance.store.engine import Transaction
from semblance.store.probes import StoredPreparation, StoredProbe
from semblance.terms.ids import AuthorityCode, PreparationId, ProbeId, Sha256
from semblance.terms.permission import Action, Actor
from semblance.terms.preparation import describe_step
from semblance.terms.samples import Box, FaceSample, Template
from semblance.workflows.cases.probes import missing_probe
from semblance.workflows.permission import ask, name_touched, refuse_missing

JOINED_CAP: Final = 20
"""No search joins more photos than this."""


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True)
class ProbeChoice:
    """A probe, which of its faces is in question, and in which prepared version; None is the original.

    In a prepared version ``face`` counts the faces found there. None is the only face.
    """

    probe: ProbeId
    face: Annotated[int, Field(ge=0)] | None = None
    prepared: PreparationId | None = None


@dataclass(frozen=True, slots=True)
class HeldProbe:
    """A probe that may be searched in its case, with its bytes and what was chosen of it.

    ``frames`` are those of a track, as they are held.
    """

    choice: ProbeChoice
    stored: StoredProbe
    data: bytes
    frames: bytes | None
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
    version only. ``frames``: of how many frames of a track the template was made, 0 where of the photo.
    """

    face: int | None
    box: Box
    prepared: PreparedFace | None
    template: Template
    frames: int = 0


@dataclass(frozen=True, slots=True)
class ChoiceNeeded:
    """The probe shows several faces and none was chosen; nothing was searched or recorded."""

    probe: ProbeId
    faces: tuple[FaceSample, ...]


def require_probe(node: Node, actor: Actor, choice: ProbeChoice) -> HeldProbe:
    """Return a probe that is held in a case of the actor's authority.

    Raises NotFound, where it is not held and where it is another authority's alike, which is recorded; also where the
    prepared version is not one of the probe's.
    """
    with node.store.reading() as tx:
        held = find_held(tx, choice, actor.authority, now=node.clock())
    if held is None:
        ask(node, actor, Action.GALLERY_SEARCH, owner=actor.authority)
        refuse_missing(node, actor, Action.GALLERY_SEARCH, name_touched("probe", choice.probe))
        raise missing_probe(choice.probe)
    if choice.prepared is not None and held.preparation is None:
        raise NotFound(
            "probe.no-such-version",
            "{name} has no prepared version {version}; prepare it again.",
            name=held.stored.name,
            version=choice.prepared,
        )
    return held


def find_held(
    tx: Transaction, choice: ProbeChoice, authority: AuthorityCode | None = None, *, now: datetime
) -> HeldProbe | None:
    """Return a probe that is held, where an authority is named only if the case is its own.

    ``preparation`` is None where the version that was chosen is not one of the probe's.
    """
    stored = probes.find_probe(tx, choice.probe, authority, now=now)
    data = None if stored is None else probes.read_probe_bytes(tx, choice.probe)
    case = None if stored is None else cases.find_case(tx, stored.case)
    if stored is None or data is None or case is None:
        return None
    prepared = None if choice.prepared is None else probes.find_preparation(tx, choice.prepared, stored.id)
    return HeldProbe(choice, stored, data, probes.read_frames(tx, stored), case, prepared)


def require_joined(node: Node, actor: Actor, first: HeldProbe, also: Sequence[ProbeChoice]) -> tuple[HeldProbe, ...]:
    """Return the probes that are searched together with the first; raises NotFound, Conflict where they do not belong.

    They are of the first one's case, each named once, and few enough.
    """
    named = [first.stored.id, *(choice.probe for choice in also)]
    if len(named) > JOINED_CAP:
        raise Conflict(
            "search.too-many-photos",
            "{n} photos were named; at most {most} are searched together.",
            n=len(named),
            most=JOINED_CAP,
        )
    if len(set(named)) < len(named):
        raise Conflict("search.photo-twice", "A photo was named twice; each counts once, with one face of it.")
    others = tuple(require_probe(node, actor, choice) for choice in also)
    for joined in others:
        if joined.stored.origin != first.stored.origin:
            raise Conflict(
                "search.photo-of-another-record",
                "{name} does not come from the same record; search it by itself.",
                name=joined.stored.name,
            )
        if joined.case.id != first.case.id:
            raise Conflict(
                "search.photo-of-another-case",
                "{name} is in another case; only photos of one case are searched together.",
                name=joined.stored.name,
            )
    return others


def choose_faces(node: Node, chosen: Sequence[HeldProbe]) -> tuple[ChosenFace, ...] | ChoiceNeeded:
    """Return the chosen face of each probe with its template; each must show a face.

    Where one shows several and none was chosen, nothing is extracted. Raises NotFound where a probe has no such face.
    """
    samples = []
    for probe in chosen:
        if probe.choice.face is None and len(probe.faces) > 1:
            return ChoiceNeeded(probe.stored.id, probe.faces)
        sample = next((face for face in probe.faces if probe.choice.face in (None, face.ordinal)), None)
        if sample is None:
            raise NotFound(
                "probe.no-such-face",
                "{name} has no face {number}; it has the faces 0 to {last}.",
                name=probe.stored.name,
                number=probe.choice.face,
                last=len(probe.faces) - 1,
            )
        samples.append(sample)
    return tuple(_choose(node, probe, sample) for probe, sample in zip(chosen, samples, strict=True))


def _choose(node: Node, probe: HeldProbe, sample: FaceSample) -> ChosenFace:
    stored, prepared = probe.stored, probe.preparation
    if prepared is None and probe.frames is not None:
        crops = read_crops(probe.frames)
        fused = fuse_crops(crops, find_reader(node.extractor))
        return ChosenFace(sample.ordinal, sample.box, None, fused, len(crops))
    if prepared is None:
        turned = stored.facts.turned
        template = extract_face(node.extractor, probe.data, name=stored.name, face=sample, turned=turned).template
        assert template is not None
        return ChosenFace(sample.ordinal, sample.box, None, template)
    with lend_photo(probe.data, name=stored.name, turned=stored.facts.turned) as whole:
        photo = apply_steps(whole, prepared.steps)
        template = extract_face(node.extractor, photo, name=stored.name, face=sample).template
    assert template is not None
    placing = place_all(prepared.steps, stored.facts.width, stored.facts.height)
    original = replace(sample, box=trace_box(placing, sample.box), landmarks=trace_landmarks(placing, sample.landmarks))
    steps = tuple(map(describe_step, prepared.steps))
    turned = find_turn(original.landmarks)
    searched = PreparedFace(prepared.id, prepared.number, steps, sample.ordinal, sample.box, original, turned)
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
