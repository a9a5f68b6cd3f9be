"""Calibrations: what the scores of this gallery are explained by. They are made by ``semblance calibrate``."""

from typing import Annotated

from fastapi import APIRouter, Depends

from semblance.api.answers import list_answers
from semblance.edge.acting import make_acting
from semblance.edge.calibrations import CalibrationListDocument, describe_calibrations
from semblance.edge.statuses import accept
from semblance.node.node import Node
from semblance.terms.actor import Actor
from semblance.workflows.evaluation.calibrate import list_calibrations


def make_calibration_routes(node: Node) -> APIRouter:
    """Return the routes about calibrations."""
    routes = APIRouter(prefix="/calibrations", tags=["search"])
    acting = make_acting(node)

    @routes.get("", summary="All calibrations of your authority", responses=list_answers(401, 403))
    def list_all(actor: Annotated[Actor, Depends(acting)]) -> CalibrationListDocument:
        """Return the calibrations, newest first; those without an end were stopped and can be resumed."""
        return describe_calibrations(accept(list_calibrations(node, actor)))

    return routes
