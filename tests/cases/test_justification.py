"""No anonymous search."""

from dataclasses import replace

import pytest

from semblance.cases.check import Justification, check_justification
from semblance.terms.permission import Permit, Purpose, Refusal

GOOD = Justification("Alice", "FR-2026-17", "missing-person", "Found at the station without papers")


def test_what_means_something_is_permitted() -> None:
    answer = check_justification(GOOD)
    assert isinstance(answer, Permit)
    assert answer.rule == "justification"


@pytest.mark.parametrize("purpose", list(Purpose))
def test_every_purpose_is_a_purpose(purpose: Purpose) -> None:
    assert isinstance(check_justification(replace(GOOD, purpose=purpose)), Permit)


@pytest.mark.parametrize(
    "reason",
    [
        "Gefunden am Bahnhof, ohne Papiere",
        "Demonstration of a search",
        "Проверка личности найденного",
        "身元不明者の確認のため",
        "two\nlines of reason",
    ],
)
def test_reasons_in_any_language(reason: str) -> None:
    assert isinstance(check_justification(replace(GOOD, reason=reason)), Permit)


@pytest.mark.parametrize("field", ["person", "case", "purpose", "reason"])
@pytest.mark.parametrize("text", ["", "   ", "\n", "---", "a\0b", "x" * 3000])
def test_every_field_must_be_there_and_printable(field: str, text: str) -> None:
    refusal = check_justification(replace(GOOD, **{field: text}))
    assert isinstance(refusal, Refusal)
    assert refusal.rule == f"justification.{field}"
    assert refusal.field == field
    assert str(refusal.message).startswith(field)


@pytest.mark.parametrize(
    "reason", ["x", "test", "Test test test", "aaaa aaaaaaaa", "because", "testing 1", "n/a n/a n/a"]
)
def test_a_reason_must_say_why(reason: str) -> None:
    refusal = check_justification(replace(GOOD, reason=reason))
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "justification.reason"


def test_a_purpose_that_the_node_does_not_allow_is_refused() -> None:
    refusal = check_justification(GOOD, (Purpose.UNIDENTIFIED_BODY,))
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "node.purpose"
    assert "unidentified-body" in str(refusal.message)
    assert isinstance(check_justification(GOOD, (Purpose.MISSING_PERSON,)), Permit)


def test_an_unknown_purpose_is_answered_with_the_known_ones() -> None:
    refusal = check_justification(replace(GOOD, purpose="curiosity"))
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "justification.purpose"
    assert "missing-person" in str(refusal.message)
