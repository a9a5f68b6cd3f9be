"""Learn from photos how the templates of a pack vary, for measurements at scale."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from semblance.benchmarks.synthetic import TemplateModel, learn_from_values
from semblance.errors import IntakeError, UnreadableFile
from semblance.faces.extractor import Extractor
from semblance.terms.samples import Metric, Template


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
