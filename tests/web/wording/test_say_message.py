"""Messages on the pages: said in the language of the reader, and nothing that was quoted taken for markup."""

from enum import StrEnum
from typing import Any

import pytest
from markupsafe import Markup

from semblance.gallery.kinds import KINDS
from semblance.messages.message import Message
from semblance.messages.stored import read_message
from semblance.terms.record import RecordKind
from semblance.web.wording import words
from semblance.web.wording.language import speaking
from semblance.web.wording.say_message import say_message, say_plainly, say_sentence
from semblance.web.wording.value_words import VALUES


def make(identifier: str, /, **values: object) -> Message:
    """Return a message as the code declares it."""
    return Message(identifier, read_message({"id": identifier, "values": {}}).text, **values)


def fault(field: str, message: Message) -> Message:
    return make("records.fault", field=field, fault=message)


BLURRED = make("suitability.scalar", fault=make("suitability.sharpness"), measure="Sharpness", measured=3, needed=10)


@pytest.mark.parametrize(
    ("message", "english", "french"),
    [
        (
            make("suitability.inter-eye-distance", measured=42, needed=60.0),
            "the eyes are 42 pixels apart; 60 are needed",
            "les yeux sont distants de 42 pixels ; il en faut 60",
        ),
        (
            BLURRED,
            "the face is blurred; take a sharper photo or a less processed copy (Sharpness is 3; 10 is needed)",
            "le visage est flou ; prenez une photo plus nette ou une copie moins traitée (Sharpness : 3 ; il faut 10)",
        ),
        (
            fault("legal_basis", make("records.no-legal-basis")),
            "legal_basis: is missing; cite the law or decision that allows the record to be held",
            "base juridique : manque ; citez la loi ou la décision qui permet de détenir la fiche",
        ),
        (
            fault("personal.birth_dates[0]", make("date.too-early", text="1970-13")),
            "personal.birth_dates[0]: 1970-13 lies too long ago",
            "dates de naissance : 1970-13 est trop ancien",
        ),
        (
            make("records.field-missing", kind=RecordKind.YELLOW, fields=("event_place", "event_country")),
            "is missing; a yellow needs event_place or event_country",
            "manque ; le type « notice jaune » exige : lieu de l'événement ou pays de l'événement",
        ),
        (
            make("policy.state", action="record.edit", state="withdrawn"),
            "record.edit is not possible while the record is withdrawn",
            "record.edit n'est pas possible tant que la fiche est retirée",
        ),
    ],
)
def test_messages_are_said_in_french(message: Message, english: str, french: str) -> None:
    assert say_message(message) == str(message) == english
    with speaking("fr"):
        said = say_message(message)
    assert str(said).replace("\u00a0", " ").replace("\u2019", "'") == french
    assert "<span" not in said


def test_what_has_no_translation_stays_english_and_says_so() -> None:
    message = Message("test.unheard-of", "Nobody <b>wrote</b> {name}.", name="<i>")
    with speaking("fr"):
        assert say_message(message) == Markup('<span lang="en">Nobody &lt;b&gt;wrote&lt;/b&gt; &lt;i&gt;.</span>')
        assert say_plainly(message) == "Nobody <b>wrote</b> <i>."
        inside = say_message(fault("number", message))
    assert isinstance(inside, Markup)
    assert "<i>" not in inside


def test_a_word_that_is_the_same_in_both_languages_is_translated() -> None:
    title = KINDS[RecordKind.DIFFUSION].title
    assert title.text == "Diffusion"
    with speaking("fr"):
        said = say_message(title)
    assert said == "Diffusion"
    assert not isinstance(said, Markup)


def test_what_a_message_quotes_is_never_markup() -> None:
    with speaking("fr"):
        said = say_message(make("people.name-taken", name="<script>"))
    assert not isinstance(said, Markup)
    assert "<script>" in said, "the template escapes it"


@pytest.mark.parametrize("text", ["the policy changed", "the deadline of THE MINISTER requests has passed"])
def test_a_text_that_reads_like_a_message_stays_as_it_stands(text: str) -> None:
    with speaking("fr"):
        assert say_message(read_message(text)) == text


def test_a_refusal_is_a_whole_sentence() -> None:
    with speaking("fr"):
        said = say_sentence(make("token.scope", action="record.edit"))
    assert said == "Le jeton utilisé ne permet pas record.edit."


def test_no_word_is_marked_twice() -> None:
    assert len(set(VALUES)) == len(VALUES)


def test_many_faults_are_said_each_by_itself() -> None:
    faults: tuple[Any, ...] = tuple(fault("legal_basis", make("records.no-legal-basis")) for _ in range(90))
    with speaking("fr"):
        assert say_message(make("records.invalid", faults=faults)).count("manque") == 90


@pytest.mark.parametrize("kind", list(words._STATES), ids=lambda kind: kind.__name__)
def test_every_state_has_words_and_a_grade(kind: type[StrEnum]) -> None:
    for state in kind:
        assert words.say_state(state)
        assert words.grade_state(state) in {"good", "fair", "poor", "quiet"}
