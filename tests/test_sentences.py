"""Every error is a sentence: a capital at its start, unless it begins with the name of a file, and an end."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.messages import ERRORS, SOURCES

KINDS = ERRORS - {"RequestProblem"}


def _find_texts(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
            text = node.args[1] if len(node.args) > 1 else None
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield node.lineno, text.value


@pytest.mark.parametrize("package", ["bootstrap", "cli", "edge", "exchange", "store", "web", "workflows"])
def test_errors_are_sentences(package: str) -> None:
    found = [(path, *text) for path in sorted((SOURCES / package).rglob("*.py")) for text in _find_texts(path)]
    assert found
    wrong = [f"{path.name}:{line}: {text}" for path, line, text in found if text[:1].islower() or text[-1] not in ".?}"]
    assert wrong == []
