"""Put an evaluation's report into a folder: the page for people, the JSON for programs."""

import secrets
from pathlib import Path
from typing import Final

from semblance.errors import UnreadableFile
from semblance.evaluation.page import render_page
from semblance.evaluation.report import EvaluationReport

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
            f"The report cannot be written to {folder} ({error.strerror or error}): name another folder, or make room."
        ) from error
    return folder / PAGE_NAME, folder / JSON_NAME
