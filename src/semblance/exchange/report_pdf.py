"""The report on paper: A4, the same words and images as the document, with the digest and key on every page."""

import io
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.metadata import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

from semblance.errors import DependencyMissing
from semblance.exchange.report_document import ReportDocument, ReportedCandidate, ReportedOpinion

if TYPE_CHECKING:
    from reportlab.platypus import Flowable

_FONTS: Final = {"Report": "DejaVuSans.ttf", "Report-Bold": "DejaVuSans-Bold.ttf"}
_PICTURE: Final = 150.0
_WIDTH: Final = 451.0


def write_pdf(document: ReportDocument, images: Mapping[str, bytes], *, digest: str) -> bytes:
    """Return the report as a PDF; the same contents give the same bytes.

    ``images`` are JPEGs by the names that the document gives them; ``digest`` is the document's SHA-256. Characters
    that the font does not have are shown by their code points, so that none is lost. Raises DependencyMissing.
    """
    # a second of import that only reports need
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import PageBreak, SimpleDocTemplate, Spacer

    _require_fonts()
    parts: list[Flowable] = [_text("Report on a search with a face", "title"), _text(document.outcome, "lead")]
    for heading, facts in (
        ("The case", document.case),
        ("The search", document.search),
        ("The probe", document.probe),
        ("What was searched", document.gallery),
    ):
        parts += [_text(heading, "heading"), _table([(name, value) for name, value in facts.items()])]
    if document.probe_image is not None:
        parts += [Spacer(1, 6), _picture(images[document.probe_image])]
    parts += [_text("Who examined, and what came of it", "heading"), _text(", ".join(document.examiners) or "Nobody")]
    parts.append(_candidate_table(document.candidates))
    parts.append(_text("Limits of the method", "heading"))
    parts += [_text(f"{number}. {limit}") for number, limit in enumerate(document.limits, 1)]
    for candidate in document.candidates:
        parts += [PageBreak(), *_describe_candidate(candidate, images)]
    buffer = io.BytesIO()
    template = SimpleDocTemplate(
        buffer,
        pagesize=A4,
        leftMargin=72,
        rightMargin=72,
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
        canvas.drawString(72, 30, f"signed by {_shown(document.key)}")
        canvas.drawRightString(523, 40, f"page {page.page}")
        canvas.restoreState()

    template.build(parts, onFirstPage=mark, onLaterPages=mark)
    return buffer.getvalue()


def _describe_candidate(candidate: ReportedCandidate, images: Mapping[str, bytes]) -> Iterable["Flowable"]:
    kind = " (known non-mate, put among the candidates)" if candidate.known_non_mate else ""
    yield _text(f"Candidate {candidate.pseudonym}{kind}", "heading")
    if candidate.image is not None:
        yield _picture(images[candidate.image])
    facts = [("Result", candidate.result)]
    if candidate.rank is not None and candidate.score is not None:
        facts += [("Rank and score", f"{candidate.rank}, {candidate.score:.4f}"), ("The score", candidate.meaning)]
    yield _table(facts)
    for opinion in candidate.opinions:
        yield from _describe_opinion(opinion, images)
    if candidate.lead is not None:
        lead = candidate.lead
        yield _text("The owner of the record", "subheading")
        answer = [("Owner", lead.owner), ("Answer", lead.state), ("Asked until", lead.due_at)]
        if lead.decided_at:
            answer += [("Answered", f"{lead.decided_at} by {lead.decided_by}"), ("Reason", lead.reason or "")]
        yield _table([*answer, *((f"Released: {name}", value) for name, value in lead.released)])


def _describe_opinion(opinion: ReportedOpinion, images: Mapping[str, bytes]) -> Iterable["Flowable"]:
    yield _text(f"Opinion of {opinion.person}: {opinion.conclusion}", "subheading")
    if opinion.dismissed:
        yield _text("Looked at beside the probe, and not taken further.")
        return
    facts = [("When", opinion.at), ("Reason", opinion.reason or "in the checklist")]
    if opinion.grounds:
        facts.append(("Grounds", ", ".join(opinion.grounds)))
    yield _table(facts)
    if opinion.checklist:
        rows = [
            (line.component, line.finding, line.note, ", ".join(map(str, line.marks))) for line in opinion.checklist
        ]
        yield _table([("Component", "Finding", "Note", "Marks"), *rows], widths=(110, 90, 201, 50), head=True)
    if opinion.images:
        yield _row([_picture(images[name]) for name in opinion.images])


def _candidate_table(candidates: tuple[ReportedCandidate, ...]) -> "Flowable":
    if not candidates:
        return _text("The search found nobody to compare with. That is an answer like any other.")
    rows = [
        (
            one.pseudonym,
            one.result,
            "; ".join(f"{opinion.person}: {opinion.conclusion}" for opinion in one.opinions) or "none",
            "" if one.lead is None else f"{one.lead.owner}: {one.lead.state}",
        )
        for one in candidates
    ]
    return _table([("Candidate", "Result", "Opinions", "Owner"), *rows], widths=(60, 100, 191, 100), head=True)


def _table(
    rows: Sequence[tuple[str, ...]], *, widths: tuple[float, ...] = (120, _WIDTH - 120), head: bool = False
) -> "Flowable":
    from reportlab.lib import colors
    from reportlab.platypus import Table, TableStyle

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
    return Table(cells, colWidths=widths, style=TableStyle(styles), repeatRows=1 if head else 0)


def _row(pictures: list["Flowable"]) -> "Flowable":
    from reportlab.platypus import Table

    return Table([pictures], colWidths=[_PICTURE + 12] * len(pictures), hAlign="LEFT")


def _picture(data: bytes) -> "Flowable":
    from reportlab.lib.utils import ImageReader
    from reportlab.platypus import Image

    width, height = ImageReader(io.BytesIO(data)).getSize()
    scale = _PICTURE / max(width, height)
    return Image(io.BytesIO(data), width=width * scale, height=height * scale, hAlign="LEFT")


def _text(text: str, kind: str = "body") -> "Flowable":
    from reportlab.platypus import Paragraph

    return Paragraph(escape(_shown(text)).replace("\n", "<br/>"), _styles()[kind])


@cache
def _styles() -> dict[str, Any]:
    from reportlab.lib.styles import ParagraphStyle

    body = ParagraphStyle("body", fontName="Report", fontSize=9, leading=12.5, splitLongWords=1)
    return {
        "body": body,
        "bold": ParagraphStyle("bold", body, fontName="Report-Bold"),
        "lead": ParagraphStyle("lead", body, fontSize=11, leading=15, spaceAfter=6),
        "title": ParagraphStyle("title", body, fontName="Report-Bold", fontSize=18, leading=24, spaceAfter=4),
        "heading": ParagraphStyle(
            "heading",
            body,
            fontName="Report-Bold",
            fontSize=12,
            leading=16,
            spaceBefore=12,
            spaceAfter=4,
            keepWithNext=1,
        ),
        "subheading": ParagraphStyle(
            "subheading",
            body,
            fontName="Report-Bold",
            fontSize=10,
            leading=14,
            spaceBefore=8,
            spaceAfter=3,
            keepWithNext=1,
        ),
    }


def _shown(text: str) -> str:
    """Return the text with every character that the font lacks as its code point."""
    known = _known_characters()
    return "".join(one if one == "\n" or ord(one) in known else f"[U+{ord(one):04X}]" for one in text)


@cache
def _known_characters() -> frozenset[int]:
    from reportlab.pdfbase.ttfonts import TTFontFile

    return frozenset(TTFontFile(str(_find_font(_FONTS["Report"]))).charToGlyph)


@cache
def _require_fonts() -> None:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for name, file in _FONTS.items():
        pdfmetrics.registerFont(TTFont(name, str(_find_font(file))))
    pdfmetrics.registerFontFamily("Report", normal="Report", bold="Report-Bold")


def _find_font(name: str) -> Path:
    # matplotlib brings the fonts along; it need not be loaded for them
    for entry in files("matplotlib") or ():
        if entry.name == name:
            return Path(str(entry.locate()))
    raise DependencyMissing(f"The font {name} that matplotlib brings is not there; install matplotlib again.")
