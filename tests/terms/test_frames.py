"""A frame's name is written so that the same name comes back, and nothing else passes for one."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semblance.terms.frames import FrameName, read_frame_name
from semblance.terms.ids import Sha256, digest_bytes

NAME = FrameName(0, -1024, Fraction(1, 12800), digest_bytes(b"pixels"))


@given(
    st.integers(0, 9999),
    st.integers(-(2**63), 2**63 - 1),
    st.fractions(Fraction(1, 90_000), 100, max_denominator=90_000),
    st.binary(max_size=4).map(digest_bytes),
)
def test_a_name_is_read_as_it_was_written(stream: int, pts: int, base: Fraction, sha256: Sha256) -> None:
    name = FrameName(stream, pts, base, sha256)
    assert read_frame_name(str(name)) == name


@pytest.mark.parametrize(
    "text", ["", "0", str(NAME)[:-1], str(NAME) + "0", str(NAME).replace("1/12800", "1/0"), str(NAME).upper() + " "]
)
def test_what_is_no_name_is_told_from_one(text: str) -> None:
    assert read_frame_name(text) is None


def test_a_name_tells_when() -> None:
    assert NAME.seconds == -0.08
    assert str(NAME).startswith("0@-1024x1/12800#")
