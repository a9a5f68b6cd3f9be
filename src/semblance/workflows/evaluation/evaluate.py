"""Measure how often searches err on a set of photos whose subjects are known."""

import secrets
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from semblance import __version__
from semblance.errors import ConfigurationError, ManifestError, UnreadableFile
from semblance.evaluation.assembly import UNDEGRADED_RUNG, PackSearches, ProbeLot, assemble_report
from semblance.evaluation.ladder import YAW_LABEL, RungName
from semblance.evaluation.outcomes import SearchOutcomes, tabulate_searches
from semblance.evaluation.page import render_page
from semblance.evaluation.report import EvaluationReport, FailedFile, SetFacts
from semblance.exchange.evaluation_set import EvaluationSet, Role, read_evaluation_set
from semblance.exchange.template_cache import KeptExtraction, TemplateCache
from semblance.faces.degrade import LADDER
from semblance.faces.extractor import Extractor
from semblance.messages.message import Message
from semblance.search.templates import score_matrix
from semblance.terms.samples import Template
from semblance.workflows.evaluation.extract_set import ExtractionPlan, PhotoExtractions, Progress, extract_set

DEFAULT_SEED: Final = 20251
DEFAULT_FPIR_TARGETS: Final = (0.10, 0.05, 0.02, 0.01, 0.003, 0.001)


def evaluate_set(
    directory: Path,
    extractors: Sequence[Extractor],
    *,
    cache: TemplateCache | None = None,
    degrade: bool = False,
    labels: Sequence[str] = (),
    seed: int = DEFAULT_SEED,
    workers: int | None = None,
    fpir_targets: Sequence[float] = DEFAULT_FPIR_TARGETS,
    on_progress: Progress | None = None,
) -> EvaluationReport:
    """Enrol every reference, search every probe, with each pack on the identical photos, and return the report.

    The largest face of each photo is taken, since there is nobody to ask. ``labels``: columns of the manifest by which
    unequal error is measured. ``degrade``: search the probes again on every rung of the ladder. No gallery is touched.

    Raises UnreadableFile, ManifestError (also for a label that is no column), ConfigurationError (no pack, two of one
    name, or an FPIR that is none). A photo that cannot be read is a failure in the report, not an error.
    """
    names = [extractor.name for extractor in extractors]
    if not names or len(set(names)) < len(names):
        raise ConfigurationError("operator.evaluation.packs", "Name at least one pack, and each only once.")
    if not fpir_targets or any(not 0 < target < 1 for target in fpir_targets):
        raise ConfigurationError(
            "operator.evaluation.fpir", "Each FPIR must lie between 0 and 1, both excluded: 0.05 means 5 %."
        )
    photos = read_evaluation_set(directory)
    _check_labels(directory, photos, labels)
    plan = ExtractionPlan(photos, extractors, LADDER if degrade else (), seed, cache)
    references, probes = extract_set(plan, workers=workers, on_progress=on_progress)
    wanted = list(dict.fromkeys([*labels, *([YAW_LABEL] if degrade and YAW_LABEL in photos.labels else [])]))
    return assemble_report(
        _describe_set(photos),
        [_search_all(plan, place, references, probes) for place in range(len(extractors))],
        paths=[probe.path for probe in photos.probes],
        probe_labels={label: [probe.labels[label] for probe in photos.probes] for label in wanted},
        labels=tuple(dict.fromkeys(labels)),
        targets=sorted(set(fpir_targets), reverse=True),
        seed=seed,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        version=__version__,
        notes=[*map(str, photos.notes), *_note(plan, references, probes)],
    )


def _check_labels(directory: Path, photos: EvaluationSet, labels: Sequence[str]) -> None:
    unknown = [label for label in labels if label not in photos.labels]
    if unknown:
        there = ", ".join(photos.labels) or "none"
        raise ManifestError(
            "operator.evaluation.no-label",
            "The manifest of {directory} has no label column {unknown}; its labels are: {there}.",
            directory=directory,
            unknown=unknown,
            there=there,
            problems=tuple(
                Message("operator.evaluation.label-unknown", "there is no label column '{label}'", label=label)
                for label in unknown
            ),
        )


def _describe_set(photos: EvaluationSet) -> SetFacts:
    known = {photo.subject for photo in photos.references}
    mated = sum(probe.subject in known for probe in photos.probes)
    return SetFacts(
        name=photos.folder.resolve().name,
        manifest_sha256=photos.manifest_sha256,
        subjects=len(known),
        references=len(photos.references),
        probes=len(photos.probes),
        mated=mated,
        non_mated=len(photos.probes) - mated,
        labels=photos.labels,
    )


