"""Export a covered still of a probe: looked at first, confirmed by who saw it, logged with the digest of what left."""

from dataclasses import astuple, dataclass
from typing import Annotated, Final

from pydantic import ConfigDict, Field, with_config

from semblance.audit.entry import Touched, Verb
from semblance.cases.case import Case, CaseState
from semblance.errors import Conflict, IntakeError, NotFound
from semblance.faces.redaction.missed import StillSeen
from semblance.faces.redaction.still import (
    CoveredStill,
    StillFormat,
    StillPlan,
    cover_still,
    find_missed,
    look_with,
    view_covered,
)
from semblance.faces.sandbox.photos import lend_photo
from semblance.messages.message import Message, quote_text
from semblance.node.node import Node
from semblance.store import cases, probes
from semblance.store.probes import StoredProbe
from semblance.terms.ids import ProbeId, Sha256, digest_bytes, is_id, make_id
from semblance.terms.permission import Action, Actor
from semblance.terms.samples import Box
from semblance.workflows.cases.probes import ask_for_probe, missing_probe, read_bytes
from semblance.workflows.permission import Permitted, log_act, require_reason
from semblance.workflows.redaction.reference_number import make_reference

BOXES_CAP: Final = 100
"""No more boxes are added to a still by hand."""


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True)
class StillDraft:
    """What is to leave: the probe with one face of it shown, by its ordinal, and all others covered.

    ``boxes`` are covered as well, in pixels of the upright photo: whoever the detector missed.
    """

    face: Annotated[int, Field(ge=0)]
    boxes: Annotated[tuple[Box, ...], Field(max_length=BOXES_CAP)] = ()
    still_format: StillFormat = "png"


@dataclass(frozen=True, slots=True)
class StillPreview:
    """A still as it would leave, byte for byte, if whoever saw it confirms its digest.

    ``serial`` tells this preview from others of the same photo, and with all the rest makes the burnt-in ``reference``.
    ``others`` counts the faces that were covered because they had been found when the photo was handed in; ``missed``
    are those that were still seen then.
    """

    draft: StillDraft
    serial: str
    reference: str
    sha256: Sha256
    still: CoveredStill
    others: int
    missed: tuple[Box, ...]

    @property
    def media_type(self) -> str:
        return f"image/{self.draft.still_format}"

    @property
    def file_name(self) -> str:
        return f"{self.reference}.{self.draft.still_format}"


def preview_still(
    node: Node, actor: Actor, probe: ProbeId, draft: StillDraft, *, serial: str | None = None
) -> StillPreview:
    """Return the still as it would leave; nothing is held and nothing leaves.

    ``serial``: that of an earlier preview, to see it again. Raises NotFound where the probe is not held, is another
    authority's, or has no such face; Conflict where its case is not open, or where a face is seen however much is
    covered; IntakeError where a box is no place in the photo, or the serial is none.
    """
    stored, _, _ = _ask_to_export(node, actor, probe)
    return _draw(node, actor, stored, draft, serial or make_id())


def export_still(
    node: Node, actor: Actor, probe: ProbeId, draft: StillDraft, *, serial: str, seen: Sha256, reason: str
) -> StillPreview:
    """Hand out the still that was seen: ``serial`` and ``seen``, its digest, are those of the preview.

    It is drawn again and leaves only where it is the same to the last byte. Raises what ``preview_still`` raises, and
    Conflict where it is not.
    """
    require_reason(reason, Message("redaction.unexplained", "Say why the picture leaves, and to whom it goes."))
    stored, case, permit = _ask_to_export(node, actor, probe)
    made = _draw(node, actor, stored, draft, serial)
    if made.sha256 != seen:
        raise Conflict(
            "redaction.not-what-was-seen",
            "What would leave is not the picture that was confirmed. Look at it again, and confirm what you see.",
        )
    now = node.clock()
    with node.store.writing() as tx:
        current = cases.find_case(tx, case.id)
        if current is None or probes.find_probe(tx, probe, now=now) is None:
            raise missing_probe(probe)
        require_open(current)
        cases.touch_case(tx, case.id, now)
        said = Message(
            "redaction.exported",
            "{reason} ({reference}: face {number} shown; faces covered: {others}, boxes: {boxes}; SHA-256 {digest})",
            reason=quote_text(reason),
            reference=made.reference,
            number=draft.face,
            others=made.others + len(made.missed),
            boxes=len(draft.boxes),
            digest=made.sha256,
        )
        touched = Touched("still", made.sha256), Touched("probe", probe), Touched("case", case.id)
        log_act(tx, permit, Verb.DISCLOSURE, *touched, at=now, case=case, reason=said)
    return made


def _draw(node: Node, actor: Actor, stored: StoredProbe, draft: StillDraft, serial: str) -> StillPreview:
    if not is_id(serial):
        raise IntakeError("redaction.no-serial", "That is no serial of a preview; make the preview again.")
    plan = _plan(stored, draft)
    data, name, turned = read_bytes(node, stored.id), stored.name, stored.facts.turned
    boxes = [astuple(box) for box in draft.boxes]
    reference = make_reference([serial, actor.person, stored.id, draft.face, boxes, draft.still_format])
    with lend_photo(data, name=name, turned=turned) as photo:
        view = view_covered(photo.pixels, plan)
    # whoever has a lent photo must not ask for another, and looking asks for one
    try:
        missed = find_missed(view, plan, look_with(node.extractor))
    except StillSeen:
        raise Conflict(
            "redaction.still-seen",
            "However much is covered, another face is seen beside the chosen one; cover more by boxes, or export "
            "another photo.",
        ) from None
    with lend_photo(data, name=name, turned=turned) as photo:
        still = cover_still(photo.pixels, plan, missed=missed, reference=reference, still_format=draft.still_format)
    return StillPreview(draft, serial, reference, digest_bytes(still.data), still, len(plan.others), missed)


def _plan(stored: StoredProbe, draft: StillDraft) -> StillPlan:
    chosen = next((face for face in stored.faces if face.ordinal == draft.face), None)
    if chosen is None:
        raise NotFound("redaction.no-such-face", "{name} has no face {number}.", name=stored.name, number=draft.face)
    if len(draft.boxes) > BOXES_CAP:
        raise IntakeError(
            "redaction.too-many-boxes", "{n} boxes are too many; {cap} are taken.", n=len(draft.boxes), cap=BOXES_CAP
        )
    whole = Box(0, 0, stored.facts.width, stored.facts.height)
    for number, box in enumerate(draft.boxes, start=1):
        # a comparison with what is no number is never true
        if not (box.area > 0 and box.touches(whole) and box.width < float("inf") and box.height < float("inf")):
            raise IntakeError(
                "redaction.box-nowhere",
                "Box {number} covers nothing of the photo, which is {width} pixels wide and {height} high.",
                number=number,
                width=stored.facts.width,
                height=stored.facts.height,
            )
    others = tuple(face.box for face in stored.faces if face is not chosen)
    return StillPlan(chosen.box, others, draft.boxes)


def _ask_to_export(node: Node, actor: Actor, probe: ProbeId) -> tuple[StoredProbe, Case, Permitted]:
    stored, case, permit = ask_for_probe(node, actor, probe, Action.REDACTION_EXPORT)
    require_open(case)
    return stored, case, permit


def require_open(case: Case) -> None:
    """Raise Conflict where nothing leaves from the case any more."""
    if case.state is not CaseState.OPEN:
        raise Conflict(
            "case.exports-nothing",
            "The case {number} is {state}; pictures leave from open cases only.",
            number=case.number,
            state=case.state,
        )
