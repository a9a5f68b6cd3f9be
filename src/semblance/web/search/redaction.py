"""Exporting a covered still of a probe: one face is chosen, boxes are added, what would leave is seen and confirmed."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query
from starlette.responses import HTMLResponse, Response

from semblance.edge.acting import CurrentActor
from semblance.edge.redaction import answer_headers
from semblance.errors import Conflict, IntakeError, PolicyError, RefusedByPolicy
from semblance.faces.redaction.still import StillFormat
from semblance.terms.ids import ProbeId, Sha256
from semblance.terms.permission import Actor
from semblance.terms.samples import Box
from semblance.web.page.faces import view_photo
from semblance.web.page.navigation import make_frame
from semblance.web.page.rendering import Problem, render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.wording.language import _, ngettext
from semblance.workflows.cases.probes import find_probe
from semblance.workflows.redaction.export_still import BOXES_CAP, StillDraft, StillPreview, export_still, preview_still

_EDGES: Final = ("left", "top", "width", "height")
_TOLD: Final = 0.005
"""Covered share of the chosen face from which it is told."""

Boxes = Annotated[list[str] | None, Query(alias="box")]


@dataclass(frozen=True, slots=True)
class SeenView:
    """What would leave, as the page shows it."""

    picture: str
    serial: str
    sha256: str
    reference: str
    words: str
    warnings: tuple[str, ...]


routes = APIRouter(prefix="/probes/{probe}/redact")


@routes.get("")
def read(
    site: CurrentSite,
    actor: CurrentActor,
    probe: ProbeId,
    face: int | None = Query(None, ge=0),
    box: Boxes = None,
    still_format: StillFormat = "png",
    left: str = Query(""),
    top: str = Query(""),
    width: str = Query(""),
    height: str = Query(""),
    preview: str = Query(""),
) -> Response:
    texts = list(box or ())
    numbers = left, top, width, height
    try:
        texts += [_write_box(_read_numbers(numbers))] if any(numbers) else []
        draft = StillDraft(face or 0, tuple(map(_read_box, texts)), still_format)
        if not preview or face is None:
            return _show(site, actor, probe, face, draft, numbers=())
        return _show(site, actor, probe, face, draft, seen=preview_still(site.node, actor, probe, draft))
    except (IntakeError, Conflict) as fault:
        kept = StillDraft(face or 0, tuple(_list_readable(box or ())), still_format)
        return _show(site, actor, probe, face, kept, problem=fault, numbers=numbers)


@routes.get("/picture")
def show(
    site: CurrentSite,
    actor: CurrentActor,
    probe: ProbeId,
    serial: str = Query(max_length=64),
    face: int = Query(ge=0),
    box: Boxes = None,
    still_format: StillFormat = "png",
) -> Response:
    draft = StillDraft(face, tuple(map(_read_box, box or ())), still_format)
    made = preview_still(site.node, actor, probe, draft, serial=serial)
    return Response(made.still.data, media_type=made.media_type)


@routes.post("")
def confirm(
    site: CurrentSite,
    actor: CurrentActor,
    probe: ProbeId,
    face: int = Form(ge=0),
    box: Annotated[list[str] | None, Form()] = None,
    still_format: Annotated[StillFormat, Form()] = "png",
    serial: str = Form(max_length=64),
    sha256: str = Form(max_length=64),
    reason: str = Form(""),
    looked: str = Form(""),
) -> Response:
    draft = StillDraft(face, tuple(map(_read_box, box or ())), still_format)
    try:
        _require_looked(looked)
        made = export_still(site.node, actor, probe, draft, serial=serial, seen=Sha256(sha256), reason=reason)
    except RefusedByPolicy:
        raise
    except (IntakeError, Conflict, PolicyError) as fault:
        seen = preview_still(site.node, actor, probe, draft)
        return _show(site, actor, probe, face, draft, seen=seen, problem=fault, reason=reason)
    return Response(made.still.data, media_type=made.media_type, headers=answer_headers(made))


def _require_looked(looked: str) -> None:
    if not looked:
        raise PolicyError(
            "redaction.not-looked-at", "Look at the whole picture, and say that nobody else can be recognised in it."
        )


def _show(
    site: Site,
    actor: Actor,
    probe: ProbeId,
    face: int | None,
    draft: StillDraft,
    *,
    seen: StillPreview | None = None,
    problem: Problem = None,
    reason: str = "",
    numbers: tuple[str, ...] = (),
) -> HTMLResponse:
    stored, case = find_probe(site.node, actor, probe)
    here = f"/probes/{stored.id}"
    chosen = face if face is not None or len(stored.faces) != 1 else stored.faces[0].ordinal
    return render_page(
        "search/redact.html",
        make_frame(site, "cases", actor),
        probe=stored.id,
        name=stored.name,
        case=case.number,
        case_href=f"/cases/{case.id}",
        photo=view_photo(
            stored.facts,
            stored.faces,
            site.node.suitability,
            address=here,
            alt=_("Probe {name}", name=stored.name),
            chosen=chosen,
            link=lambda ordinal: f"{here}/redact?face={ordinal}",
        ),
        boxes=tuple((_write_box(box), _say_box(box)) for box in draft.boxes),
        boxes_cap=BOXES_CAP,
        numbers=dict(zip(_EDGES, numbers or ("",) * 4, strict=True)),
        still_format=draft.still_format,
        seen=None if seen is None else _view(probe, seen),
        reason=reason,
        problem=problem,
    )


def _view(probe: ProbeId, seen: StillPreview) -> SeenView:
    draft, missed = seen.draft, len(seen.missed)
    boxes = "".join(f"&box={_write_box(box)}" for box in draft.boxes)
    address = f"/probes/{probe}/redact/picture?serial={seen.serial}&face={draft.face}"
    warnings = []
    if missed:
        warnings.append(
            ngettext(
                "{n} face was seen only when what would leave was looked at once more. It is covered; look twice for "
                "others.",
                "{n} faces were seen only when what would leave was looked at once more. They are covered; look twice "
                "for others.",
                missed,
            )
        )
    if seen.still.hidden >= _TOLD:
        share = round(100 * seen.still.hidden)
        warnings.append(
            _(
                "Part of the chosen face is covered by what covers others ({share} %): covering wins.",
                share=max(1, share),
            )
        )
    return SeenView(
        picture=f"{address}{boxes}&still_format={draft.still_format}",
        serial=seen.serial,
        sha256=seen.sha256,
        reference=seen.reference,
        words=ngettext("{n} other face is covered.", "{n} other faces are covered.", seen.others + missed),
        warnings=tuple(warnings),
    )


def _read_numbers(numbers: tuple[str, ...]) -> Box:
    try:
        left, top, width, height = map(float, numbers)
    except ValueError:
        raise _no_box(" ".join(numbers)) from None
    return Box(left, top, left + width, top + height)


def _read_box(text: str) -> Box:
    try:
        left, top, right, bottom = map(float, text.split(","))
    except ValueError:
        raise _no_box(text) from None
    return Box(left, top, right, bottom)


def _list_readable(texts: list[str] | tuple[()]) -> list[Box]:
    boxes = []
    for text in texts:
        try:
            boxes.append(_read_box(text))
        except IntakeError:
            continue
    return boxes


def _write_box(box: Box) -> str:
    return ",".join(f"{edge:g}" for edge in (box.left, box.top, box.right, box.bottom))


def _say_box(box: Box) -> str:
    return _(
        "{width} × {height} at {left}, {top}",  # noqa: RUF001
        width=f"{box.width:g}",
        height=f"{box.height:g}",
        left=f"{box.left:g}",
        top=f"{box.top:g}",
    )


def _no_box(text: str) -> IntakeError:
    return IntakeError(
        "redaction.no-box", "'{text}' is no box; write left, top, width and height in pixels.", text=text[:40]
    )
