"""Make the report of a concluded examination: a signed bundle, and what was handed out in the ledger."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime

from semblance.audit.entry import Verb, read_entry
from semblance.audit.receipt import write_receipt
from semblance.audit.search_record import SearchRecord
from semblance.cases.case import Case
from semblance.cases.examination import Inconclusive, Lead, NoLead
from semblance.cases.lead_check import HeldLead
from semblance.cases.opinion import Opinion, OpinionDraft
from semblance.evaluation.calibration import describe_score
from semblance.exchange.report.bundle import DOCUMENT, PDF, write_report
from semblance.exchange.report.document import (
    ChecklistLine,
    ReportDocument,
    ReportedCandidate,
    ReportedLead,
    ReportedOpinion,
)
from semblance.faces.cutting import find_region
from semblance.faces.pictures import draw_marks, render_region
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import examinations, ledger, opinions, probes, searches
from semblance.store.engine import Transaction
from semblance.terms.ids import ExaminationId, make_id
from semblance.terms.permission import Action, Actor
from semblance.terms.search import EVERYBODY
from semblance.workflows.examination.comparison import ComparedPhoto, load_probe, load_reference
from semblance.workflows.examination.read_outcome import Outcome, read_outcome
from semblance.workflows.examination.require_examination import (
    Access,
    ask_for_examination,
    log_in_examination,
    search_erased,
)
from semblance.workflows.oversight.ledger import make_receipt, require_seat

_PROBE = "images/probe.jpg"
_MARGIN = 0.6
_LONGEST = 700
_RESULTS = {Lead: "lead", NoLead: "no candidate", Inconclusive: "inconclusive", type(None): "not concluded"}
_PROVEN = frozenset({"gallery.search", "examination.close", "opinion.record", "lead.answer"})


@dataclass(frozen=True, slots=True)
class Report:
    """A report's bundle; ``ledger_entry`` says that it was handed out, and to whom."""

    name: str
    data: bytes
    pdf: bytes
    sha256: str
    ledger_entry: int


def make_report(node: Node, actor: Actor, which: ExaminationId) -> Report:
    """Return the report of an examination of the actor's authority; that it was handed out is recorded.

    Raises NotFound, and Conflict while the candidates are still examined, or after what was found was erased.
    """
    # a second of import that only reports need
    from semblance.exchange.report.pdf import write_pdf

    access = ask_for_examination(node, actor, Action.REPORT_MAKE, which)
    outcome = read_outcome(node, actor, which)
    seat, now = require_seat(node), node.clock()
    with node.store.reading() as tx:
        record = searches.find_search(tx, access.examination.search)
        key = searches.find_search_key(tx, access.examination.search)
        if record is None or key is None:
            raise search_erased()
        actions = {
            number: read_entry(ledger.read_data(tx, number) or b"{}")["action"]
            for number in ledger.list_sealed_under(tx, key)
        }
        proven = {f"receipts/{number:08}.json": number for number, action in actions.items() if action in _PROVEN}
        searched = next((number for number, action in actions.items() if action == "gallery.search"), None)
        document, images = _describe_report(
            tx, node, access, record, outcome, receipts=tuple(sorted(proven)), searched=searched, at=now
        )
    reader = actor.authority
    receipts = {name: write_receipt(make_receipt(node, number, reader)).encode() for name, number in proven.items()}
    text = document.model_dump_json(indent=2).encode()
    pdf = write_pdf(document, images, digest=hashlib.sha256(text).hexdigest())
    data = write_report({DOCUMENT: text, PDF: pdf, **images, **receipts}, seat.key)
    digest = hashlib.sha256(data).hexdigest()
    with node.store.writing() as tx:
        reason = Message("report.made", "a report with the SHA-256 {digest}", digest=digest)
        entry = log_in_examination(tx, access, Verb.DISCLOSURE, reason, at=now)
        examinations.add_report(tx, make_id(), which, at=now, person=actor.name, sha256=digest, entry=entry)
    return Report(f"report-{record.search[:12]}.zip", data, pdf, digest, entry)


