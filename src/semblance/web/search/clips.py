"""Covered clips of a followed video: asked for, watched from beginning to end, confirmed, made again, thrown away."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Form, Header, Query
from starlette.responses import RedirectResponse, Response

from semblance.edge.acting import CurrentActor
from semblance.edge.redaction import answer_download, answer_player, read_timed_box, write_timed_box
from semblance.errors import Conflict, IntakeError, PolicyError, RefusedByPolicy
from semblance.faces.redaction.outlines import ManualBox
from semblance.store.clips import BOXES_CAP
from semblance.terms.ids import ClipId, Sha256, SubmissionFileId, SubmissionId
from semblance.terms.permission import Actor
from semblance.terms.samples import Box
from semblance.web.page.navigation import make_frame
from semblance.web.page.rendering import Problem, render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.wording.language import _, ngettext
from semblance.web.wording.say_message import say_message
from semblance.web.wording.words import say_act, say_decimal, say_moment, say_size
from semblance.workflows.redaction.cover_clip import MOST_SECONDS, begin_clip
from semblance.workflows.redaction.export_clip import (
    ClipDetail,
    discard_clip,
    export_clip,
    open_clip,
    prepare_clip,
    read_clip,
)

_NUMBERS: Final = ("left", "top", "width", "height", "first", "last")
_TRACK: Final = "/submissions/{submission}/files/{file}/tracks/{number}/clip"

Boxes = Annotated[list[str] | None, Query(alias="box")]
Numbers = Annotated[list[str] | None, Query(alias="number")]


@dataclass(frozen=True, slots=True)
class ClipRow:
    """A clip of the video as the page lists it."""

    href: str
    span: str
    state: str
    made: str


@dataclass(frozen=True, slots=True)
class _Written:
    """What stands in the form; ``numbers`` are those of a box that is being added."""

    start: str = ""
    end: str = ""
    sound: bool = False
    boxes: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    @property
    def all_boxes(self) -> tuple[ManualBox, ...]:
        """Return the boxes; raises IntakeError where one is none."""
        added = (_read_numbers(self.numbers),) if any(self.numbers) else ()
        return (*map(read_timed_box, self.boxes), *added)


routes = APIRouter()


@routes.get(_TRACK)
def choose(
    site: CurrentSite,
    actor: CurrentActor,
    submission: SubmissionId,
    file: SubmissionFileId,
    number: int,
    start: str = Query("", max_length=40),
    end: str = Query("", max_length=40),
    sound: str = Query(""),
    box: Boxes = None,
    numbers: Numbers = None,
) -> Response:
    written = _Written(start, end, bool(sound), tuple(box or ()), tuple(numbers or ()))
    try:
        boxes = written.all_boxes
    except IntakeError as fault:
        kept = _Written(start, end, bool(sound), (), written.numbers)
        return _show_form(site, actor, submission, file, number, kept, problem=fault)
    kept = _Written(start, end, bool(sound), tuple(map(write_timed_box, boxes)))
    return _show_form(site, actor, submission, file, number, kept)


@routes.post(_TRACK)
def begin(
    site: CurrentSite,
    actor: CurrentActor,
    submission: SubmissionId,
    file: SubmissionFileId,
    number: int,
    start: str = Form("", max_length=40),
    end: str = Form("", max_length=40),
    sound: str = Form(""),
    box: Annotated[list[str] | None, Form()] = None,
    numbers: Annotated[list[str] | None, Form(alias="number")] = None,
) -> Response:
    written = _Written(start, end, bool(sound), tuple(box or ()), tuple(numbers or ()))
    try:
        made = begin_clip(
            site.node,
            actor,
            submission,
            file,
            number,
            start=_read_seconds(start),
            end=_read_seconds(end),
            boxes=written.all_boxes,
            sound=bool(sound),
        )
    except (IntakeError, Conflict) as fault:
        return _show_form(site, actor, submission, file, number, written, problem=fault)
    return RedirectResponse(f"/clips/{made.id}", status_code=303)


@routes.get("/clips/{clip}")
def read(site: CurrentSite, actor: CurrentActor, clip: ClipId) -> Response:
    return _show(site, actor, clip)


@routes.get("/clips/{clip}/video")
def watch(
    site: CurrentSite, actor: CurrentActor, clip: ClipId, asked: Annotated[str | None, Header(alias="range")] = None
) -> Response:
    return answer_player(site.node, open_clip(site.node, actor, clip), asked)


@routes.post("/clips/{clip}")
def confirm(
    site: CurrentSite,
    actor: CurrentActor,
    clip: ClipId,
    sha256: str = Form(max_length=64),
    reason: str = Form(""),
    watched: str = Form(""),
) -> Response:
    try:
        _require_watched(watched)
        exported = export_clip(site.node, actor, clip, seen=Sha256(sha256), reason=reason)
    except RefusedByPolicy:
        raise
    except (IntakeError, Conflict, PolicyError) as fault:
        return _show(site, actor, clip, problem=fault, reason=reason)
    return answer_download(site.node, exported)


@routes.post("/clips/{clip}/discard")
def discard(site: CurrentSite, actor: CurrentActor, clip: ClipId) -> Response:
    found = read_clip(site.node, actor, clip)
    try:
        discard_clip(site.node, actor, clip)
    except Conflict as fault:
        return _show(site, actor, clip, problem=fault)
    return RedirectResponse(_find_form(found), status_code=303)


def _require_watched(watched: str) -> None:
    if not watched:
        raise PolicyError(
            "redaction.not-watched", "Watch the whole clip, and say that nobody else can be recognised in it."
        )


def _show_form(
    site: Site,
    actor: Actor,
    submission: SubmissionId,
    file: SubmissionFileId,
    number: int,
    written: _Written,
    *,
    problem: Problem = None,
) -> Response:
    choice = prepare_clip(site.node, actor, submission, file, number)
    seen = choice.track.sightings
    facts = choice.file.facts
    scale = 1.0 if facts is None else min(1.0, choice.followed.longest / max(facts.width, facts.height))
    return render_page(
        "search/clip-form.html",
        make_frame(site, "cases", actor),
        here=_TRACK.format(submission=submission, file=file, number=number),
        submission=submission,
        name=choice.file.name,
        number=number,
        case=choice.case.number,
        case_href=f"/cases/{choice.case.id}",
        tracks_href=f"/submissions/{submission}/files/{file}/tracks",
        seen=_say_span(seen[0].seconds, seen[-1].seconds),
        size=None if facts is None else (round(facts.width * scale), round(facts.height * scale)),
        start=written.start or f"{choice.span[0]:.2f}",
        end=written.end or f"{choice.span[1]:.2f}",
        most=round(MOST_SECONDS),
        sound=written.sound,
        boxes=tuple((text, _say_box(text)) for text in written.boxes),
        boxes_cap=BOXES_CAP,
        numbers=dict(zip(_NUMBERS, (*written.numbers, *("",) * 6)[:6], strict=True)),
        rows=tuple(_view_row(clip) for clip in choice.clips),
        problem=problem,
    )


def _show(site: Site, actor: Actor, clip_id: ClipId, *, problem: Problem = None, reason: str = "") -> Response:
    found = read_clip(site.node, actor, clip_id)
    clip, made, job = found.clip, found.clip.made, found.job
    draft = clip.draft
    return render_page(
        "search/clip.html",
        make_frame(site, "cases", actor),
        clip=clip.id,
        name=found.file.name,
        case=found.case.number,
        case_href=f"/cases/{found.case.id}",
        form_href=_find_form(found),
        made=made,
        job=job,
        moving=made is None and job is not None and job.is_open,
        ending="" if job is None or job.ending is None else say_message(job.ending),
        begins=0.0 if made is None else made.begins,
        facts=(
            (_("Reference"), clip.reference),
            *((("SHA-256", made.sha256),) if made is not None else ()),
            (_("Part"), _say_span(draft.start, draft.end)),
            (_("Track that is shown"), str(draft.track)),
            (_("Sound"), _("goes along") if draft.sound else _("none")),
            (_("Boxes"), str(len(draft.boxes))),
            *(((_("Size"), say_size(made.size)),) if made is not None else ()),
            (_("Asked for"), say_act(clip.made_at, clip.made_by)),
            (_("Deleted"), say_moment(found.over_at)),
        ),
        missed=_say_missed(0 if made is None else made.missed),
        start=f"{draft.start:.3f}",
        end=f"{draft.end:.3f}",
        sound=draft.sound,
        boxes=tuple(map(write_timed_box, draft.boxes)),
        reason=reason,
        problem=problem,
    )


def _find_form(found: ClipDetail) -> str:
    return _TRACK.format(submission=found.submission.id, file=found.file.id, number=found.clip.draft.track)


def _say_missed(missed: int) -> str:
    if not missed:
        return ""
    return ngettext(
        "{n} face in all frames was seen only when what would leave was looked at once more. It is covered; look twice "
        "for others.",
        "{n} faces in all frames were seen only when what would leave was looked at once more. They are covered; look "
        "twice for others.",
        missed,
    )


def _view_row(found: ClipDetail) -> ClipRow:
    draft = found.clip.draft
    whole, going = found.clip.made is not None, found.job is not None and found.job.is_open
    return ClipRow(
        href=f"/clips/{found.clip.id}",
        span=_say_span(draft.start, draft.end),
        state=_("to be watched") if whole else _("being made") if going else _("not made"),
        made=say_act(found.clip.made_at, found.clip.made_by),
    )


def _say_span(first: float, last: float) -> str:
    return _("{first} s to {last} s", first=say_decimal(first, 2), last=say_decimal(last, 2))


def _say_box(text: str) -> str:
    try:
        manual = read_timed_box(text)
    except IntakeError:
        return text
    box = manual.box
    place = _(
        "{width} × {height} at {left}, {top}",  # noqa: RUF001
        width=f"{box.width:g}",
        height=f"{box.height:g}",
        left=f"{box.left:g}",
        top=f"{box.top:g}",
    )
    if manual.first is None and manual.last is None:
        return place
    first = _("the beginning") if manual.first is None else _("{seconds} s", seconds=say_decimal(manual.first, 2))
    last = _("the end") if manual.last is None else _("{seconds} s", seconds=say_decimal(manual.last, 2))
    return _("{place}, from {first} to {last}", place=place, first=first, last=last)


def _read_seconds(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        return float(text)
    except ValueError:
        raise IntakeError("redaction.no-seconds", "'{text}' is no number of seconds.", text=text[:40]) from None


def _read_numbers(numbers: tuple[str, ...]) -> ManualBox:
    left, top, width, height, first, last = (*numbers, *("",) * 6)[:6]
    try:
        edges = [float(number) for number in (left, top, width, height)]
    except ValueError:
        raise IntakeError(
            "redaction.no-box", "'{text}' is no box; write left, top, width and height in pixels.", text=left[:40]
        ) from None
    box = Box(edges[0], edges[1], edges[0] + edges[2], edges[1] + edges[3])
    return ManualBox(box, _read_seconds(first), _read_seconds(last))
