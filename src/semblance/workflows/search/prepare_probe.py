"""Prepare a probe for searching: steps that are listed, logged and can be left out again; the original stays."""

from collections.abc import Sequence
from dataclasses import dataclass

from semblance.audit.entry import Touched, Verb
from semblance.cases.case import Case, CaseState
from semblance.errors import Conflict, NotFound, StepsInvalid
from semblance.faces.preparation.apply import apply_steps
from semblance.faces.preparation.picture import render_prepared, render_prepared_face
from semblance.faces.preparation.placing import place_all, place_landmarks
from semblance.faces.sandbox.photos import lend_photo
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import cases, probes
from semblance.store.probes import StoredPreparation, StoredProbe
from semblance.terms.ids import PreparationId, ProbeId, make_id
from semblance.terms.permission import Action, Actor
from semblance.terms.preparation import Step, describe_step, require_few
from semblance.terms.samples import Point
from semblance.workflows.cases.probes import ask_for_probe, missing_probe, read_bytes
from semblance.workflows.permission import Permitted, log_act


@dataclass(frozen=True, slots=True)
class Outlook:
    """What steps will make of a probe, told without touching a pixel.

    ``eyes`` are those of each face of the original, by its ordinal, where the steps put them: the left one as it is
    seen then, and the right one.
    """

    width: int
    height: int
    steps: tuple[Message, ...]
    eyes: tuple[tuple[int, Point, Point], ...]


def prepare_probe(node: Node, actor: Actor, probe: ProbeId, steps: Sequence[Step]) -> StoredPreparation:
    """Hold a prepared version of the probe, the list of its steps, and return it with the faces found after them.

    The original is not touched, and no version before this one is. It goes with its probe. Raises NotFound where the
    probe is not held or is another authority's, Conflict where its case is not open, StepsInvalid where there is no
    step, too many, or one that cannot be taken.
    """
    stored, case, permit = _ask_to_prepare(node, actor, probe)
    if not steps:
        raise StepsInvalid("steps.none", "No step was taken; the original can be searched as it is.")
    require_few(steps)
    data = read_bytes(node, probe)
    with lend_photo(data, name=stored.name, turned=stored.facts.turned) as original:
        photo = apply_steps(original, steps)
        extraction = node.extractor.extract_photo(photo, turned=0)
    now = node.clock()
    with node.store.writing() as tx:
        current = cases.find_case(tx, case.id)
        if current is None or probes.find_probe(tx, probe, now=now) is None:
            raise missing_probe(probe)
        _require_open(current)
        made = StoredPreparation(
            id=PreparationId(make_id()),
            probe=probe,
            number=probes.find_next_number(tx, probe),
            steps=tuple(steps),
            width=photo.facts.width,
            height=photo.facts.height,
            faces=extraction.faces,
            made_at=now,
            made_by=actor.name,
        )
        probes.add_preparation(tx, made)
        cases.touch_case(tx, case.id, now)
        taken = map(describe_step, steps)
        reason = Message("probe.version", "version {number}: {steps:;}", number=made.number, steps=taken)
        touched = Touched("preparation", made.id), Touched("probe", probe), Touched("case", case.id)
        log_act(tx, permit, Verb.ALTERATION, *touched, at=now, case=case, reason=reason)
    return made


def list_preparations(node: Node, actor: Actor, probe: ProbeId) -> tuple[StoredPreparation, ...]:
    """Return the prepared versions of a probe, oldest first; raises NotFound."""
    ask_for_probe(node, actor, probe)
    with node.store.reading() as tx:
        return probes.list_preparations(tx, probe)


def foresee_steps(node: Node, actor: Actor, probe: ProbeId, steps: Sequence[Step]) -> Outlook:
    """Return what steps would make of the probe; raises NotFound, StepsInvalid, Conflict where its case is not open."""
    stored, _, _ = _ask_to_prepare(node, actor, probe)
    placing = place_all(steps, stored.facts.width, stored.facts.height)
    marks = ((face.ordinal, place_landmarks(placing, face.landmarks)) for face in stored.faces)
    return Outlook(
        placing.width,
        placing.height,
        tuple(map(describe_step, steps)),
        tuple((ordinal, placed.left_eye, placed.right_eye) for ordinal, placed in marks),
    )


def render_steps(node: Node, actor: Actor, probe: ProbeId, steps: Sequence[Step]) -> bytes:
    """Return a JPEG, 1200 pixels at most, of what steps would make of the probe; nothing is held.

    Raises NotFound, StepsInvalid, Conflict where its case is not open.
    """
    stored, _, _ = _ask_to_prepare(node, actor, probe)
    return _render(node, stored, steps)


def render_preparation(
    node: Node, actor: Actor, probe: ProbeId, preparation: PreparationId, *, face: int | None = None
) -> bytes:
    """Return a JPEG of a prepared version that is held, or of one of its faces; raises NotFound."""
    stored, _, _ = ask_for_probe(node, actor, probe)
    with node.store.reading() as tx:
        version = probes.find_preparation(tx, preparation, probe)
    if version is None:
        raise missing_version()
    if face is None:
        return _render(node, stored, version.steps)
    sample = next((sample for sample in version.faces if sample.ordinal == face), None)
    if sample is None:
        raise NotFound("probe.version-without-face", "The prepared version has no face {n}.", n=face)
    data = read_bytes(node, probe)
    with lend_photo(data, name=stored.name, turned=stored.facts.turned) as photo:
        return render_prepared_face(photo, version.steps, box=sample.box)


def missing_version() -> NotFound:
    """Return the error for a prepared version that is not one of the probe's."""
    return NotFound("probe.version-missing", "The probe has no such prepared version.")


def _render(node: Node, stored: StoredProbe, steps: Sequence[Step]) -> bytes:
    data = read_bytes(node, stored.id)
    with lend_photo(data, name=stored.name, turned=stored.facts.turned) as photo:
        return render_prepared(photo, steps)


def _ask_to_prepare(node: Node, actor: Actor, probe: ProbeId) -> tuple[StoredProbe, Case, Permitted]:
    stored, case, permit = ask_for_probe(node, actor, probe, Action.PROBE_PREPARE)
    _require_open(case)
    return stored, case, permit


def _require_open(case: Case) -> None:
    if case.state is not CaseState.OPEN:
        raise Conflict(
            "case.prepares-no-probes",
            "The case {number} is {state}; probes are prepared in open cases only.",
            number=case.number,
            state=case.state,
        )
