"""Subject keys and capture dates as people write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semblance.gallery.outcome import parse_capture_date
from semblance.gallery.subject import find_key_fault, normalise_key

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize("key", ["A000022", "Zoë Müller", "李小龙", "case 7/2026"])
def test_usual_keys_are_fine(key: str) -> None:
    assert find_key_fault(normalise_key(key)) is None


@pytest.mark.parametrize(
    ("key", "words"),
    [("", "no name"), ("  ", "no name"), ("a\nb", "cannot be printed"), ("a\udcff", "printed"), ("x" * 201, "201")],
)
def test_keys_that_cannot_be_one_say_why(key: str, words: str) -> None:
    fault = find_key_fault(normalise_key(key))
    assert fault is not None
    assert words in str(fault)


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    assert normalise_key(normalise_key(text)) == normalise_key(text)


@pytest.mark.parametrize("text", ["2014", "2014-05", "2014-05-17", "2026-03-01", " 1990 ", "2024-02-29"])
def test_dates_of_any_precision(text: str) -> None:
    assert parse_capture_date(text, today=TODAY) == text.strip()


@pytest.mark.parametrize(
    "text",
    ["", "1", "17.05.2014", "2014-13", "2014-02-30", "2023-02-29", "2014-5-17", "1789", "2027", "2026-03-02", "٢٠١٤"],
)
def test_what_is_no_date_in_the_past(text: str) -> None:
    assert parse_capture_date(text, today=TODAY) is None
