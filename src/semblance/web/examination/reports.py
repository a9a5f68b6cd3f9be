"""Reports: the signed bundle, and the PDF in it."""

from fastapi import APIRouter
from starlette.responses import Response

from semblance.edge.acting import CurrentActor
from semblance.terms.ids import ExaminationId
from semblance.web.page.site import CurrentSite
from semblance.workflows.examination.make_report import make_report

routes = APIRouter(prefix="/examinations/{which}")


@routes.post("/report")
def bundle(site: CurrentSite, actor: CurrentActor, which: str) -> Response:
    report = make_report(site.node, actor, ExaminationId(which))
    return _answer(report.data, "application/zip", report.name)


@routes.post("/report.pdf")
def pdf(site: CurrentSite, actor: CurrentActor, which: str) -> Response:
    report = make_report(site.node, actor, ExaminationId(which))
    return _answer(report.pdf, "application/pdf", report.name.replace(".zip", ".pdf"))


def _answer(data: bytes, media_type: str, name: str) -> Response:
    return Response(data, media_type=media_type, headers={"content-disposition": f'attachment; filename="{name}"'})
