"""Reports: the signed bundle, and the PDF in it."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from semblance.edge.acting import make_acting
from semblance.edge.statuses import accept
from semblance.terms.actor import Actor
from semblance.terms.ids import ExaminationId
from semblance.web.page.site import Site
from semblance.workflows.examination.make_report import make_report


def make_report_routes(site: Site) -> APIRouter:
    """Return the routes of reports; each of them makes one, and its making is recorded."""
    routes = APIRouter(prefix="/examinations/{which}")
    acting = make_acting(site.node)

    @routes.post("/report")
    def bundle(actor: Annotated[Actor, Depends(acting)], which: str) -> Response:
        report = accept(make_report(site.node, actor, ExaminationId(which)))
        return _answer(report.data, "application/zip", report.name)

    @routes.post("/report.pdf")
    def pdf(actor: Annotated[Actor, Depends(acting)], which: str) -> Response:
        report = accept(make_report(site.node, actor, ExaminationId(which)))
        return _answer(report.pdf, "application/pdf", report.name.replace(".zip", ".pdf"))

    return routes


def _answer(data: bytes, media_type: str, name: str) -> Response:
    return Response(data, media_type=media_type, headers={"content-disposition": f'attachment; filename="{name}"'})
