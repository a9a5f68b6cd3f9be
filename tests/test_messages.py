"""Every message of the code: its identifier, its holes, its translation; and that nobody reads a sentence back."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.messages import OPERATOR, SOURCES, find_messages, read_texts
from tests.strings import CATALOGUES, read_catalogue

from semblance.messages.message import Message, quote_text
from semblance.messages.stored import read_message, write_message
from semblance.web.wording.language import speaking
from semblance.web.wording.say_message import say_message

MESSAGES = find_messages()
SAID = [message for message in MESSAGES if not message.identifier.startswith(OPERATOR)]


def holes(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name is not None}


def test_an_identifier_has_one_text() -> None:
    texts = defaultdict(set)
    for message in MESSAGES:
        texts[message.identifier].add(message.text)
    assert len(texts) > 500
    assert {identifier: found for identifier, found in texts.items() if len(found) > 1} == {}


def test_identifiers_are_words_for_programs() -> None:
    odd = [message for message in MESSAGES if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", message.identifier)]
    assert odd == []


def test_the_catalogue_of_texts_is_what_the_code_says() -> None:
    texts = read_texts()
    assert {message.identifier: message.text for message in MESSAGES}.items() <= texts.items(), "run `make strings`"


@pytest.mark.parametrize("path", sorted(CATALOGUES.glob("*.po")), ids=lambda path: path.stem)
def test_every_message_that_a_page_can_show_is_translated(path: Path) -> None:
    catalogue = read_catalogue(path)
    missing, wrong = [], []
    for message in SAID:
        found = catalogue.get(message.text)
        if found is None or not found.string:
            missing.append((message.place, message.text))
        elif holes(str(found.string)) != holes(message.text):
            wrong.append((message.place, message.text, found.string))
    assert (missing, wrong) == ([], [])


def _find_patterns() -> Iterator[tuple[str, str]]:
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                module, pattern = node.func.value, node.args[0]
                if isinstance(module, ast.Name) and module.id == "re" and isinstance(pattern, ast.Constant):
                    yield f"{path.relative_to(SOURCES)}:{node.lineno}", str(pattern.value)


def _list_pairs(text: str) -> set[str]:
    """Return every two words that follow each other."""
    words = re.split(r"(?<=[A-Za-z]) (?=[A-Za-z])", text)
    ends = [(re.search(r"[A-Za-z]+$", word), re.match(r"[A-Za-z]+", word)) for word in words]
    pairs = [(before[0], after[1]) for before, after in pairwise(ends)]
    return {f"{before[0]} {after[0]}" for before, after in pairs if before and after}


def test_no_regular_expression_reads_a_sentence_of_the_program() -> None:
    """An expression that names two words of a message, one after the other, was made to read it."""
    said = {pair for message in MESSAGES for pair in _list_pairs(message.text)}
    assert "is missing" in said
    patterns = list(_find_patterns())
    assert len(patterns) > 20
    assert [(place, pattern) for place, pattern in patterns if _list_pairs(pattern) & said] == []


texts = st.text(st.characters(codec="utf-8"), max_size=20)
values = st.recursive(
    st.none() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple)
        | st.builds(lambda held: Message("test.inner", "{held}", held=held), inner)
    ),
    max_leaves=6,
)


@given(values)
def test_what_is_stored_comes_back(value: object) -> None:
    message = Message("test.outer", "{value}", value=value)
    found = read_message(write_message(message))
    assert (found.identifier, found.values) == (message.identifier, message.values)


def test_a_stored_message_is_said_in_the_words_of_today() -> None:
    declared = next(message for message in SAID if holes(message.text) == {"name"})
    found = read_message({"id": declared.identifier, "values": {"name": "X-17"}})
    assert str(found) == declared.text.replace("{name}", "X-17")


def test_a_message_of_a_newer_version_says_what_it_can() -> None:
    assert str(read_message({"id": "later.unheard-of", "values": {"n": 3}})) == "later.unheard-of 3"


def test_an_old_text_comes_back_as_it_stands_and_is_never_translated() -> None:
    text = "the face is blurred; take a sharper photo or a less processed copy"
    found = read_message(text)
    with speaking("fr"):
        assert (str(found), say_message(found)) == (text, text)
    assert found == quote_text(text)


def test_values_are_said_in_the_language_of_the_page() -> None:
    message = Message(
        "policy.role",
        "{action} needs the role {roles:or}, which {person} does not hold now",
        action="record.edit",
        roles=("records-officer", "administrator"),
        person="alice",
    )
    assert str(message) == (
        "record.edit needs the role records-officer or administrator, which alice does not hold now"
    )


def test_what_a_message_quotes_is_escaped() -> None:
    name = "\x1b[31m<b>\u202e"
    message = Message("test.quoted", "{name} is here", name=name)
    assert str(message) == "\\x1b[31m<b>\\u202e is here"
    with speaking("fr"):
        said = say_message(message)
    assert said.startswith('<span lang="en">')
    assert "<b>" not in said
