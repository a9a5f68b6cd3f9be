"""A demonstration on photos that installed packages bring along: public figures, called samples and nothing else."""

import importlib.metadata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from semblance.cases.case import Case, CaseDraft, CaseState, Category
from semblance.errors import DependencyMissing, PolicyError, UnreadableFile
from semblance.exchange.intake import Intake, IntakeItem
from semblance.faces.degrade import make_changed_copy
from semblance.gallery.record import ImageSource, RecordTerms
from semblance.node.node import Node
from semblance.terms.permission import Actor, Purpose
from semblance.terms.record import RecordKind
from semblance.workflows.cases.cases import list_cases, open_case
from semblance.workflows.cases.probes import submit_probe
from semblance.workflows.enrolment.enrol import enrol_photos
from semblance.workflows.enrolment.enrolment_report import EnrolReport, EnrolRow
from semblance.workflows.search.search_answer import SearchAnswer
from semblance.workflows.search.search_gallery import search_probe

LEAST_INTER_EYE_DISTANCE: Final = 40.0
"""Pixels; a demonstration asks for less than a real node, because the sample portraits are small."""

_REASON: Final = "Shows that a smaller, darker, recompressed copy of a sample finds that sample."


@dataclass(frozen=True, slots=True)
class Sample:
    """A photo inside an installed package: the distribution that brings it, and the end of its path there."""

    subject: str
    distribution: str
    ending: str
    origin: str


SAMPLES: Final = (
    Sample("Eileen Collins", "scikit-image", "skimage/data/astronaut.png", "portrait by NASA, public domain"),
    Sample("Grace Hopper", "matplotlib", "sample_data/grace_hopper.jpg", "portrait by the US Navy, public domain"),
    Sample("a man far away", "scikit-image", "skimage/data/camera.png", "photo by Lav Varshney, CC0"),
    Sample("a cat", "scikit-image", "skimage/data/chelsea.png", "photo by Stefan van der Walt, CC0"),
)
"""Two portraits that are suitable, and two photos that show how unsuitable ones are reported."""


@dataclass(frozen=True, slots=True)
class DemoSearch:
    """A search with a changed copy of a sample; ``expected`` is the number of the record whose sample it was."""

    expected: str
    answer: SearchAnswer

    @property
    def right_first(self) -> bool:
        """Return whether the sample's own record stands at rank 1."""
        candidates = self.answer.candidates
        return bool(candidates) and candidates[0].number == self.expected


def find_samples() -> Intake:
    """Return the samples, found in their packages without importing these; raises DependencyMissing."""
    return Intake(tuple(_make_item(sample) for sample in SAMPLES))


def list_sample_paths() -> tuple[Path, ...]:
    """Return where the sample photos lie; raises DependencyMissing where a package does not bring its one."""
    return tuple(_find_file(sample) for sample in SAMPLES)


def make_sample_terms(node: Node) -> RecordTerms:
    """Return what records of a demonstration say of themselves."""
    today = node.clock().date()
    return RecordTerms(
        kind=RecordKind.SAMPLE,
        legal_basis="None: photos of public figures, for demonstration only.",
        retain_until=today + timedelta(days=365),
        source=ImageSource("Demonstration", "handed in for a demonstration", today),
        neutral=True,
    )


def enrol_samples(node: Node, actor: Actor, *, on_progress: Callable[[EnrolRow], None] | None = None) -> EnrolReport:
    """Enrol the samples as records of the actor's authority; doing it again enrols nothing twice."""
    return enrol_photos(node, actor, find_samples().items, terms=make_sample_terms(node), on_progress=on_progress)


def search_changed_copy(node: Node, actor: Actor) -> DemoSearch:
    """Search the node's gallery with a smaller, darker, recompressed copy of the first sample, in a case for it.

    Raises PolicyError where the search is not answered with a candidate list.
    """
    item = find_samples().items[0]
    changed = make_changed_copy(item.load(), name=item.name)
    case = _require_case(node, actor)
    probe = submit_probe(node, actor, case.id, changed, name="changed-copy.jpg")
    answer = search_probe(node, actor, probe.id, reason=_REASON, limit=10)
    if not isinstance(answer, SearchAnswer):
        raise PolicyError(
            "operator.demo.no-face",
            "The pack found no single face in the demonstration's own probe. Is it the pack it was made for?",
        )
    return DemoSearch(expected=item.subject_key, answer=answer)


def _require_case(node: Node, actor: Actor) -> Case:
    if opened := list_cases(node, actor, state=CaseState.OPEN, limit=1).cases:
        return opened[0]
    draft = CaseDraft(
        number=f"DEMO {node.clock():%Y-%m-%d %H:%M:%S}",
        purpose=Purpose.DEMONSTRATION,
        category=Category.UNIDENTIFIED,
        aim="To show that a changed copy of a sample finds that sample",
    )
    return open_case(node, actor, draft)


def _make_item(sample: Sample) -> IntakeItem:
    path = _find_file(sample)

    def load() -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise UnreadableFile(
                "operator.demo.sample-unreadable",
                "{name} of {distribution} cannot be read ({strerror}).",
                name=path.name,
                distribution=sample.distribution,
                strerror=error.strerror,
            ) from None

    source = f"{sample.origin}, as {sample.distribution} ships it"
    return IntakeItem(f"Sample: {sample.subject}", path.name, load, source=source)


def _find_file(sample: Sample) -> Path:
    try:
        files = importlib.metadata.files(sample.distribution) or []
    except importlib.metadata.PackageNotFoundError:
        raise DependencyMissing(
            "operator.demo.package-missing",
            "The package {distribution} is not installed. Install it again; the demonstration uses a photo of it.",
            distribution=sample.distribution,
        ) from None
    for file in files:
        if file.as_posix().endswith(sample.ending):
            return Path(str(file.locate()))
    raise DependencyMissing(
        "operator.demo.sample-missing",
        "The package {distribution} has no {ending}. Install it again; the demonstration uses that photo.",
        distribution=sample.distribution,
        ending=sample.ending,
    )
