"""From the values of workflows to documents for programs."""

from semblance.audit.search_record import SearchRecord
from semblance.cases.examination import Examination
from semblance.edge import documents as d
from semblance.gallery.suitability import SuitabilityLine, judge_suitability
from semblance.terms.samples import FaceSample, PhotoFacts
from semblance.workflows.enrolment_report import EnrolReport, EnrolRow
from semblance.workflows.list_searches import SearchPage
from semblance.workflows.read_probe import ProbeDetail
from semblance.workflows.read_record import PhotoDetail
from semblance.workflows.search_answer import SearchAnswer
from semblance.workflows.show import NodeSummary


def describe_facts(facts: PhotoFacts) -> d.PhotoFactsDocument:
    """Return the document of a photo's facts."""
    return d.PhotoFactsDocument(
        sha256=facts.sha256,
        media_type=facts.media_type,
        width=facts.width,
        height=facts.height,
        size=facts.size,
        notes=facts.notes,
    )


def describe_face(face: FaceSample, line: SuitabilityLine) -> d.FaceDocument:
    """Return the document of a face, judged by the node's suitability line."""
    return d.FaceDocument(
        ordinal=face.ordinal,
        box=d.BoxDocument.of(face.box),
        detection_score=face.detection_score,
        quality=tuple(
            d.QualityDocument(measure=score.measure.value, scalar=score.scalar, native=score.native)
            for score in face.quality
        ),
        shortfalls=tuple(shortfall.sentence for shortfall in judge_suitability(face, line)),
    )


def describe_summary(summary: NodeSummary) -> d.NodeDocument:
    """Return the document of a node; its place on the disk is nobody's business but the machine's."""
    return d.NodeDocument(
        name=summary.name,
        store=summary.store,
        gallery_pack=summary.gallery_pack,
        records=summary.records,
        active=summary.active,
        references=summary.references,
        photos=summary.photos,
        awaiting_choice=summary.awaiting_choice,
        kept_unsuitable=summary.kept_unsuitable,
        searches=summary.searches,
        purposes=summary.purposes,
    )


def describe_photo_detail(photo: PhotoDetail, line: SuitabilityLine) -> d.PhotoDocument:
    """Return the document of a photo without its bytes."""
    return d.PhotoDocument(
        photo=photo.photo,
        record=photo.subject,
        name=photo.name,
        status=photo.status.value,
        reasons=photo.reasons,
        facts=describe_facts(photo.facts),
        faces=tuple(describe_face(face, line) for face in photo.faces),
        chosen=photo.chosen,
        captured=photo.captured,
        source=photo.source,
        note=photo.note,
        enrolled_at=photo.enrolled_at,
        enrolled_by=photo.enrolled_by,
    )


def describe_row(row: EnrolRow) -> d.EnrolRowDocument:
    """Return the document of one photo's intake."""
    return d.EnrolRowDocument(
        subject=row.subject_key,
        name=row.name,
        sha256=row.sha256,
        status=row.status.value,
        reasons=row.reasons,
        photo=row.photo,
        faces=row.faces,
        resumed=row.resumed,
    )


def describe_report(report: EnrolReport) -> d.EnrolDocument:
    """Return the document of an enrolment's report; the same fields as the report's own JSON file."""
    return d.EnrolDocument.model_validate_json(report.to_json())


def describe_probe_detail(probe: ProbeDetail, line: SuitabilityLine) -> d.ProbeDocument:
    """Return the document of a probe without its bytes."""
    return d.ProbeDocument(
        probe=probe.probe,
        case=probe.case.number,
        name=probe.name,
        facts=describe_facts(probe.facts),
        faces=tuple(describe_face(face, line) for face in probe.faces),
        expires_at=probe.expires_at,
    )


def describe_answer(answer: SearchAnswer) -> d.SearchDocument:
    """Return the document of a recorded search with its candidates."""
    shown = tuple(
        d.CandidateDocument(
            pseudonym=candidate.pseudonym,
            rank=candidate.rank,
            score=candidate.score,
            number=candidate.number,
            owner=candidate.owner,
            kind=None if candidate.kind is None else candidate.kind.value,
            record=candidate.subject,
            reference=candidate.reference,
            photo=candidate.photo,
            face=None if candidate.face_box is None else d.BoxDocument.of(candidate.face_box),
            captured=candidate.captured,
            erased=candidate.erased,
            lure=candidate.lure,
        )
        for candidate in answer.candidates
    )
    return _describe_record(answer.record, shown, answer.examination, count=len(shown))


def describe_search_page(page: SearchPage) -> d.SearchListDocument:
    """Return the document of a page of searches; each search's own document has its candidates."""
    return d.SearchListDocument(
        searches=tuple(describe_record_alone(record, page.examinations.get(record.search)) for record in page.records),
        next_after=page.next_after,
    )


def describe_record_alone(record: SearchRecord, examination: Examination | None) -> d.SearchDocument:
    """Return the document of a recorded search without its candidates' details."""
    count = None if examination is not None and examination.is_open else len(record.candidates)
    return _describe_record(record, (), examination, count=count)


def _describe_record(
    record: SearchRecord,
    candidates: tuple[d.CandidateDocument, ...],
    examination: Examination | None,
    *,
    count: int | None,
) -> d.SearchDocument:
    return d.SearchDocument(
        search=record.search,
        when=record.when,
        person=record.person,
        authority=record.authority,
        case=record.case,
        case_id=record.case_id,
        purpose=record.purpose,
        reason=record.reason,
        outcome=record.outcome.value,
        rule=record.rule,
        refusal=record.refusal,
        probe=record.probe,
        probe_sha256=record.probe_sha256,
        probe_name=record.probe_name,
        face=record.face,
        prepared=() if record.prepared is None else record.prepared.steps,
        also=tuple(
            d.AlsoDocument(
                probe=one.probe,
                probe_sha256=one.sha256,
                probe_name=one.name,
                face=one.face,
                prepared=() if one.prepared is None else one.prepared.steps,
            )
            for one in record.also
        ),
        narrowed=record.narrowed.words,
        pack=record.pack,
        gallery_subjects=record.gallery_subjects,
        gallery_references=record.gallery_references,
        erased=record.erased,
        limit=record.limit,
        candidate_count=count,
        examination=None if examination is None else examination.id,
        # how many people have given their opinion is told to nobody
        examination_state=None if examination is None else "open" if examination.is_open else examination.state.value,
        candidates=candidates,
    )
