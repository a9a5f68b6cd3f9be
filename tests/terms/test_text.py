"""What is kept and shown of what people write."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semblance.messages.message import escape_unprintable
from semblance.terms.text import find_text_fault, says_nothing


@given(st.text(alphabet=st.characters(codec=None)))
def test_nothing_that_a_terminal_obeys_comes_through(text: str) -> None:
    shown = escape_unprintable(text)
    assert all(unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"} for character in shown)
    assert escape_unprintable(shown) == shown
    shown.encode("utf-8")


@pytest.mark.parametrize(
    "text", ["Zoë", "北京 №7", "👤", "\u0645\u06cc\u200c\u062e", "10\u202f24", "non\u00a0breaking", "back\\slash", ""]
)
def test_what_people_write_is_left_alone(text: str) -> None:
    assert escape_unprintable(text) == text
    assert find_text_fault(text, cap=200) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [("\x1b[31mred", r"\x1b[31mred"), ("a\0b", r"a\x00b"), ("\u202egnp", r"\u202egnp"), ("\x9b2J", r"\x9b2J")],
)
def test_what_a_terminal_obeys_is_shown(text: str, shown: str) -> None:
    assert escape_unprintable(text) == shown
    assert str(find_text_fault(text, cap=200)) == "contains characters that cannot be printed"


def test_breaks_are_allowed_where_they_are_asked_for() -> None:
    assert escape_unprintable("a\nb\tc") == r"a\nb\tc"
    assert escape_unprintable("a\nb\tc", breaks=True) == "a\nb\tc"
    assert find_text_fault("a\r\nb", cap=9, breaks=True) is None
    assert find_text_fault("a\nb", cap=9) is not None
    assert str(find_text_fault(" " + "x" * 10 + " ", cap=9)) == "has 10 characters, more than 9"


@pytest.mark.parametrize(("text", "nothing"), [("", True), (" - ", True), ("a", False), ("北", False), ("7", False)])
def test_a_text_without_letters_says_nothing(text: str, nothing: bool) -> None:
    assert says_nothing(text) is nothing
