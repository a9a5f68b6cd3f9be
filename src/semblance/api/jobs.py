"""Jobs: what goes on while nobody waits for it; each kind is begun where its subject is."""

from typing import Annotated

from fastapi import APIRouter, Query

from semblance.api.answers import list_answers
from semblance.edge.acting import CurrentActor, CurrentNode
from semblance.edge.jobs import JobDocument, JobListDocument, describe_job, describe_jobs
from semblance.terms.ids import CaseId, JobId
from semblance.workflows.jobs.jobs import cancel_job, list_jobs, read_job

routes = APIRouter(prefix="/jobs", tags=["jobs"], responses=list_answers(401, 403))


@routes.get("", summary="List jobs", responses=list_answers(404))
def list_all(
    node: CurrentNode,
    actor: CurrentActor,
    everybody: Annotated[bool, Query(description="Those of your whole authority, where you oversee them.")] = False,
    case: Annotated[CaseId | None, Query(max_length=64, description="Those of this case, whoever asked.")] = None,
    after: Annotated[JobId | None, Query(max_length=64, description="Go on after this job.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> JobListDocument:
    """Return your jobs, the one asked for last first."""
    found = list_jobs(node, actor, everybody=everybody, case=case, after=after, limit=limit)
    return describe_jobs(found, node.clock())


@routes.get("/{job}", summary="A job", responses=list_answers(404))
def read(node: CurrentNode, actor: CurrentActor, job: JobId) -> JobDocument:
    """Return how far a job is, or what it came to; ask again every few seconds while it is not done."""
    return describe_job(read_job(node, actor, job), node.clock())


@routes.post("/{job}/cancel", summary="Cancel a job", responses=list_answers(404, 409))
def cancel(node: CurrentNode, actor: CurrentActor, job: JobId) -> JobDocument:
    """Break a job off: at once where no worker has it, else within seconds. What it did until then stays."""
    return describe_job(cancel_job(node, actor, job), node.clock())
