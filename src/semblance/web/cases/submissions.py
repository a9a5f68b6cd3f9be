"""Submissions: the videos and photos of a case, from the form that says where they come from to their erasure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, File, Form, UploadFile
from starlette.responses import HTMLResponse, RedirectResponse, Response

from semblance.edge.acting import CurrentActor
from semblance.errors import IntakeError, SemblanceError, SubmissionInvalid
from semblance.faces.pictures import render_preview
from semblance.gallery.record_faults import read_fault
from semblance.gallery.submission import FileKind, FileState, SourceKind, SubmissionDraft, SubmittedFile
from semblance.messages.message import Message
from semblance.terms.ids import CaseId, SubmissionFileId, SubmissionId
from semblance.terms.permission import Action, Actor
from semblance.web.page.contexts import Option
from semblance.web.page.forms import read_day
from semblance.web.page.navigation import make_frame, may
from semblance.web.page.rendering import Problem, render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.wording.language import N_, _, ngettext
from semblance.web.wording.say_message import say_message
from semblance.web.wording.words import say_act, say_decimal, say_size
from semblance.workflows.cases.cases import ask_for_case
from semblance.workflows.submissions.complete import submit_whole
from semblance.workflows.submissions.hand_in import hand_in_photo, read_photo
from semblance.workflows.submissions.submissions import (
    begin_submission,
    erase_submission,
    find_latest,
    move_review,
    read_submission,
)

_SOURCES: Final = {
    SourceKind.NATIONAL_AUTHORITY: N_("A national authority"),
    SourceKind.INTERNATIONAL_ORGANISATION: N_("An international organisation"),
    SourceKind.COMPANY: N_("A company, through a national authority"),
}
_KINDS: Final = {FileKind.PHOTO: N_("Photo"), FileKind.VIDEO: N_("Video"), FileKind.ARCHIVE: N_("Zip file")}
_STATES: Final = {
    FileState.RECEIVING: (N_("Not all of it has arrived"), "fair"),
    FileState.COMPLETE: (N_("Held"), "good"),
    FileState.REFUSED: (N_("Refused"), "poor"),
    FileState.UNPACKED: (N_("Unpacked"), "good"),
}
_DAY: Final = Message("submission.review-day", "The review date")
_FIELDS: Final = ("source", "authority", "company", "obtained", "legal_basis", "review_on")
_SHOWN: Final = 500

routes = APIRouter()


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file as the page of its submission lists it."""

    name: str
    kind: str
    size: str
    state: str
    grade: str
    says: str
    picture: str | None
    probe_href: str | None
    tracks_href: str | None


def _show_form(
    site: Site,
    actor: Actor,
    case: CaseId,
    written: Mapping[str, str],
    *,
    problem: Problem = None,
    faults: Mapping[str, str] | None = None,
) -> Response:
    found, _permit = ask_for_case(site.node, actor, Action.SUBMISSION_MAKE, case)
    return render_page(
        "cases/submission-form.html",
        make_frame(site, "cases", actor),
        case=case,
        number=found.number,
        sources=tuple(Option(kind, _(words), kind == written["source"]) for kind, words in _SOURCES.items()),
        latest=find_latest(site.node, site.node.clock()).isoformat(),
        written=written,
        problem=problem,
        faults=faults or {},
    )


def _show(
    site: Site, actor: Actor, submission: SubmissionId, *, problem: Problem = None, faults: tuple[str, ...] = ()
) -> HTMLResponse:
    detail = read_submission(site.node, actor, submission)
    held, draft = detail.submission, detail.submission.draft
    is_open = detail.case.state == "open"
    days = (draft.review_on - site.node.clock().date()).days
    return render_page(
        "cases/submission.html",
        make_frame(site, "cases", actor),
        submission=held.id,
        case=detail.case.id,
        number=detail.case.number,
        facts=(
            (_("Source"), _(_SOURCES[draft.source])),
            (_("Authority"), draft.authority),
            *(((_("Company"), draft.company),) if draft.company else ()),
            (_("How it was obtained"), draft.obtained),
            (_("Legal basis"), draft.legal_basis),
            (_("Held until"), draft.review_on.isoformat()),
            (_("Submitted"), say_act(held.made_at, held.made_by)),
        ),
        soon=days <= site.node.policy.read().retention.reminder,
        left=ngettext("{n} day left", "{n} days left", max(days, 0)),
        files=tuple(_view(site, actor, held.id, file, is_open=is_open) for file in detail.files[:_SHOWN]),
        file_count=len(detail.files),
        upload_megabytes=site.upload_megabytes,
        latest=detail.latest.isoformat(),
        may_submit=is_open and may(site, actor, Action.SUBMISSION_MAKE),
        may_erase=may(site, actor, Action.SUBMISSION_ERASE),
        problem=problem,
        faults=faults,
    )


def _view(site: Site, actor: Actor, submission: SubmissionId, file: SubmittedFile, *, is_open: bool) -> FileRow:
    words, grade = _STATES[file.state]
    here = f"/submissions/{submission}/files/{file.id}"
    is_photo, is_video = (
        file.state is FileState.COMPLETE and file.kind is kind for kind in (FileKind.PHOTO, FileKind.VIDEO)
    )
    return FileRow(
        name=file.name,
        kind="" if file.kind is None else _(_KINDS[file.kind]),
        size=say_size(file.size),
        state=_(words),
        grade=grade,
        says=_say_facts(file),
        picture=f"{here}/picture" if is_photo else None,
        probe_href=f"{here}/probe" if is_photo and is_open and may(site, actor, Action.PROBE_SUBMIT) else None,
        tracks_href=f"{here}/tracks" if is_video else None,
    )


