"""The ledger: look through it, verify it, prove an entry, hand it out."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response, StreamingResponse

from semblance.api.answers import list_answers
from semblance.audit.entry import Verb
from semblance.audit.receipt import write_receipt
from semblance.edge.acting import CurrentActor, CurrentNode
from semblance.edge.jobs import JobDocument, describe_job
from semblance.edge.ledger import (
    LedgerGrowthDocument,
    LedgerListDocument,
    LedgerProofDocument,
    LedgerVerifiedDocument,
    describe_entries,
    describe_verified,
)
from semblance.edge.statuses import NUMBER_CAP
from semblance.workflows.oversight import ledger
from semblance.workflows.oversight.verify_job import begin_verification

_Text = Annotated[str | None, Query(max_length=200)]
_Number = Annotated[int, Path(ge=0, le=NUMBER_CAP)]

routes = APIRouter(prefix="/ledger", tags=["ledger"], responses=list_answers())


@routes.get("", summary="List the ledger's entries")
def list_all(
    node: CurrentNode,
    actor: CurrentActor,
    verb: Verb | None = None,
    person: _Text = None,
    authority: _Text = None,
    case: _Text = None,
    before: Annotated[int | None, Query(ge=0, le=NUMBER_CAP, description="Only below this number.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> LedgerListDocument:
    """Return entries, newest first: every act, also refused ones."""
    wanted = ledger.Filter(verb, person, authority, case)
    return describe_entries(ledger.list_newest(node, actor, wanted, before=before, limit=limit))


@routes.get("/verification", summary="Verify the ledger")
def verify(node: CurrentNode, actor: CurrentActor) -> LedgerVerifiedDocument:
    """Recompute every hash, head and signature; 422 with code `verification` and the first fault where one is."""
    return describe_verified(ledger.verify_ledger(node, actor))


@routes.post(
    "/verification", summary="Verify the ledger as a job", status_code=202, responses=list_answers(401, 403, 409, 507)
)
def verify_later(node: CurrentNode, actor: CurrentActor) -> JobDocument:
    """Have a worker recompute everything, and return the job to ask after: of a long ledger it takes minutes."""
    return describe_job(begin_verification(node, actor), node.clock())


@routes.get(
    "/bundle",
    summary="The whole ledger as one file",
    response_class=StreamingResponse,
    responses={**list_answers(404), 200: {"content": {"application/jsonl": {}}, "description": "JSON lines."}},
)
def export(node: CurrentNode, actor: CurrentActor) -> StreamingResponse:
    """Return all entries and the newest checkpoint, for `semblance ledger verify` on another machine."""
    return StreamingResponse(ledger.export_ledger(node, actor), media_type="application/jsonl")


@routes.get("/growth/{older}", summary="Prove that nothing was rewritten", responses=list_answers(404))
def prove_growth(node: CurrentNode, older: _Number, actor: CurrentActor) -> LedgerGrowthDocument:
    """Return what proves that the newest signed ledger goes on from its first so many entries."""
    return LedgerGrowthDocument.model_validate(ledger.prove_growth(node, actor, older))


@routes.get("/entries/{number}/proof", summary="Prove one entry", responses=list_answers(404))
def prove(node: CurrentNode, number: _Number, actor: CurrentActor) -> LedgerProofDocument:
    """Return what proves to anybody that the entry stands in the signed ledger."""
    return LedgerProofDocument.model_validate(ledger.prove_entry(node, actor, number))


@routes.get(
    "/entries/{number}/receipt",
    summary="The receipt of one entry",
    response_class=Response,
    responses={
        **list_answers(404),
        200: {"content": {"application/json": {}}, "description": "One file that proves itself."},
    },
)
def hand_out_receipt(node: CurrentNode, number: _Number, actor: CurrentActor) -> Response:
    """Return the entry with its reason, its proof and the key, for `semblance ledger verify-receipt` anywhere."""
    receipt = ledger.hand_out_receipt(node, actor, number)
    return Response(write_receipt(receipt), media_type="application/json")