def _describe_report(
    tx: Transaction,
    node: Node,
    access: Access,
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
    images: dict[str, bytes] = {}
    candidates = tuple(_describe_candidates(tx, record, outcome, images, at))
    concluded = outcome.examination.concluded_at
    document = ReportDocument(
        node=node.name,
        key=str(require_seat(node).key.public),
        made_at=_write_moment(at),
        made_by=access.permit.actor.name,
        authority=access.permit.actor.authority,
        case=_describe_case(access.case),
        search={
            "id": record.search,
            "made": _write_moment(record.when),
            "by": f"{record.person} of {record.authority}",
            "reason": record.reason,
            "permitted by": record.rule or "",
            "candidates at most": str(record.limit),
        },
        probe=_describe_probe(record, load_probe(tx, record, at)) | _describe_track(tx, record, at),
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
        probe_image=_PROBE if _PROBE in images else None,
        receipts=receipts,
    )
    return document, images


def _add(images: dict[str, bytes], name: str, data: bytes) -> str:
    place = f"images/{name}.jpg"
    images[place] = data
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


def _describe_probe(record: SearchRecord, held: ComparedPhoto | None) -> dict[str, str]:
    facts = {
        "name": record.probe_name,
        "SHA-256 of the original": record.probe_sha256,
        "face searched": "none" if record.face is None else str(record.face),
    }
    if held is not None and held.facts.notes:
        facts["noted when it was decoded"] = _join_notes(held)
    if record.frames:
        facts["frames of its track searched together"] = str(record.frames)
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


def _describe_track(tx: Transaction, record: SearchRecord, at: datetime) -> dict[str, str]:
    """Return where in a video the probe comes from; nothing where it is a photo, or not held any more."""
    stored = probes.find_probe(tx, record.probe, now=at) if record.frames else None
    if stored is None or stored.track is None:
        return {}
    frames = sorted(stored.track.frames, key=lambda used: used.seconds)
    return {
        "video": stored.track.name,
        "track in the video": str(stored.track.number),
        **{f"frame {n} of it": f"at {used.seconds:.3f} s, {used.frame}" for n, used in enumerate(frames, start=1)},
    }


def _describe_candidates(
    tx: Transaction, record: SearchRecord, outcome: Outcome, images: dict[str, bytes], at: datetime
) -> list[ReportedCandidate]:
    key = searches.find_search_key(tx, record.search)
    ranked = {candidate.reference: candidate for candidate in record.candidates}
    reviews = {review.person: review for review in outcome.reviews}
    probe = load_probe(tx, record, at)
    if probe is not None:
        images[_PROBE] = _render(probe)

    def describe_opinion(opinion: Opinion, photo: ComparedPhoto | None) -> ReportedOpinion:
        review = reviews[opinion.person]
        draft = opinions.read_draft(tx, review.id, opinion.pseudonym, key)[0]
        marked: list[str] = []
        if draft.marks and photo is not None:
            name = f"{opinion.pseudonym}-opinion-{review.number}"
            if probe is not None:
                marked.append(_add(images, f"{name}-probe", _annotate(probe, draft, probe=True)))
            marked.append(_add(images, f"{name}-candidate", _annotate(photo, draft, probe=False)))
        return ReportedOpinion(
            person=opinion.person,
            at=_write_moment(opinion.at),
            conclusion=opinion.conclusion.value,
            dismissed=opinion.dismissed,
            reason=draft.reason,
            grounds=tuple(sorted(draft.grounds)),
            checklist=tuple(ChecklistLine(component=name, **asdict(line)) for name, line in draft.compared.items()),
            images=tuple(marked),
        )

    described = []
    for found in outcome.candidates:
        candidate = found.candidate
        photo = load_reference(tx, record.authority, candidate.reference) if candidate.reference else None
        image = None if photo is None else _add(images, candidate.pseudonym, _render(photo))
        placed = ranked.get(candidate.reference)
        described.append(
            ReportedCandidate(
                pseudonym=candidate.pseudonym,
                known_non_mate=candidate.known_non_mate,
                rank=None if placed is None else placed.rank,
                score=None if placed is None else placed.score,
                notes="" if photo is None else _join_notes(photo),
                meaning="" if found.meaning is None else str(describe_score(found.meaning)),
                result="known non-mate" if candidate.known_non_mate else _RESULTS[type(found.result)],
                opinions=tuple(describe_opinion(opinion, photo) for opinion in found.opinions),
                lead=None if found.lead is None else _describe_lead(found.lead, found.released or {}),
                image=image,
            )
        )
    return described


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


def _join_notes(photo: ComparedPhoto) -> str:
    """Return what decoding the photo had to guess or ignore."""
    return "; ".join(map(str, photo.facts.notes))


def _render(photo: ComparedPhoto) -> bytes:
    box, turned = photo.face.box, photo.facts.turned
    return render_region(photo.data, name="the photo", box=box, turned=turned, margin=_MARGIN, longest=_LONGEST)


def _annotate(photo: ComparedPhoto, draft: OpinionDraft, *, probe: bool) -> bytes:
    spots = [(mark.number, mark.probe if probe else mark.reference) for mark in draft.marks]
    places = [(number, spot.x, spot.y) for number, spot in spots if spot is not None]
    region = find_region(photo.facts.width, photo.facts.height, photo.face.box, _MARGIN)
    return draw_marks(_render(photo), region, places)


def _write_moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