def _say_facts(file: SubmittedFile) -> str:
    if file.fault is not None:
        return say_message(file.fault)
    if file.facts is None:
        return _("not read yet") if file.state is FileState.COMPLETE else ""
    parts = [f"{file.facts.width} × {file.facts.height}"]  # noqa: RUF001 - the sign for it
    if file.facts.seconds is not None:
        parts.append(_("{seconds} s", seconds=say_decimal(file.facts.seconds, 1)))
    if file.kind is FileKind.PHOTO:
        parts.append(ngettext("{n} face", "{n} faces", len(file.facts.faces)))
    return ", ".join((*parts, *map(say_message, file.facts.notes)))


@routes.get("/cases/{case}/submissions/new")
def write(site: CurrentSite, actor: CurrentActor, case: CaseId) -> Response:
    return _show_form(site, actor, case, dict.fromkeys(_FIELDS, ""))


@routes.post("/cases/{case}/submissions")
def begin(
    site: CurrentSite,
    actor: CurrentActor,
    case: CaseId,
    source: str = Form(""),
    authority: str = Form(""),
    company: str = Form(""),
    obtained: str = Form(""),
    legal_basis: str = Form(""),
    review_on: str = Form(""),
) -> Response:
    values = (source, authority, company, obtained, legal_basis, review_on)
    written = dict(zip(_FIELDS, values, strict=True))
    if source not in set(SourceKind):
        return _show_form(site, actor, case, written, problem=_("Choose the source."))
    try:
        day = read_day(review_on, _DAY)
        draft = SubmissionDraft(SourceKind(source), authority, obtained, legal_basis, day, company)
        made = begin_submission(site.node, actor, case, draft)
    except SubmissionInvalid as error:
        found = (read_fault(problem) for problem in error.problems)
        faults = {fault.field: say_message(fault.fault) for fault in found if fault is not None}
        return _show_form(site, actor, case, written, problem=_("Something is missing or wrong:"), faults=faults)
    except IntakeError as error:
        return _show_form(site, actor, case, written, problem=error)
    return RedirectResponse(f"/submissions/{made.id}", status_code=303)


@routes.get("/submissions/{submission}")
def read(site: CurrentSite, actor: CurrentActor, submission: SubmissionId) -> Response:
    return _show(site, actor, submission)


@routes.post("/submissions/{submission}/files")
def submit(
    site: CurrentSite,
    actor: CurrentActor,
    submission: SubmissionId,
    file: Annotated[list[UploadFile | str] | None, File()] = None,
) -> Response:
    # a form whose field was left empty sends no file but an empty text
    sent = [(part.filename or "", part.file.read()) for part in file or () if not isinstance(part, str)]
    sent = [(name, data) for name, data in sent if name or data]
    if not sent:
        return _show(site, actor, submission, problem=_("No file was chosen. Choose one first."))
    faults: list[SemblanceError | Message] = []
    for name, data in sent:
        try:
            completed = submit_whole(site.node, actor, submission, data, name=name or "file")
        except IntakeError as error:
            faults.append(error)
        else:
            told = completed.file.fault
            faults += [Message("archive.entry", "{name} {fault}", name=name, fault=told)] if told else []
    if not faults:
        return RedirectResponse(f"/submissions/{submission}", status_code=303)
    said = tuple(say_message(fault if isinstance(fault, Message) else fault.message) for fault in faults)
    return _show(site, actor, submission, problem=_("These could not be taken:"), faults=said)


@routes.get("/submissions/{submission}/files/{file}/picture")
def show_picture(site: CurrentSite, actor: CurrentActor, submission: SubmissionId, file: SubmissionFileId) -> Response:
    photo = read_photo(site.node, actor, submission, file)
    return Response(render_preview(photo.data, name=photo.name, turned=photo.turned), media_type="image/jpeg")


@routes.post("/submissions/{submission}/files/{file}/probe")
def hand_in(site: CurrentSite, actor: CurrentActor, submission: SubmissionId, file: SubmissionFileId) -> Response:
    probe = hand_in_photo(site.node, actor, submission, file)
    return RedirectResponse(f"/probes/{probe.id}", status_code=303)


@routes.post("/submissions/{submission}/review")
def review(
    site: CurrentSite, actor: CurrentActor, submission: SubmissionId, review_on: str = Form(""), reason: str = Form("")
) -> Response:
    try:
        move_review(site.node, actor, submission, read_day(review_on, _DAY), reason=reason.strip())
    except SemblanceError as error:
        return _show(site, actor, submission, problem=error)
    return RedirectResponse(f"/submissions/{submission}", status_code=303)


@routes.post("/submissions/{submission}/erase")
def erase(site: CurrentSite, actor: CurrentActor, submission: SubmissionId, reason: str = Form("")) -> Response:
    if not reason.strip():
        return _show(site, actor, submission, problem=_("Say why the submission is erased."))
    case = read_submission(site.node, actor, submission).case
    erased = erase_submission(site.node, actor, submission, reason=reason.strip())
    return render_page(
        "cases/submission-erased.html",
        make_frame(site, "cases", actor),
        case=case.id,
        facts=((_("Case"), case.number), (_("Files erased"), str(erased.files)), (_("Reason"), reason.strip())),
        entry=erased.ledger_entry,
    )
