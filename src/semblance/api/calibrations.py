"""Calibrations: what the scores of this gallery are explained by. They are made by ``semblance calibrate``."""

from fastapi import APIRouter

from semblance.api.answers import list_answers
from semblance.edge.acting import CurrentActor, CurrentNode
from semblance.edge.calibrations import CalibrationListDocument
from semblance.workflows.evaluation.calibrate import list_calibrations

routes = APIRouter(prefix="/calibrations", tags=["search"])


@routes.get("", summary="All calibrations of your authority", responses=list_answers(401, 403))
def list_all(node: CurrentNode, actor: CurrentActor) -> CalibrationListDocument:
    """Return the calibrations, newest first; those without an end were stopped and can be resumed."""
    return CalibrationListDocument.model_validate({"calibrations": list_calibrations(node, actor)})
