"""The start page: hand in a photo."""

from typing import Annotated

from fastapi import APIRouter, File, UploadFile
from starlette.responses import HTMLResponse, RedirectResponse, Response

from semblance.edge.documents import shorten_name
from semblance.edge.statuses import find_status
from semblance.errors import IntakeError
from semblance.web.contexts import Frame, StartPage
from semblance.web.rendering import render_page
from semblance.web.site import Site
from semblance.workflows.identify import submit_probe
from semblance.workflows.show import describe_node


def make_frame(site: Site, here: str) -> Frame:
    """Return the frame around a page; ``here`` is search, gallery, searches, or empty."""
    return Frame(node=site.node.name, demonstration=site.demonstration, here=here)


def make_start_routes(site: Site) -> APIRouter:
    """Return the start page's routes."""
    routes = APIRouter()

    def show(problem: str | None = None, status: int = 200) -> HTMLResponse:
        summary = describe_node(site.node)
        page = StartPage(
            frame=make_frame(site, "search"),
            subjects=summary.subjects,
            references=summary.references,
            upload_megabytes=site.upload_megabytes,
            problem=problem,
        )
        return render_page("start.html", page, status=status)

    @routes.get("/")
    def start() -> Response:
        return show()

    @routes.post("/probes")
    def submit(photo: Annotated[UploadFile | None, File()] = None) -> Response:
        name = shorten_name(photo.filename or "") if photo is not None else ""
        data = photo.file.read() if photo is not None else b""
        if not name and not data:
            return show("No photo was chosen. Choose a file first.", 422)
        try:
            # no person is known before the search itself says who searches
            probe = submit_probe(site.node, data, name=name or "photo", person=site.person or "not said")
        except IntakeError as error:
            return show(str(error), find_status(error))
        return RedirectResponse(f"/probes/{probe.probe}", status_code=303)

    return routes
