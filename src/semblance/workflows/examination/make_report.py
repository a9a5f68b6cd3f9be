"""Make the report of a concluded examination: a signed bundle, and what was handed out in the ledger."""

import hashlib
from dataclasses import dataclass

from semblance.audit.act import Touched, Verb
from semblance.audit.entry import read_entry
from semblance.audit.receipt import write_receipt
from semblance.audit.search_record import SearchRecord
from semblance.cases.case import Case
from semblance.cases.examination import Examination, Inconclusive, Lead, NoLead, Review
from semblance.cases.opinion import Opinion, OpinionDraft
from semblance.errors import Conflict, NotFound
from semblance.evaluation.score_words import say_score
from semblance.exchange.report.bundle import DOCUMENT, PDF, write_report
from semblance.exchange.report.document import (
    ChecklistLine,
    ReportDocument,
    ReportedCandidate,
    ReportedLead,
    ReportedOpinion,
)
from semblance.exchange.report.pdf import write_pdf
from semblance.faces.annotate import draw_marks
from semblance.faces.comparison_picture import find_region, render_region
from semblance.node.node import Node
from semblance.store import ledger, opinions, photos, probes, reports, searches
from semblance.store.engine import Transaction
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.ids import ExaminationId, PhotoId, ProbeId, make_id
from semblance.terms.narrowing import EVERYBODY
from semblance.terms.samples import FaceSample, PhotoFacts
from semblance.workflows.examination.comparison import find_compared_face, find_compared_reference
from semblance.workflows.examination.read_outcome import CandidateOutcome, Outcome, read_outcome
from semblance.workflows.examination.require_examination import ask_for_examination
from semblance.workflows.oversight.ledger import make_receipt, require_seat
from semblance.workflows.permission import describe_act

_MARGIN = 0.6
_LONGEST = 700
_PROVEN = frozenset({"gallery.search", "examination.close", "opinion.record", "lead.answer"})
_RESULTS = {Lead: "lead", NoLead: "no candidate", Inconclusive: "inconclusive"}


@dataclass(frozen=True, slots=True)
class Report:
    """A report's bundle; ``ledger_entry`` says that it was handed out, and to whom."""

    name: str
    data: bytes
    pdf: bytes
    sha256: str
    ledger_entry: int


@dataclass(frozen=True, slots=True)
class _Side:
    data: bytes
    facts: PhotoFacts
    face: FaceSample


def make_report(node: Node, actor: Actor, which: ExaminationId) -> Report:
    """Return the report of an examination of the actor's authority; that it was handed out is recorded.

    Raises NotFound, and Conflict while the candidates are still examined, or after what was found was erased.
    """
    found = ask_for_examination(node, actor, Action.REPORT_MAKE, which)
    held, case, permit = found
    if held.is_open:
        raise Conflict(
            "examination.candidates-still-examined-report-made",
            "The candidates are still examined; a report is made when all have closed.",
        )
    outcome = read_outcome(node, actor, which)
    seat, now = require_seat(node), node.clock()
    with node.store.reading() as tx:
        record = searches.find_search(tx, held.search)
        key = searches.find_search_key(tx, held.search)
        if record is None or key is None:
            raise NotFound(
                "examination.search-found-erased-when-time",
                "What this search found was erased when its time was over; there is nothing to report.",
            )
        acts = [
            (number, read_entry(ledger.read_data(tx, number) or b"{}")["action"])
            for number in ledger.list_sealed_under(tx, key)
        ]
        numbers = [number for number, action in acts if action in _PROVEN]
        searched = next((number for number, action in acts if action == "gallery.search"), None)
        collected = _collect(tx, node, held, record, outcome)
    receipts = {f"receipts/{number:08}.json": write_receipt(make_receipt(node, number)).encode() for number in numbers}
    document = _describe(node, actor, case, record, outcome, collected, tuple(sorted(receipts)), searched)
    text = document.model_dump_json(indent=2).encode()
    pdf = write_pdf(document, collected.images, digest=hashlib.sha256(text).hexdigest())
    data = write_report({DOCUMENT: text, PDF: pdf, **collected.images, **receipts}, seat.key)
    digest = hashlib.sha256(data).hexdigest()
    with node.store.writing() as tx:
        act = describe_act(
            actor,
            permit,
            Verb.DISCLOSURE,
            Action.REPORT_MAKE,
            case=case.number,
            purpose=case.draft.purpose.value,
            reason=f"a report with the SHA-256 {digest}",
            touched=(Touched("search", held.search), Touched("case", case.id)),
        )
        entry = ledger.append(tx, act, at=now, sealed_under=searches.find_search_key(tx, held.search))
        reports.add_report(tx, make_id(), which, at=now, person=actor.name, sha256=digest, entry=entry)
    return Report(f"report-{held.search[:12]}.zip", data, pdf, digest, entry)


