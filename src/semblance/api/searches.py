"""Probes, searches, and the calibrations that explain scores; these are made by ``semblance calibrate``."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from semblance.api.answers import list_answers
from semblance.edge.acting import CurrentActor, CurrentNode
from semblance.edge.document import Document
from semblance.edge.searches import (
    CalibrationListDocument,
    PreparationDocument,
    PreparationListDocument,
    ProbeDocument,
    SearchDocument,
    SearchListDocument,
    describe_answer,
    describe_preparation,
    describe_probe,
    describe_search_page,
)
from semblance.edge.statuses import NUMBER_CAP
from semblance.errors import RequestProblem
from semblance.messages.message import Message
from semblance.terms.ids import PreparationId, ProbeId, SearchId
from semblance.terms.preparation import read_steps
from semblance.terms.record import RecordKind, Sex
from semblance.terms.search import CANDIDATE_CAP, Narrowing
from semblance.workflows.cases.probes import find_probe
from semblance.workflows.evaluation.calibrate import list_calibrations
from semblance.workflows.search.prepare_probe import list_preparations, prepare_probe
from semblance.workflows.search.probe_faces import ChoiceNeeded, ProbeChoice
from semblance.workflows.search.search_answer import list_searches, read_search
from semblance.workflows.search.search_gallery import NoFaceFound, search_probe

_EXAMPLE: JsonDict = {
    "probe": "6f1f0f0c3b0d4c5f8e6a1b2c3d4e5f60",
    "reason": "Photo found on the phone of the missing person.",
    "face": 0,
    "limit": 20,
}
_STEPS_EXAMPLE: JsonDict = {"steps": [{"step": "rotate", "degrees": 90}, {"step": "expose", "stops": 0.5}]}


class PreparationRequest(Document):
    """The steps that prepare a probe for searching, in their order."""

    model_config = ConfigDict(json_schema_extra={"examples": [_STEPS_EXAMPLE]})

    steps: list[dict[str, Any]] = Field(description="Each with its name in `step`, and its numbers.")


class SearchRequest(Document):
    """What is searched and why; case, purpose and category are those of the case that the probe is in."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    probe: ProbeId
    reason: str = Field(default="", description="Why this search is needed, in a sentence.")
    face: int | None = Field(default=None, ge=0, description="Which face; needed where the probe shows several.")
    limit: int = Field(default=20, ge=1, le=CANDIDATE_CAP, description="Most candidates; the policy may show fewer.")
    prepared: PreparationId | None = Field(
        default=None, description="A prepared version of the probe, in which `face` counts; for searching only."
    )
    also: tuple[ProbeChoice, ...] = Field(
        default=(), description="Other photos of the same unknown person, of the same case, searched together."
    )
    kinds: frozenset[RecordKind] = Field(default=frozenset(), description="Only these kinds; none means all.")
    age_from: int | None = Field(default=None, description="In years today; records without a date of birth stay in.")
    age_to: int | None = None
    sex: Sex | None = Field(default=None, description="As recorded; records that do not say stay in.")
    nationality: str | None = Field(default=None, description="ISO 3166-1 alpha-2; records that do not say stay in.")
    again: str = Field(
        default="",
        description="For a probe from a record: why those are asked of again who were answered before. Empty: they are "
        "left out and counted.",
    )


routes = APIRouter(tags=["search"], responses=list_answers(401, 403))


@routes.get("/probes/{probe}", summary="A probe and its faces", responses=list_answers(404))
def read_probe(node: CurrentNode, actor: CurrentActor, probe: ProbeId) -> ProbeDocument:
    """Return a probe that is still held."""
    stored, case = find_probe(node, actor, probe)
    return describe_probe(stored, case.number, node.suitability)


@routes.post(
    "/probes/{probe}/preparations", summary="Prepare a probe", status_code=201, responses=list_answers(404, 409)
)
def prepare(node: CurrentNode, actor: CurrentActor, probe: ProbeId, request: PreparationRequest) -> PreparationDocument:
    """Hold a prepared version of a probe, for searching only: the list of its steps, and the faces found then.

    The original is not changed, and it alone is compared by people.
    """
    steps = read_steps(json.dumps(request.steps))
    return describe_preparation(prepare_probe(node, actor, probe, steps), node.suitability)


@routes.get("/probes/{probe}/preparations", summary="Prepared versions of a probe", responses=list_answers(404))
def list_prepared(node: CurrentNode, actor: CurrentActor, probe: ProbeId) -> PreparationListDocument:
    """Return the prepared versions of a probe that is still held, oldest first."""
    versions = list_preparations(node, actor, probe)
    return PreparationListDocument(
        preparations=tuple(describe_preparation(version, node.suitability) for version in versions)
    )


@routes.post(
    "/searches",
    response_model=SearchDocument,
    status_code=201,
    summary="Search the gallery",
    responses=list_answers(404, 409),
)
def search(node: CurrentNode, actor: CurrentActor, request: SearchRequest) -> SearchDocument:
    """Search the records that the policy opens to the case's purpose, for one face of a probe.

    Every search is recorded, also where it is refused (403), impossible (422, code `no-face`) or
    finds nobody (201 with an empty list). Several faces and none chosen: 422, code `choice-needed`, not recorded.
    Every match is a lead, not an identity.
    """
    answer = search_probe(
        node,
        actor,
        request.probe,
        reason=request.reason,
        face=request.face,
        limit=request.limit,
        prepared=request.prepared,
        also=request.also,
        narrowed=Narrowing(request.kinds, request.age_from, request.age_to, request.sex, request.nationality),
        again=request.again,
    )
    if isinstance(answer, ChoiceNeeded):
        message = Message(
            "search.choice-needed",
            "The probe {probe} shows {n} faces. Say which is in question in `face`.",
            probe=answer.probe,
            n=len(answer.faces),
        )
        raise RequestProblem(422, "choice-needed", message)
    if isinstance(answer, NoFaceFound):
        raise RequestProblem(422, "no-face", answer.message)
    return describe_answer(answer)


@routes.get("/searches", summary="List the recorded searches")
def list_all(
    node: CurrentNode,
    actor: CurrentActor,
    after: Annotated[int | None, Query(ge=0, le=NUMBER_CAP, description="Go on after this number.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> SearchListDocument:
    """Return your authority's searches, newest first, refused ones too; each one's own document has candidates."""
    return describe_search_page(list_searches(node, actor, after=after, limit=limit))


@routes.get("/searches/{search}", summary="A recorded search", responses=list_answers(404))
def read(node: CurrentNode, actor: CurrentActor, search: SearchId) -> SearchDocument:
    """Return a search as it was answered then; records erased since are marked so."""
    return describe_answer(read_search(node, actor, search))


@routes.get("/calibrations", name="list_all", summary="All calibrations of your authority")
def list_calibrated(node: CurrentNode, actor: CurrentActor) -> CalibrationListDocument:
    """Return the calibrations, newest first; those without an end were stopped and can be resumed."""
    return CalibrationListDocument.model_validate({"calibrations": list_calibrations(node, actor)})
