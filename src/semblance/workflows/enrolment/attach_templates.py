"""Give photos the templates that came with them, and see to it that they are theirs."""

from dataclasses import replace
from functools import partial
from typing import Final

from semblance.errors import ManifestError, PackConflict
from semblance.exchange.intake import Intake, ReadyTemplate
from semblance.faces.extractor import Extractor
from semblance.search.template_file import TemplateFile
from semblance.search.templates import score_matrix
from semblance.terms.samples import Metric, Template

_CHECKED_FIRST: Final = 4
_CHECKED_EVERY: Final = 100
_LEAST_COSINE: Final = 0.98
_MOST_DISTANCE: Final = 0.1


def attach_templates(intake: Intake, file: TemplateFile, extractor: Extractor) -> Intake:
    """Return the intake with each photo's template: that of the row it names, or else of its place in the manifest.

    The first photos and every hundredth are encoded all the same, and held against theirs. Raises PackConflict where
    another pack made the templates, ManifestError where rows are wanting or named twice.
    """
    if (file.pack, file.metric, file.dimension) != (extractor.digest, extractor.metric, extractor.dimension):
        raise PackConflict(
            "operator.templates.other-pack",
            "The templates were made by the pack {their_pack} ({their_metric}, {their_dimension} numbers), and this "
            "node uses '{name}' ({pack}, {metric}, {dimension} numbers). Nothing was enrolled; enrol the photos "
            "without --templates.",
            their_pack=file.pack[:12],
            their_metric=file.metric,
            their_dimension=file.dimension,
            name=extractor.name,
            pack=extractor.digest[:12],
            metric=extractor.metric,
            dimension=extractor.dimension,
        )
    rows = [number if item.row is None else item.row for number, item in enumerate(intake.items)]
    if len(set(rows)) < len(rows):
        raise ManifestError(
            "operator.templates.row-named-twice", "Two photos name the same row of the templates; nothing was enrolled."
        )
    beyond = [row for row in rows if row >= file.count]
    if beyond:
        raise ManifestError(
            "operator.templates.rows-missing",
            "{n} photos name rows beyond the {count} that the templates have, the first of them row {row}; "
            "nothing was enrolled.",
            n=len(beyond),
            count=file.count,
            row=beyond[0],
        )
    items = []
    for number, (item, row) in enumerate(zip(intake.items, rows, strict=True)):
        checked = number < _CHECKED_FIRST or number % _CHECKED_EVERY == 0
        items.append(replace(item, ready=ReadyTemplate(partial(file.read, row), checked=checked)))
    return replace(intake, items=tuple(items))


def require_alike(given: Template, made: Template, *, name: str) -> None:
    """Raise ManifestError where a template is not what the pack makes of its photo."""
    score = float(score_matrix([given], [made])[0, 0])
    if score >= (_LEAST_COSINE if made.metric is Metric.COSINE else -_MOST_DISTANCE):
        return
    raise ManifestError(
        "operator.templates.not-alike",
        "The template that came with {name} is not the one that the pack makes of it (score {score:.3f}). "
        "The rows may be in another order, or of another pack. The enrolment was stopped; what was "
        "enrolled before stays.",
        name=name,
        score=score,
    )
