"""Finds every message that the code declares; ``make strings`` brings them into the catalogues."""

import ast
import inspect
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from semblance import errors

SOURCES: Final = Path(__file__).parents[1] / "src" / "semblance"
CATALOGUE: Final = SOURCES / "messages" / "catalogue.json"
ERRORS: Final = frozenset(
    name for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.SemblanceError)
)
OPERATOR: Final = "operator."
"""How identifiers begin of what only the command line and the operator are told; it stays English."""
_PLACES: Final = {"Message": 0, "Refusal": 0, "Fault": 1}
"""Which argument is the identifier; of errors it is the first."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A message as it stands in the code."""

    identifier: str
    text: str
    place: str


@cache
def find_messages() -> tuple[Declared, ...]:
    """Return every message that is declared in the sources, in their order."""
    return tuple(found for path in sorted(SOURCES.rglob("*.py")) for found in _find(path))


def _find(path: Path) -> Iterator[Declared]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    local = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id in ERRORS for base in node.bases)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        place = _PLACES.get(name, 0 if name in ERRORS | local else None)
        if place is None or len(node.args) < place + 2:
            continue
        identifier, text = node.args[place : place + 2]
        if _is_text(identifier) and _is_text(text):
            where = f"{path.relative_to(SOURCES)}:{node.lineno}"
            yield Declared(ast.literal_eval(identifier), ast.literal_eval(text), where)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def read_texts() -> dict[str, str]:
    """Return the catalogue of texts as it stands in its file."""
    texts: dict[str, str] = json.loads(CATALOGUE.read_text(encoding="utf-8")) if CATALOGUE.exists() else {}
    return texts


def write_texts() -> int:
    """Write every message's text into the catalogue, which keeps what is retired; return how many there are."""
    texts = read_texts() | {found.identifier: found.text for found in find_messages()}
    CATALOGUE.write_text(json.dumps(texts, indent=0, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    return len(texts)
