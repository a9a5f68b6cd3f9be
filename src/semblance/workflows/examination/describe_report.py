"""What the report of a concluded examination says, and the pictures in it."""

from dataclasses import asdict
from datetime import datetime

from semblance.audit.search_record import SearchRecord
from semblance.cases.case import Case
from semblance.cases.examination import Inconclusive, Lead, NoLead
from semblance.cases.lead_check import HeldLead
from semblance.cases.opinion import Opinion, OpinionDraft
from semblance.evaluation.calibration import describe_score
from semblance.exchange.report.document import (
    ChecklistLine,
    ReportDocument,
    ReportedCandidate,
    ReportedLead,
    ReportedOpinion,
)
from semblance.faces.annotate import draw_marks
from semblance.faces.comparison_picture import find_region, render_region
from semblance.node.node import Node
from semblance.store import opinions, searches
from semblance.store.engine import Transaction
from semblance.terms.permission import Actor
from semblance.terms.search import EVERYBODY
from semblance.workflows.examination.compared_photos import ComparedPhoto, load_probe, load_reference
from semblance.workflows.examination.read_outcome import CandidateOutcome, Outcome
from semblance.workflows.oversight.ledger import require_seat

_MARGIN = 0.6
_LONGEST = 700
_RESULTS = {Lead: "lead", NoLead: "no candidate", Inconclusive: "inconclusive"}


def describe_report(
    tx: Transaction,
    node: Node,
    actor: Actor,
    case: Case,
    record: SearchRecord,
    outcome: Outcome,
    *,
    receipts: tuple[str, ...],
    searched: int | None,
    at: datetime,
) -> tuple[ReportDocument, dict[str, bytes]]:
    """Return the report's document, and its pictures by the names that it gives them.

    ``receipts`` are the names of the ledger's receipts in the bundle; ``searched`` is the number of the search's entry.
    """
    images = _Images()
    candidates = tuple(_describe_candidates(tx, record, outcome, images, at))
    concluded = outcome.examination.concluded_at
    document = ReportDocument(
        node=node.name,
        key=str(require_seat(node).key.public),
        made_at=_write_moment(at),
        made_by=actor.name,
        authority=actor.authority,
        case=_describe_case(case),
        search={
            "id": record.search,
            "made": _write_moment(record.when),
            "by": f"{record.person} of {record.authority}",
            "reason": record.reason,
            "permitted by": record.rule or "",
            "candidates at most": str(record.limit),
        },
        probe=_describe_probe(record),
        gallery={
            "records compared": str(record.gallery_subjects),
            "references compared": str(record.gallery_references),
            "model pack": record.pack or "none",
            # each change of the gallery is an entry of the ledger, so that the number says what the gallery was
            **({} if searched is None else {"gallery as of ledger entry": str(searched)}),
        },
        outcome=outcome.examination.state.value,
        concluded_at=None if concluded is None else _write_moment(concluded),
        examiners=tuple(review.person for review in outcome.reviews if review.closed_at is not None),
        candidates=candidates,
        probe_image=images.probe,
        receipts=receipts,
    )
    return document, images.files


