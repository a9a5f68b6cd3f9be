import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from semblance.evaluation.page import render_page
from semblance.evaluation.report import EvaluationReport

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Outline(HTMLParser):
    """Keeps what a page refers to, and whether every element is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        self._keep(attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._keep(attrs)

    def _keep(self, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name in {"href", "src", "xlink:href", "action", "data"} and value:
                self.references.append(value)
            if name.startswith("on"):
                self.problems.append(f"an event handler: {name}")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes nothing")


@pytest.fixture(scope="module")
def html(report: EvaluationReport) -> str:
    return render_page(report)


def read(html: str) -> Outline:
    outline = Outline()
    outline.feed(html)
    outline.close()
    return outline


def test_the_page_stands_alone(html: str) -> None:
    outline = read(html)
    assert outline.problems == []
    assert outline.open == []
    assert not {"script", "link", "iframe", "img", "object", "form"} & set(outline.tags)
    assert all(reference.startswith("#") for reference in outline.references)
    assert {reference[1:] for reference in outline.references} <= set(outline.ids)
    assert len(outline.ids) == len(set(outline.ids))
    assert not re.search(r"url\((?!#)", html)
    assert "@import" not in html
    namespaces = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert set(re.findall(r"https?://[^\s\"'<>]+", html)) <= namespaces


def test_the_page_says_what_every_page_says(report: EvaluationReport, html: str) -> None:
    assert html.count("Every match is a lead, not an identity.") >= 2
    for sentence in (*report.not_supported, *report.notes):
        assert sentence.replace("'", "&#39;") in html
    for pack in report.packs:
        assert pack.name in html
    for word in ("suspect", "mugshot", "criminal", "match %", "watch list"):
        assert word not in html.lower()


def test_plots_take_their_colours_from_the_page_and_keep_text_as_text(html: str) -> None:
    for plot in re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL):
        assert "<text" in plot
        assert "var(--ink)" in plot
        assert "var(--series-0)" in plot
        assert set(re.findall(r"#[0-9a-f]{6}\b", plot)) <= {"#000000", "#ffffff"}


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_colours_reach_the_contrast_of_wcag_aa_in_light_and_dark(html: str) -> None:
    blocks = re.findall(r":root \{(.*?)\}", html, flags=re.DOTALL)[:2]
    assert len(blocks) == 2
    for block in blocks:
        colours = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", block))
        for ground in ("paper", "raised"):
            assert _contrast(colours["ink"], colours[ground]) >= 4.5
            assert _contrast(colours["muted"], colours[ground]) >= 4.5
        for place in range(5):
            assert _contrast(colours[f"series-{place}"], colours["paper"]) >= 3


@pytest.mark.parametrize(("mated", "non_mated"), [(74, 140), (12, 3), (0, 30), (5, 0)])
def test_every_kind_of_sample_gives_a_report_and_a_page(
    make_report: Callable[..., EvaluationReport], mated: int, non_mated: int
) -> None:
    small = make_report(mated=mated, non_mated=non_mated, ladder=False, gallery=max(mated, 4))
    assert read(render_page(small)).problems == []
    assert json.loads(small.to_json())["set"]["mated"] == mated


def test_names_from_a_manifest_cannot_write_into_the_page(make_report: Callable[..., EvaluationReport]) -> None:
    report = make_report(mated=5, non_mated=5, ladder=False, gallery=6)
    hostile = replace(report, set=replace(report.set, name="<script>alert(1)</script>"), notes=("<b>bold</b>",))
    html = render_page(hostile)
    assert "<script" not in html
    assert "<b>" not in html


def test_the_json_is_stable_and_whole(report: EvaluationReport, make_report: Callable[..., EvaluationReport]) -> None:
    text = report.to_json()
    content = json.loads(text)
    assert content["schema"] == "semblance.evaluation/1"
    assert text == make_report().to_json()
    assert set(content) == {
        "schema", "created", "version", "seed", "replicates", "set", "fpir_targets", "supported_targets", "target",
        "non_mated_source", "non_mated_searches", "packs", "rungs", "verdicts", "not_supported", "notes",
    }  # fmt: skip
    assert set(content["packs"][0]) == {
        "name", "digest", "metric", "dimension", "gallery_subjects", "gallery_references", "failures", "rank_misses",
        "cmc", "operating_points", "det", "discard", "measures", "measures_scope", "groups",
    }  # fmt: skip
    assert set(content["packs"][0]["operating_points"][0]["fnir"]) == {"count", "of", "value", "lower", "upper"}