@dataclass(frozen=True, slots=True)
class _Collected:
    images: dict[str, bytes]
    probe_image: str | None
    candidate_images: dict[str, str]
    drafts: dict[tuple[str, str], OpinionDraft]
    marked: dict[tuple[str, str], tuple[str, ...]]


def _collect(tx: Transaction, node: Node, held: Examination, record: SearchRecord, outcome: Outcome) -> _Collected:
    images: dict[str, bytes] = {}
    shown: dict[str, str] = {}
    marked: dict[tuple[str, str], tuple[str, ...]] = {}
    drafts = _read_drafts(tx, outcome.reviews, held, outcome)
    probe = _find_probe_side(tx, node, record)
    probe_image = None
    if probe is not None:
        probe_image = "images/probe.jpg"
        images[probe_image] = _render(probe)
    for one in outcome.candidates:
        name = one.candidate.pseudonym
        found = (
            find_compared_reference(tx, held.authority, one.candidate.reference) if one.candidate.reference else None
        )
        data = None if found is None else photos.read_photo_bytes(tx, PhotoId(found[0]))
        if found is None or data is None:
            continue
        side = _Side(data, found[1], found[2])
        shown[name] = f"images/{name}.jpg"
        images[shown[name]] = _render(side)
        for opinion in one.opinions:
            draft = drafts.get((opinion.person, name))
            if draft is None or not draft.marks:
                continue
            number = [review.person for review in outcome.reviews].index(opinion.person) + 1
            pair = []
            for label, picture in (("probe", probe), ("candidate", side)):
                if picture is not None:
                    pair.append(f"images/{name}-opinion-{number}-{label}.jpg")
                    images[pair[-1]] = _annotate(picture, draft, probe=label == "probe")
            marked[opinion.person, name] = tuple(pair)
    return _Collected(images, probe_image, shown, drafts, marked)


def _read_drafts(
    tx: Transaction, reviews: tuple[Review, ...], held: Examination, outcome: Outcome
) -> dict[tuple[str, str], OpinionDraft]:
    key = searches.find_search_key(tx, held.search)
    return {
        (review.person, one.candidate.pseudonym): opinions.read_draft(tx, review.id, one.candidate.pseudonym, key)[0]
        for review in reviews
        if review.closed_at is not None
        for one in outcome.candidates
    }


def _find_probe_side(tx: Transaction, node: Node, record: SearchRecord) -> _Side | None:
    stored = probes.find_probe(tx, ProbeId(record.probe), now=node.clock())
    data = None if stored is None else probes.read_probe_bytes(tx, stored.id)
    face = None if stored is None else find_compared_face(stored, record)
    return None if stored is None or data is None or face is None else _Side(data, stored.facts, face)


def _render(side: _Side) -> bytes:
    return render_region(side.data, name="the photo", box=side.face.box, margin=_MARGIN, longest=_LONGEST)


def _annotate(side: _Side, draft: OpinionDraft, *, probe: bool) -> bytes:
    spots = []
    for mark in draft.marks:
        spot = mark.probe if probe else mark.reference
        if spot is not None:
            spots.append((mark.number, spot.x, spot.y))
    region = find_region(side.facts.width, side.facts.height, side.face.box, _MARGIN)
    return draw_marks(_render(side), region, spots)


