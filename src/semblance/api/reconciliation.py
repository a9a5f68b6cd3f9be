"""Pairs of missing persons and who was found: what waits, and an officer's outcome. Faces are judged on the pages."""

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from semblance.api.answers import list_answers
from semblance.cases.reconciliation.pair import Evidence
from semblance.edge.acting import CurrentActor, CurrentNode
from semblance.edge.document import Document
from semblance.edge.reconciliation import (
    PairDetailDocument,
    PairDocument,
    PairListDocument,
    describe_pair,
    describe_pair_detail,
)
from semblance.terms.ids import PairId
from semblance.workflows.reconciliation.judge_pair import conclude_pair
from semblance.workflows.reconciliation.read_pair import list_waiting, read_pair


class OutcomeRequest(Document):
    """The outcome of a pair; it cannot be changed."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"evidence": "dna", "reason": "Laboratory report 7 of 3 March 2026"}]}
    )

    evidence: Evidence = Field(description="What it rests on; `none`: the two are not reconciled.")
    reason: str = Field(min_length=1, description="Which evidence it is, and who gave it.")


routes = APIRouter(prefix="/reconciliation", tags=["missing and found"], responses=list_answers(401, 403))


@routes.get("", summary="List the pairs that wait for you")
def list_all(node: CurrentNode, actor: CurrentActor) -> PairListDocument:
    """Return the pairs that wait for your opinion on the faces, or for the outcome, the oldest first."""
    return PairListDocument(pairs=tuple(map(describe_pair, list_waiting(node, actor))))


@routes.get("/{pair}", summary="A pair", responses=list_answers(404))
def read(node: CurrentNode, actor: CurrentActor, pair: PairId) -> PairDetailDocument:
    """Return a pair as you may see it: what else agrees or excludes only after your own opinion on the faces."""
    return describe_pair_detail(read_pair(node, actor, pair))


@routes.post("/{pair}/outcome", summary="Record the outcome", responses=list_answers(404))
def conclude(node: CurrentNode, actor: CurrentActor, pair: PairId, request: OutcomeRequest) -> PairDocument:
    """Record whether the two are reconciled, by which evidence; the faces were judged before."""
    return describe_pair(conclude_pair(node, actor, pair, request.evidence, reason=request.reason))
