"""The report on paper: A4, the same words and images as the document, with the digest and key on every page."""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import files
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont, TTFontFile
from reportlab.platypus import Flowable, Image, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from semblance.errors import DependencyMissing
from semblance.exchange.report.document import ReportDocument, ReportedCandidate, ReportedOpinion

_FONTS: Final = {"Report": "DejaVuSans.ttf", "Report-Bold": "DejaVuSans-Bold.ttf"}
# what the page's frame pads by itself
_FRAME: Final = 6.0
_PICTURE: Final = 200.0
_WIDTH: Final = 451.0
_VALUES: Final = frozenset({"purpose", "category of the person", "face searched"})
_TIMES: Final = frozenset({"opened", "made"})

_OUTCOMES: Final = {
    "lead": "A lead: two people, independently, took a candidate for a potential one",
    "no-lead": "No candidate: two people, independently, found none",
    "inconclusive": "Inconclusive: nothing can be said on these photos",
}
_TERMS: Final = {
    "potential": "Potential candidate",
    "outline": "Outline of face and head",
    "composition": "Composition of the face",
    "hairline": "Hairline and baldness",
    "chin": "Chin and jawline",
    "lines": "Facial lines",
    "marks": "Facial marks",
    "waiting": "Waits for the owner's check",
    "unanswered": "The owner has not answered in time",
    "refuted": "Refuted: a false positive",
    "erased": "The record was erased before its owner answered",
    "id": "Number of the search",
    "by": "Made by",
}


def write_pdf(document: ReportDocument, images: Mapping[str, bytes], *, digest: str) -> bytes:
    """Return the report as a PDF; the same contents give the same bytes.

    ``images`` are JPEGs by the names that the document gives them; ``digest`` is the document's SHA-256. Characters
    that the font does not have are shown by their code points, so that none is lost. Raises DependencyMissing.
    """
    _require_fonts()
    made = f"Case {document.case.get('number', '')}. Made {_say_time(document.made_at)} by {document.made_by}."
    parts: list[Flowable] = [_text("Report on a search with a face", "title"), _text(made)]
    parts += [Spacer(1, 8), _box([_say_outcome(document.outcome), "Every match is a lead, not an identity."])]
    for heading, facts in (
        ("The case", document.case),
        ("The search", document.search),
        ("The probe", document.probe),
        ("What was searched", document.gallery),
    ):
        rows = [(_say_name(name), _say_fact(name, value)) for name, value in facts.items()]
        parts += [_text(heading, "heading"), _table(rows)]
    if document.probe_image is not None:
        parts += [Spacer(1, 6), _pictures([(images[document.probe_image], "The face in question")])]
    parts += [_text("Who examined, and what came of it", "heading")]
    concluded = f", concluded {_say_time(document.concluded_at)}" if document.concluded_at else ""
    parts += [_text(f"{', '.join(document.examiners) or 'Nobody'}{concluded}"), Spacer(1, 4)]
    parts.append(_candidate_table(document.candidates))
    parts.append(_text("Limits of the method", "heading"))
    parts += [_text(f"{number}. {limit}", "item") for number, limit in enumerate(document.limits, 1)]
    parts.append(_text("How to check this report", "heading"))
    parts.append(
        _text(
            "The bundle that this paper belongs to holds the same words as report.json, every image, and the ledger's "
            f"signed proofs of the acts that are reported ({len(document.receipts)}). `semblance report verify FILE` "
            "checks all of it without the node that made it. The paper alone proves nothing: compare its digest below."
        )
    )
    for candidate in document.candidates:
        parts += [PageBreak(), *_describe_candidate(candidate, document, images)]
    buffer = io.BytesIO()
    template = SimpleDocTemplate(
        buffer,
        pagesize=A4,
        leftMargin=72 - _FRAME,
        rightMargin=72 - _FRAME,
        topMargin=60,
        bottomMargin=64,
        title=f"Report on search {document.search.get('id', '')}",
        author=document.node,
        lang="en",
        invariant=1,
    )

    def mark(canvas: Any, page: Any) -> None:
        canvas.saveState()
        canvas.setFont("Report", 7)
        canvas.drawString(72, 40, f"report.json SHA-256 {digest}")
        canvas.drawString(72, 30, f"signed by {_escape_missing(document.key)}")
        canvas.drawRightString(523, 40, f"page {page.page}")
        canvas.restoreState()

    template.build(parts, onFirstPage=mark, onLaterPages=mark)
    return buffer.getvalue()


