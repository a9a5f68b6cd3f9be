"""The gallery: its subjects, one subject's photos, and the choice of a face where a photo shows several."""

from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, Query
from starlette.responses import HTMLResponse, RedirectResponse, Response

from semblance.edge.documents import shorten_name
from semblance.gallery.outcome import IntakeStatus
from semblance.terms.ids import PhotoId
from semblance.web.contexts import GalleryPage, SubjectPage, SubjectPhotoView, SubjectView, WaitingView
from semblance.web.faces import list_facts, view_photo
from semblance.web.forms import read_number
from semblance.web.rendering import render_page
from semblance.web.site import Site
from semblance.web.start import make_frame
from semblance.web.words import STATUS_WORDS, say_moment
from semblance.workflows.choose_face import choose_face
from semblance.workflows.show import (
    PhotoDetail,
    SubjectRow,
    describe_node,
    describe_photo,
    describe_subject,
    list_awaiting,
    list_subjects,
)

_PAGE = 24


def address_subject(key: str) -> str:
    """Return the address of a subject's page; the key goes into the part that no program takes for a path."""
    return f"/gallery/subject?key={quote(key, safe='')}"


def make_gallery_routes(site: Site) -> APIRouter:
    """Return the gallery's routes."""
    routes = APIRouter(prefix="/gallery")

    def show_subject(key: str, *, problem: str | None = None, status: int = 200) -> HTMLResponse:
        detail = describe_subject(site.node, key)
        page = SubjectPage(
            frame=make_frame(site, "gallery"),
            key=detail.subject.key,
            since=f"{say_moment(detail.subject.created_at)} by {detail.subject.created_by}",
            photos=tuple(_view_subject_photo(site, photo) for photo in detail.photos),
            references=sum(photo.status is IntakeStatus.ENROLLED for photo in detail.photos),
            person=site.person or "",
            problem=problem,
        )
        return render_page("subject.html", page, status=status)

    @routes.get("")
    def list_all(after: str | None = Query(None), text: str = Query("")) -> Response:
        found = list_subjects(site.node, after=after, limit=_PAGE, text=text.strip() or None)
        onward = None
        if found.next_after is not None:
            onward = "/gallery?" + urlencode({"after": found.next_after, "text": text})
        page = GalleryPage(
            frame=make_frame(site, "gallery"),
            rows=tuple(_view_row(site, row) for row in found.rows),
            waiting=tuple(
                WaitingView(
                    subject=photo.subject_key,
                    name=shorten_name(photo.name),
                    href=f"{address_subject(photo.subject_key)}#photo-{photo.photo}",
                    faces=len(photo.faces),
                )
                for photo in list_awaiting(site.node)
            ),
            text=text,
            total=describe_node(site.node).subjects,
            next_href=onward,
            first=after is None,
        )
        return render_page("gallery.html", page)

    @routes.get("/subject")
    def read(key: str = Query("")) -> Response:
        return show_subject(key)

    @routes.post("/photos/{photo}/choose")
    def choose(photo: str, face: str = Form(""), person: str = Form("")) -> Response:
        detail = describe_photo(site.node, PhotoId(photo))
        chosen = read_number(face)
        if chosen is None:
            return show_subject(detail.subject_key, problem="Choose a face first.", status=422)
        if not person.strip():
            return show_subject(detail.subject_key, problem="Say who chooses: fill in the person.", status=422)
        choose_face(site.node, detail.photo, chosen, person=person.strip())
        return RedirectResponse(f"{address_subject(detail.subject_key)}#photo-{photo}", status_code=303)

    return routes


def _view_row(site: Site, row: SubjectRow) -> SubjectView:
    picture = None
    if row.references:
        for photo in describe_subject(site.node, row.subject.key).photos:
            if photo.chosen is not None and photo.status is IntakeStatus.ENROLLED:
                picture = f"/photos/{photo.photo}/faces/chosen"
                break
    return SubjectView(
        key=row.subject.key,
        href=address_subject(row.subject.key),
        picture=picture,
        photos=row.photos,
        references=row.references,
        since=say_moment(row.subject.created_at),
    )


def _view_subject_photo(site: Site, photo: PhotoDetail) -> SubjectPhotoView:
    words, grade = STATUS_WORDS[photo.status]
    name = shorten_name(photo.name)
    facts = [*list_facts(photo.facts), ("Enrolled", f"{say_moment(photo.enrolled_at)} by {photo.enrolled_by}")]
    if photo.captured is not None:
        facts.append(("Captured", photo.captured))
    if photo.source is not None:
        facts.append(("Source", photo.source))
    return SubjectPhotoView(
        photo=photo.photo,
        view=view_photo(
            photo.facts,
            photo.faces,
            site.node.suitability,
            address=f"/photos/{photo.photo}",
            alt=f"Photo {name} of {photo.subject_key}",
            chosen=photo.chosen,
        ),
        name=name,
        status=words,
        grade=grade,
        reasons=photo.reasons,
        facts=tuple(facts),
        waits=photo.status is IntakeStatus.SEVERAL_FACES,
    )
