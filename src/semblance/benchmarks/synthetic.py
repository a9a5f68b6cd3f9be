"""Synthetic templates for tests of scale: with the mean and the covariance of real ones, never white noise."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.errors import IntakeError, UnreadableFile
from semblance.faces.extractor import Extractor
from semblance.terms.samples import Metric, Template

_WITHIN: Final = 0.25
"""How much of the variance lies between photos of one subject, where nothing says whose the real ones are."""


@dataclass(frozen=True, slots=True)
class TemplateModel:
    """How real templates vary: ``between`` subjects and ``within`` one, as factors of the covariances (float32).

    A factor turns independent standard normal numbers into such templates. ``unit``: they have the length 1.
    """

    mean: NDArray[np.float32]
    between: NDArray[np.float32]
    within: NDArray[np.float32]
    unit: bool

    @property
    def dimension(self) -> int:
        """Return how many numbers a template has."""
        return len(self.mean)


def learn_from_values(stored: Sequence[bytes], *, unit: bool) -> TemplateModel:
    """Return the model of templates given as their stored bytes (float32, little-endian); two at least."""
    values = np.stack([np.frombuffer(value, dtype="<f4") for value in stored]).astype(np.float64)
    variances, directions = np.linalg.eigh(np.atleast_2d(np.cov(values, rowvar=False)))
    factor = (directions * np.sqrt(np.maximum(variances, 0.0))).T
    return TemplateModel(
        mean=values.mean(axis=0).astype(np.float32),
        between=(np.sqrt(1 - _WITHIN) * factor).astype(np.float32),
        within=(np.sqrt(_WITHIN) * factor).astype(np.float32),
        unit=unit,
    )


def make_templates(
    model: TemplateModel, subjects: int, photos: int, random: np.random.Generator
) -> NDArray[np.float32]:
    """Return templates of subjects with so many photos each, a subject's own one after the other."""
    people = random.standard_normal((subjects, model.dimension), dtype=np.float32) @ model.between
    return _make_photos(model, np.repeat(people, photos, axis=0), random)


def make_mates(
    model: TemplateModel, templates: NDArray[np.float32], random: np.random.Generator
) -> NDArray[np.float32]:
    """Return for each template that of another photo of the same subject, as alike as the model's photos are."""
    # what a template says of its subject, the rest being the photo's own
    people = (1 - _WITHIN) * (templates - model.mean)
    return _make_photos(model, people.astype(np.float32), random)


def _make_photos(model: TemplateModel, people: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    made = people + random.standard_normal(people.shape, dtype=np.float32) @ model.within + model.mean
    if model.unit:
        made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made.astype(np.float32, copy=False)


def learn_from_photos(
    extractor: Extractor, paths: Sequence[Path], *, on_progress: Callable[[str, int, int], None]
) -> TemplateModel:
    """Return how the templates of these photos vary, each photo's largest face; nothing of them is kept.

    Raises UnreadableFile where fewer than two photos give a template.
    """

    def extract(path: Path) -> Template | None:
        try:
            return extractor.extract(path.read_bytes(), name=path.name, choose="largest").template
        except IntakeError:
            return None

    found: list[Template] = []
    with ThreadPoolExecutor() as pool:
        for number, template in enumerate(pool.map(extract, paths), start=1):
            on_progress("learning from photos", number, len(paths))
            if template is not None:
                found.append(template)
    if len(found) < 2:
        raise UnreadableFile(
            "operator.benchmarks.too-few-templates",
            "Fewer than two photos gave a template. Name a folder with more photos of faces.",
        )
    return learn_from_values([template.values for template in found], unit=extractor.metric is Metric.COSINE)