def _describe_candidate(
    candidate: ReportedCandidate, document: ReportDocument, images: Mapping[str, bytes]
) -> Iterable[Flowable]:
    kind = " (known non-mate, put among the candidates)" if candidate.known_non_mate else ""
    yield _text(f"Candidate {candidate.pseudonym}{kind}", "heading")
    sides = ((document.probe_image, "The face in question"), (candidate.image, f"Candidate {candidate.pseudonym}"))
    yield _pictures([(images[name], caption) for name, caption in sides if name is not None])
    facts = [("Result", _say_term(candidate.result))]
    if candidate.rank is not None and candidate.score is not None:
        facts += [("Rank and score", f"{candidate.rank}, {candidate.score:.4f}"), ("The score", candidate.meaning)]
    if candidate.notes:
        facts.append(("Noted when it was decoded", candidate.notes))
    yield _table(facts)
    for opinion in candidate.opinions:
        yield from _describe_opinion(opinion, images)
    if candidate.lead is not None:
        lead = candidate.lead
        yield _text("The owner of the record", "subheading")
        answer = [("Owner", lead.owner), ("Answer", _say_term(lead.state)), ("Asked until", _say_time(lead.due_at))]
        if lead.decided_at:
            answered = f"{_say_time(lead.decided_at)} by {lead.decided_by}"
            answer += [("Answered", answered), ("Reason", lead.reason or "")]
        yield _table([*answer, *((f"Released: {_say_term(name).lower()}", value) for name, value in lead.released)])


def _describe_opinion(opinion: ReportedOpinion, images: Mapping[str, bytes]) -> Iterable[Flowable]:
    yield _text(f"Opinion of {opinion.person}: {_say_term(opinion.conclusion)}", "subheading")
    if opinion.dismissed:
        yield _text("Looked at beside the probe, and not taken further.")
        return
    facts = [("When", _say_time(opinion.at)), ("Reason", opinion.reason or "in the checklist")]
    if opinion.grounds:
        facts.append(("Grounds", ", ".join(map(_say_term, opinion.grounds))))
    yield _table(facts)
    if opinion.checklist:
        rows = [
            (_say_term(line.component), _say_term(line.finding), line.note, ", ".join(map(str, line.marks)))
            for line in opinion.checklist
        ]
        yield _table([("Component", "Finding", "Note", "Marks"), *rows], widths=(110, 90, 201, 50), head=True)
    if opinion.images:
        captions = ("Marks on the face in question", "Marks on the candidate")
        yield _pictures([(images[name], caption) for name, caption in zip(opinion.images, captions, strict=False)])


def _candidate_table(candidates: tuple[ReportedCandidate, ...]) -> Flowable:
    if not candidates:
        return _text("The search found nobody to compare with. That is an answer like any other.")
    rows = [
        (
            candidate.pseudonym,
            _say_term(candidate.result),
            "\n".join(f"{opinion.person}: {_say_term(opinion.conclusion)}" for opinion in candidate.opinions) or "None",
            "" if candidate.lead is None else f"{candidate.lead.owner}: {_say_term(candidate.lead.state)}",
        )
        for candidate in candidates
    ]
    return _table([("Candidate", "Result", "Opinions", "Owner"), *rows], widths=(60, 100, 191, 100), head=True)


def _table(
    rows: Sequence[tuple[str, ...]], *, widths: tuple[float, ...] = (120, _WIDTH - 120), head: bool = False
) -> Flowable:
    styles: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.Color(0.75, 0.75, 0.75)),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
    cells = [
        [
            _text(cell, "bold" if (head and not place) or (not head and not column) else "body")
            for column, cell in enumerate(row)
        ]
        for place, row in enumerate(rows)
    ]
    return Table(cells, colWidths=widths, style=TableStyle(styles), repeatRows=1 if head else 0, hAlign="LEFT")


def _box(lines: Sequence[str]) -> Flowable:
    """Return the result in a frame: what it is first, and below it what it is not."""
    style = TableStyle(
        [
            ("BOX", (0, 0), (-1, -1), 0.75, colors.Color(0.1, 0.3, 0.5)),
            ("LEFTPADDING", (0, 0), (-1, -1), 10),
            ("TOPPADDING", (0, 0), (-1, 0), 8),
            ("BOTTOMPADDING", (0, -1), (-1, -1), 8),
        ]
    )
    cells = [[_text(line, "result" if not place else "body")] for place, line in enumerate(lines)]
    return Table(cells, colWidths=(_WIDTH,), style=style, hAlign="LEFT")


