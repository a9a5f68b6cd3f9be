"""Sentences that come from below the pages: each has a pattern, and each pattern says the same in French."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from markupsafe import Markup

from semblance import errors
from semblance.terms.permission import Refusal
from semblance.web.wording.language import speaking
from semblance.web.wording.messages import SENTENCES
from semblance.web.wording.translate_messages import find_pattern, say_below, say_refusal
from semblance.web.wording.value_words import VALUES

SOURCES: Final = Path(__file__).parents[3] / "src" / "semblance"
RAISED: Final = frozenset(name for name, _ in inspect.getmembers(errors, inspect.isclass))
NO_PAGE: Final = frozenset(
    {
        # what only commands do
        "read_policy.py",
        "demo.py",
        "demo_accounts.py",
        "evaluate.py",
        "write_evaluation.py",
        "models.py",
        "keys.py",
        "bench.py",
        "bench_load.py",
        "attach_templates.py",
        "switch_pack.py",
        "shadow_run.py",
        "ledger.py",
        "bundle.py",
        "checkpoint.py",
        "receipt.py",
        "import_notices.py",
    }
)


def _write(node: ast.expr) -> str | None:
    """Return a sentence as it could be said, with something in its holes; None where the source does not say it."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    said = "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
    return said if any(isinstance(part, ast.Constant) for part in node.values) else None


def _find(package: str) -> Iterator[tuple[str, str, str]]:
    """Give what is said in a package: the kind of saying, where, and the sentence."""
    for path in sorted((SOURCES / package).rglob("*.py")):
        if path.name in NO_PAGE:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                kind = node.func.id
                place = 1 if kind in {"Refusal", "Fault"} else 0
                if (kind in RAISED or place) and len(node.args) > place:
                    said = _write(node.args[place])
                    if said is not None and " " in said:
                        yield kind, f"{path.name}:{node.lineno}", said
            if isinstance(node, ast.FunctionDef) and node.name.endswith(("_fault", "_faults", "_lapse", "_duty")):
                for inner in ast.walk(node):
                    value = inner.value if isinstance(inner, ast.Return | ast.Yield) else None
                    said = None if value is None else _write(value)
                    if said is not None and re.search(r"[a-z] ", said):
                        yield "fault", f"{path.name}:{inner.lineno}", said  # type: ignore[attr-defined]


FOUND: Final = tuple(one for package in ("cases", "gallery", "people", "terms", "workflows") for one in _find(package))


@pytest.mark.parametrize("kind", ["Refusal", "Fault", "fault"])
def test_every_refusal_and_every_fault_has_a_pattern(kind: str) -> None:
    said = [(where, sentence) for found, where, sentence in FOUND if found == kind]
    assert len(said) > 10
    assert [one for one in said if find_pattern(one[1]) is None] == []


def test_nearly_every_error_that_a_page_can_show_has_a_pattern() -> None:
    said = [(where, sentence) for kind, where, sentence in FOUND if kind in RAISED]
    missing = [one for one in said if find_pattern(one[1]) is None]
    assert len(said) > 60
    assert len(missing) <= len(said) // 20, missing


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("the eyes are 42 pixels apart; 60 are needed", "les yeux sont distants de 42 pixels ; il en faut 60"),
        (
            "the face is blurred; take a sharper photo or a less processed copy (Sharpness is 3; 10 is needed)",
            "le visage est flou ; prenez une photo plus nette ou une copie moins traitée (Sharpness : 3 ; il faut 10)",
        ),
        ("legal_basis: is missing; cite the law or decision that allows the record to be held",
         "Base juridique : manque ; citez la loi ou la décision qui permet de détenir la fiche"),
        ("personal.birth_dates[0]: 1970-13 lies too long ago", "Dates de naissance : 1970-13 est trop ancien"),
        ("is missing; a Yellow notice needs event_place or event_country",
         "manque ; le type « Notice jaune » exige : lieu de l'événement ou pays de l'événement"),
        ("record.edit needs the role records-officer or administrator, which alice does not hold now",
         "record.edit exige le rôle gestionnaire de fiches ou administrateur, que alice ne détient pas actuellement"),
        ("Record.edit is not possible while the record is withdrawn.",
         "Record.edit n'est pas possible tant que la fiche est retirée."),
        ("number: has 900 characters, more than 200; write it anew; "
         "personal.marks: is empty; leave the field out instead",
         "Numéro : est trop long : 900 caractères, plus que 200 ; réécrivez-le ; Signes particuliers : est vide ; "
         "omettez plutôt le champ"),
    ],
)  # fmt: skip
def test_sentences_are_said_in_french(english: str, french: str) -> None:
    assert say_below(english) == english
    with speaking("fr"):
        said = say_below(english)
    assert str(said).replace("\u00a0", " ").replace("\u2019", "'") == french
    assert "<span" not in said


def test_what_fits_no_pattern_stays_english_and_says_so() -> None:
    with speaking("fr"):
        assert say_below("Nobody <b>wrote</b> this.") == Markup(
            '<span lang="en">Nobody &lt;b&gt;wrote&lt;/b&gt; this.</span>'
        )
        inside = say_below("The password <i> is unlike any; write it anew.")
    assert "<i>" not in inside
    assert say_below("") == ""


def test_what_a_sentence_quotes_is_never_markup() -> None:
    with speaking("fr"):
        said = say_below("Somebody is called <script> here already; choose another login name.")
    assert not isinstance(said, Markup)
    assert "<script>" in said, "the template escapes it"


def test_a_refusal_is_a_whole_sentence() -> None:
    with speaking("fr"):
        assert say_refusal(Refusal("x", "the policy changed")) == "La politique a changé."


def test_nothing_is_marked_twice() -> None:
    assert len(set(SENTENCES)) == len(SENTENCES)
    assert len(set(VALUES)) == len(VALUES)


def test_what_is_long_or_made_to_be_hard_is_answered_all_the_same() -> None:
    hard = ("x; write it anew; " * 40, "a has " * 150 + " x " * 50, "; ".join(["is missing"] * 90), "a: " * 300)
    with speaking("fr"):
        for text in hard:
            assert say_below(text)
        assert say_below("; ".join(["is missing"] * 90)).count("manque") == 90