def _search_all(
    plan: ExtractionPlan, place: int, references: Sequence[PhotoExtractions], probes: Sequence[PhotoExtractions]
) -> PackSearches:
    """Search every lot of probes with the pack at that place."""
    extractor, photos = plan.extractors[place], plan.photos
    enrolled = [reference.clean[place] for reference in references]
    gallery = [
        (photo.subject, extraction.template)
        for photo, extraction in zip(photos.references, enrolled, strict=True)
        if extraction.template is not None
    ]
    without = {photo.subject for photo in photos.references} - {subject for subject, _ in gallery}
    lots = [(UNDEGRADED_RUNG, [probe.clean[place] for probe in probes])]
    lots += [
        (RungName(rung.name, rung.family.value, rung.strength), [probe.degraded[rung.name][place] for probe in probes])
        for rung in plan.rungs
    ]
    return PackSearches(
        name=extractor.name,
        digest=extractor.digest,
        metric=extractor.metric.value,
        dimension=extractor.dimension,
        references=len(references),
        reference_failures=len(references) - len(gallery),
        subjects_without_template=len(without),
        failed=_name_failures(photos, enrolled, lots),
        lots=tuple(
            ProbeLot(rung, _search_lot(photos, gallery, found), tuple(extraction.quality for extraction in found))
            for rung, found in lots
        ),
    )


def _search_lot(
    photos: EvaluationSet, gallery: Sequence[tuple[str, Template]], probes: Sequence[KeptExtraction]
) -> SearchOutcomes:
    searched = [probe.template for probe in probes if probe.template is not None]
    return tabulate_searches(
        score_matrix(searched, [template for _, template in gallery]),
        probe_subjects=[photo.subject for photo in photos.probes],
        extracted=[probe.template is not None for probe in probes],
        reference_subjects=[subject for subject, _ in gallery],
        known_subjects=[photo.subject for photo in photos.references],
    )


def _name_failures(
    photos: EvaluationSet, enrolled: Sequence[KeptExtraction], lots: Sequence[tuple[RungName, Sequence[KeptExtraction]]]
) -> tuple[FailedFile, ...]:
    failed = [
        FailedFile(photo.path, Role.REFERENCE.value, None, extraction.failure)
        for photo, extraction in zip(photos.references, enrolled, strict=True)
        if extraction.failure is not None
    ]
    for rung, found in lots:
        failed += [
            FailedFile(photo.path, Role.PROBE.value, None if rung == UNDEGRADED_RUNG else rung.name, extraction.failure)
            for photo, extraction in zip(photos.probes, found, strict=True)
            if extraction.failure is not None
        ]
    return tuple(failed)


def _note(
    plan: ExtractionPlan, references: Sequence[PhotoExtractions], probes: Sequence[PhotoExtractions]
) -> tuple[str, ...]:
    notes = []
    known = {reference.sha256 for reference in references if reference.sha256}
    same = sum(probe.sha256 in known for probe in probes if probe.sha256)
    if same:
        notes.append(
            f"{_count(same, 'probe is', 'probes are')} the same file as a reference, byte for byte: such a search "
            "proves nothing, and the rates flatter the packs."
        )
    twice = sum(count - 1 for count in Counter(probe.sha256 for probe in probes if probe.sha256).values())
    if twice:
        notes.append(f"{_count(twice, 'probe is', 'probes are')} the same file as another probe and counted again.")
    several = sum(photo.clean[0].faces > 1 for photo in (*references, *probes))
    if several:
        notes.append(
            f"{_count(several, 'photo shows', 'photos show')} several faces to {plan.extractors[0].name}; the largest "
            "was taken, which may be somebody else."
        )
    if plan.rungs:
        notes.append(
            f"Degradation (seed {plan.seed}) acts on the same pixels for all packs. It is scaled by the distance "
            f"between the eyes that the first pack to find a face measured, beginning with {plan.extractors[0].name}; "
            "a probe in which no pack finds a face fails on every rung."
        )
    if plan.cache is not None and plan.cache.unwritten:
        notes.append(
            f"{plan.cache.unwritten} extractions could not be kept in {plan.cache.folder}: is there room, and may it "
            "be written? The next run makes them again."
        )
    return tuple(notes)


def _count(number: int, singular: str, plural: str) -> str:
    return f"1 {singular}" if number == 1 else f"{number} {plural}"


PAGE_NAME: Final = "report.html"
JSON_NAME: Final = "report.json"


def write_evaluation(report: EvaluationReport, folder: Path) -> tuple[Path, Path]:
    """Write ``report.html`` and ``report.json``, each whole or not at all, and return where they are.

    Makes the folder if need be. Raises UnreadableFile where it cannot be written.
    """
    texts = {folder / PAGE_NAME: render_page(report), folder / JSON_NAME: report.to_json() + "\n"}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
            try:
                draft.write_text(text, encoding="utf-8")
                draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)
    except OSError as error:
        raise UnreadableFile(
            "operator.evaluation.report-unwritable",
            "The report cannot be written to {folder} ({why}): name another folder, or make room.",
            folder=folder,
            why=error.strerror or error,
        ) from error
    return folder / PAGE_NAME, folder / JSON_NAME