def _say_fact(name: str, value: str) -> str:
    """Return a fact's value in words where it is a value of the store or a time; what people wrote stays."""
    return _say_term(value) if name in _VALUES else _say_time(value) if name in _TIMES else value


def _say_outcome(outcome: str) -> str:
    """Return what the examination came to."""
    return _OUTCOMES.get(outcome, _say_term(outcome))


def _say_term(value: str) -> str:
    """Return a term in words: facial-hair becomes "Facial hair"."""
    plain = value.replace("-", " ").replace("_", " ")
    return _TERMS.get(value, f"{plain[:1].upper()}{plain[1:]}")


def _say_name(name: str) -> str:
    """Return what a fact is called, which is words already."""
    return _TERMS.get(name, f"{name[:1].upper()}{name[1:]}")


def _say_time(text: str) -> str:
    """Return an ISO 8601 time in UTC to the second; a text that is none, or holds more, as it is."""
    moment, space, rest = text.partition(" ")
    try:
        return f"{datetime.fromisoformat(moment).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC{space}{rest}"
    except ValueError:
        return text


def _pictures(pictures: Sequence[tuple[bytes, str]]) -> Flowable:
    """Return pictures side by side, at most two, each above its caption."""
    if not pictures:
        return Spacer(1, 1)
    style = TableStyle([("LEFTPADDING", (0, 0), (-1, -1), 0), ("VALIGN", (0, 0), (-1, 0), "BOTTOM")])
    cells = [[_picture(data) for data, _ in pictures], [_text(caption, "caption") for _, caption in pictures]]
    return Table(cells, colWidths=[_PICTURE + 12] * len(pictures), style=style, hAlign="LEFT")


def _picture(data: bytes) -> Flowable:
    width, height = ImageReader(io.BytesIO(data)).getSize()
    scale = _PICTURE / max(width, height)
    return Image(io.BytesIO(data), width=width * scale, height=height * scale, hAlign="LEFT")


def _text(text: str, kind: str = "body") -> Flowable:
    return Paragraph(escape(_escape_missing(text)).replace("\n", "<br/>"), _styles()[kind])


@cache
def _styles() -> dict[str, Any]:
    body = ParagraphStyle("body", fontName="Report", fontSize=9, leading=12.5, splitLongWords=1)
    bold = ParagraphStyle("bold", body, fontName="Report-Bold")
    return {
        "body": body,
        "bold": bold,
        "result": ParagraphStyle("result", bold, fontSize=11, leading=15),
        "caption": ParagraphStyle("caption", body, fontSize=8, leading=11),
        "item": ParagraphStyle("item", body, leftIndent=14, firstLineIndent=-14, spaceAfter=3),
        "title": ParagraphStyle("title", bold, fontSize=18, leading=24, spaceAfter=4),
        "heading": ParagraphStyle(
            "heading", bold, fontSize=12, leading=16, spaceBefore=12, spaceAfter=4, keepWithNext=1
        ),
        "subheading": ParagraphStyle(
            "subheading", bold, fontSize=10, leading=14, spaceBefore=8, spaceAfter=3, keepWithNext=1
        ),
    }


def _escape_missing(text: str) -> str:
    """Return the text with every character that the font lacks as its code point."""
    known = _known_characters()
    return "".join(letter if letter == "\n" or ord(letter) in known else f"[U+{ord(letter):04X}]" for letter in text)


@cache
def _known_characters() -> frozenset[int]:
    return frozenset(TTFontFile(str(_find_font(_FONTS["Report"]))).charToGlyph)


@cache
def _require_fonts() -> None:
    for name, file in _FONTS.items():
        pdfmetrics.registerFont(TTFont(name, str(_find_font(file))))
    pdfmetrics.registerFontFamily("Report", normal="Report", bold="Report-Bold")


def _find_font(name: str) -> Path:
    # matplotlib brings the fonts along; it need not be loaded for them
    for entry in files("matplotlib") or ():
        if entry.name == name:
            return Path(str(entry.locate()))
    raise DependencyMissing(
        "report.font-missing",
        "The font {name} that matplotlib brings is not there; install matplotlib again.",
        name=name,
    )