class _Images:
    """The report's pictures by their names in it; ``probe`` is the name of the probe's, None where it is not held."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.probe: str | None = None

    def add(self, name: str, data: bytes) -> str:
        place = f"images/{name}.jpg"
        self.files[place] = data
        return place


def _describe_case(case: Case) -> dict[str, str]:
    draft = case.draft
    return {
        "number": case.number,
        "authority": case.authority,
        "purpose": draft.purpose.value,
        "category of the person": draft.category.value,
        "aim": draft.aim,
        **({"offence": draft.offence} if draft.offence else {}),
        **({"belongs to": draft.link} if draft.link else {}),
        "opened": f"{_write_moment(case.opened_at)} by {case.opened_by}",
    }


def _describe_probe(record: SearchRecord) -> dict[str, str]:
    facts = {
        "name": record.probe_name,
        "SHA-256 of the original": record.probe_sha256,
        "face searched": "none" if record.face is None else str(record.face),
    }
    if record.prepared is not None:
        facts["prepared for searching only"] = "; ".join(map(str, record.prepared.steps))
    for number, probe in enumerate(record.also, start=2):
        facts[f"photo {number} searched together"] = probe.name
        facts[f"SHA-256 of photo {number}"] = probe.sha256
        if probe.prepared is not None:
            facts[f"photo {number} prepared for searching only"] = "; ".join(map(str, probe.prepared.steps))
    if record.narrowed != EVERYBODY:
        facts["records narrowed to"] = "; ".join(map(str, record.narrowed.filters))
    return facts


def _describe_candidates(
    tx: Transaction, record: SearchRecord, outcome: Outcome, images: _Images, at: datetime
) -> list[ReportedCandidate]:
    key = searches.find_search_key(tx, record.search)
    ranked = {candidate.reference: candidate for candidate in record.candidates}
    reviews = {review.person: review for review in outcome.reviews}
    probe = load_probe(tx, record, at)
    if probe is not None:
        images.probe = images.add("probe", _render(probe))

    def describe_opinion(opinion: Opinion, photo: ComparedPhoto | None) -> ReportedOpinion:
        review = reviews[opinion.person]
        draft = opinions.read_draft(tx, review.id, opinion.pseudonym, key)[0]
        marked: list[str] = []
        if draft.marks and photo is not None:
            name = f"{opinion.pseudonym}-opinion-{review.number}"
            if probe is not None:
                marked.append(images.add(f"{name}-probe", _annotate(probe, draft, probe=True)))
            marked.append(images.add(f"{name}-candidate", _annotate(photo, draft, probe=False)))
        return _describe_opinion(opinion, draft, tuple(marked))

    described = []
    for found in outcome.candidates:
        candidate = found.candidate
        photo = load_reference(tx, record.authority, candidate.reference) if candidate.reference else None
        image = None if photo is None else images.add(candidate.pseudonym, _render(photo))
        placed = ranked.get(candidate.reference)
        described.append(
            ReportedCandidate(
                pseudonym=candidate.pseudonym,
                known_non_mate=candidate.known_non_mate,
                rank=None if placed is None else placed.rank,
                score=None if placed is None else placed.score,
                meaning="" if found.meaning is None else str(describe_score(found.meaning)),
                result=_name_result(found),
                opinions=tuple(describe_opinion(opinion, photo) for opinion in found.opinions),
                lead=None if found.lead is None else _describe_lead(found.lead, found.released or {}),
                image=image,
            )
        )
    return described


def _name_result(found: CandidateOutcome) -> str:
    return "known non-mate" if found.candidate.known_non_mate else _RESULTS.get(type(found.result), "not concluded")


def _describe_opinion(opinion: Opinion, draft: OpinionDraft, images: tuple[str, ...]) -> ReportedOpinion:
    return ReportedOpinion(
        person=opinion.person,
        at=_write_moment(opinion.at),
        conclusion=opinion.conclusion.value,
        dismissed=opinion.dismissed,
        reason=draft.reason,
        grounds=tuple(sorted(draft.grounds)),
        checklist=tuple(
            ChecklistLine(component=component, **asdict(line)) for component, line in draft.compared.items()
        ),
        images=images,
    )


def _describe_lead(lead: HeldLead, released: dict[str, str]) -> ReportedLead:
    return ReportedLead(
        owner=lead.owner,
        state=lead.state.value,
        due_at=_write_moment(lead.due_at),
        decided_at=None if lead.decided_at is None else _write_moment(lead.decided_at),
        decided_by=lead.decided_by,
        reason=lead.reason,
        released=tuple(released.items()),
    )


def _render(photo: ComparedPhoto) -> bytes:
    return render_region(photo.data, name="the photo", box=photo.face.box, margin=_MARGIN, longest=_LONGEST)


def _annotate(photo: ComparedPhoto, draft: OpinionDraft, *, probe: bool) -> bytes:
    spots = [(mark.number, mark.probe if probe else mark.reference) for mark in draft.marks]
    places = [(number, spot.x, spot.y) for number, spot in spots if spot is not None]
    region = find_region(photo.facts.width, photo.facts.height, photo.face.box, _MARGIN)
    return draw_marks(_render(photo), region, places)


def _write_moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
