"""JSON out of a stream: whatever the pieces, the objects are the same; and what is none is told at its place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semblance.exchange.interpol_notices.parsing import DOCUMENT_CAP, JsonFault, JsonObject, iterate_objects

_values = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
_objects = st.dictionaries(st.text(max_size=6), _values, max_size=4)


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def read(data: bytes, size: int = 7) -> list[JsonObject | JsonFault]:
    return list(iterate_objects(cut(data, size)))


@given(st.lists(_objects, min_size=1, max_size=4), st.booleans(), st.integers(1, 40), st.booleans())
def test_objects_are_found_whatever_the_pieces(
    objects: list[dict[str, object]], as_list: bool, size: int, ascii_only: bool
) -> None:
    written = (
        json.dumps(objects, indent=1, ensure_ascii=ascii_only)
        if as_list
        else "\n".join(json.dumps(thing, ensure_ascii=ascii_only) for thing in objects)
    )
    found = read(written.encode("utf-8", "surrogatepass"), size)
    assert [item.content for item in found if isinstance(item, JsonObject)] == objects
    assert [item.place for item in found] == [1 if as_list else None, *range(2, len(objects) + 1)]


def test_a_byte_order_mark_is_no_fault() -> None:
    assert read(b'\xef\xbb\xbf{"a": 1}', 1) == [JsonObject(None, {"a": 1})]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b" \n\t ", "is empty"),
        (b"[]", "names no notices"),
        (b"hello", "no JSON object"),
        (b"\xff\xfe{\x00}\x00", "no JSON object"),
        (b"null", "no JSON object"),
        (b"<html></html>", "no JSON object"),
        (b"[1, 2]", "no object"),
        (b'[["a"]]', "no object"),
        (b'[{"a": 1}', "ends too early"),
        (b'[{"a": 1},', "ends too early"),
        (b'[{"a": 1} {"b": 2}]', "comma is missing"),
        (b'[{"a": 1}] more', "something follows"),
        (b'{"a": 1} more', "no JSON object"),
        (b'{"a": [1}', "brackets do not match"),
        (b'{"a": "', "in the middle"),
        (b'{"a": "\\', "in the middle"),
        (b'{"a": {"b": 1}', "in the middle"),
    ],
)
def test_what_is_no_json_is_told(data: bytes, words: str) -> None:
    for size in (1, 3, 1000):
        fault = read(data, size)[-1]
        assert isinstance(fault, JsonFault)
        assert fault.place is None
        assert words in str(fault.fault)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"a": 1, "a": 2}', "'a' stands in one object twice"),
        (b'{"a": {"b": 1, "b": 1}}', "'b' stands in one object twice"),
        (b'{"a": NaN}', "NaN is no number"),
        (b'{"a": -Infinity}', "-Infinity is no number"),
        (b'{"a": 1,}', "not JSON"),
        (b"{a: 1}", "not JSON"),
        (b'{"a": "\xff"}', "0xff is not UTF-8"),
        (b'{"a": "\n"}', "not JSON"),
        (b'{"a": ' + b"1" * 5000 + b"}", "not JSON"),
    ],
)
def test_one_bad_object_does_not_hide_the_next(data: bytes, words: str) -> None:
    found = read(b"[" + data + b', {"good": true}]')
    assert isinstance(found[0], JsonFault)
    assert found[0].place == 1
    assert words in str(found[0].fault)
    assert found[1:] == [JsonObject(2, {"good": True})]


@pytest.mark.parametrize("levels", [33, 10_000, 1_000_000])
@pytest.mark.parametrize("marks", [b'{"a":', b"["])
def test_nesting_ends_somewhere(levels: int, marks: bytes) -> None:
    found = read(b'{"a":' + marks * levels, 65536)
    assert len(found) == 1
    assert isinstance(found[0], JsonFault)
    assert "nests deeper than 32 levels" in str(found[0].fault)


def test_nesting_to_the_cap_is_read() -> None:
    data = b'{"a":' * 32 + b"1" + b"}" * 32
    assert isinstance(read(data)[0], JsonObject)


def test_an_object_has_an_end() -> None:
    found = read(b'{"a": "' + b"x" * (DOCUMENT_CAP + 10) + b'"}', 65536)
    assert isinstance(found[0], JsonFault)
    assert "more than 4 megabytes" in str(found[0].fault)


def test_memory_does_not_grow_with_the_file() -> None:
    pieces = 0

    def endless() -> object:
        nonlocal pieces
        yield b"["
        while pieces < 2000:
            pieces += 1
            yield b'{"a": "' + b"x" * 1000 + b'"},' + b" " * 1000
        yield b'{"a": 1}]'

    count = sum(isinstance(item, JsonObject) for item in iterate_objects(endless()))  # type: ignore[arg-type]
    assert count == 2001
