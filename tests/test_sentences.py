"""Every error is a sentence: a capital at its start, unless it begins with the name of a file, and an end."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from semblance import errors

SOURCES = Path(__file__).parents[1] / "src" / "semblance"
KINDS = frozenset(name for name, _ in inspect.getmembers(errors, inspect.isclass))


def _find_messages(path: Path) -> Iterator[tuple[int, ast.expr]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS and node.args:
            yield node.lineno, node.args[0]


def _read_ends(message: ast.expr) -> tuple[str, str]:
    """Return what the message begins and ends with; empty where that is only known when it is raised."""
    parts = message.values if isinstance(message, ast.JoinedStr) else [message]
    ends = [part.value if isinstance(part, ast.Constant) else "" for part in (parts[0], parts[-1])]
    return str(ends[0]), str(ends[1])


@pytest.mark.parametrize("package", ["bootstrap", "cli", "edge", "exchange", "store", "web", "workflows"])
def test_errors_are_sentences(package: str) -> None:
    wrong = []
    for path in sorted((SOURCES / package).rglob("*.py")):
        for line, message in _find_messages(path):
            start, end = _read_ends(message)
            if start[:1].islower() or (end and end[-1] not in ".?"):
                wrong.append(f"{path.name}:{line}: {start} … {end}")
    assert wrong == []