def _describe(
    node: Node,
    actor: Actor,
    case: Case,
    record: SearchRecord,
    outcome: Outcome,
    collected: _Collected,
    receipts: tuple[str, ...],
    searched: int | None,
) -> ReportDocument:
    ranked = {one.reference: one for one in record.candidates}
    draft = case.draft
    return ReportDocument(
        node=node.name,
        key=str(require_seat(node).key.public),
        made_at=node.clock().isoformat(timespec="seconds"),
        made_by=actor.name,
        authority=actor.authority,
        case={
            "number": case.number,
            "authority": case.authority,
            "purpose": draft.purpose.value,
            "category of the person": draft.category.value,
            "aim": draft.aim,
            **({"offence": draft.offence} if draft.offence else {}),
            **({"belongs to": draft.link} if draft.link else {}),
            "opened": f"{case.opened_at.isoformat(timespec='seconds')} by {case.opened_by}",
        },
        search={
            "id": record.search,
            "made": record.when.isoformat(timespec="seconds"),
            "by": f"{record.person} of {record.authority}",
            "reason": record.reason,
            "permitted by": record.rule or "",
            "candidates at most": str(record.limit),
        },
        probe={
            "name": record.probe_name,
            "SHA-256 of the original": record.probe_sha256,
            "face searched": "none" if record.face is None else str(record.face),
            **_describe_particulars(record),
        },
        gallery={
            "records compared": str(record.gallery_subjects),
            "references compared": str(record.gallery_references),
            "model pack": record.pack or "none",
            # each change of the gallery is an entry of the ledger, so that the number says what the gallery was
            **({} if searched is None else {"gallery as of ledger entry": str(searched)}),
        },
        outcome=outcome.examination.state.value,
        concluded_at=None
        if outcome.examination.concluded_at is None
        else outcome.examination.concluded_at.isoformat(timespec="seconds"),
        examiners=tuple(review.person for review in outcome.reviews if review.closed_at is not None),
        candidates=tuple(
            _describe_candidate(one, collected, ranked.get(one.candidate.reference)) for one in outcome.candidates
        ),
        probe_image=collected.probe_image,
        receipts=receipts,
    )


def _describe_particulars(record: SearchRecord) -> dict[str, str]:
    said = {}
    if record.prepared is not None:
        said["prepared for searching only"] = "; ".join(record.prepared.steps)
    for number, one in enumerate(record.also, start=2):
        said[f"photo {number} searched together"] = one.name
        said[f"SHA-256 of photo {number}"] = one.sha256
        if one.prepared is not None:
            said[f"photo {number} prepared for searching only"] = "; ".join(one.prepared.steps)
    if record.narrowed != EVERYBODY:
        said["records narrowed to"] = record.narrowed.words
    return said


def _describe_candidate(one: CandidateOutcome, collected: _Collected, ranked: object) -> ReportedCandidate:
    name = one.candidate.pseudonym
    result = "known non-mate" if one.candidate.known_non_mate else _RESULTS.get(type(one.result), "not concluded")
    return ReportedCandidate(
        pseudonym=name,
        known_non_mate=one.candidate.known_non_mate,
        rank=getattr(ranked, "rank", None),
        score=getattr(ranked, "score", None),
        meaning="" if one.meaning is None else say_score(one.meaning),
        result=result,
        opinions=tuple(_describe_opinion(opinion, collected) for opinion in one.opinions),
        lead=_describe_lead(one),
        image=collected.candidate_images.get(name),
    )


def _describe_opinion(opinion: Opinion, collected: _Collected) -> ReportedOpinion:
    draft = collected.drafts.get((opinion.person, opinion.pseudonym), OpinionDraft())
    return ReportedOpinion(
        person=opinion.person,
        at=opinion.at.isoformat(timespec="seconds"),
        conclusion=opinion.conclusion.value,
        dismissed=opinion.dismissed,
        reason=draft.reason,
        grounds=tuple(sorted(ground.value for ground in draft.grounds)),
        checklist=tuple(
            ChecklistLine(component=key.value, finding=line.finding.value, note=line.note, marks=line.marks)
            for key, line in draft.compared.items()
        ),
        images=collected.marked.get((opinion.person, opinion.pseudonym), ()),
    )


def _describe_lead(one: CandidateOutcome) -> ReportedLead | None:
    if one.lead is None:
        return None
    decided = one.lead.decided_at
    return ReportedLead(
        owner=one.lead.owner,
        state=one.lead.state.value,
        due_at=one.lead.due_at.isoformat(timespec="seconds"),
        decided_at=None if decided is None else decided.isoformat(timespec="seconds"),
        decided_by=one.lead.decided_by,
        reason=one.lead.reason,
        released=tuple((one.released or {}).items()),
    )
