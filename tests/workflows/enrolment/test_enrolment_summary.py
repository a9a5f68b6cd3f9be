"""Why photos were unsuitable, counted, and what a lower line would change."""

from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.suitability import SuitabilityLine
from semblance.messages.message import Message, quote_text
from semblance.workflows.enrolment.enrolment_report import WORDS, LowerLine, count_reasons

TURNED = Message(
    "suitability.turn", "", fault=Message("suitability.yaw", "the head is turned sideways"), measured=50.2, needed=35
)
ELSEWHERE = Message("photo.stands-elsewhere", "", number="B", authority="DE")


def _say_eyes(distance: int, needed: float = 60) -> Message:
    return Message("suitability.inter-eye-distance", "", measured=distance, needed=needed)


def test_every_setting_has_words() -> None:
    assert set(WORDS) == {f"suitability.{name}" for name in SuitabilityLine.names()}


def test_reasons_are_counted_and_lower_lines_tried() -> None:
    outcomes: list[tuple[IntakeStatus, tuple[Message, ...]]]
    outcomes = [(IntakeStatus.UNSUITABLE, (_say_eyes(distance),)) for distance in (59, 50, 49, 41, 22, 12)]
    outcomes.append((IntakeStatus.UNSUITABLE, (_say_eyes(55), TURNED)))
    outcomes.append((IntakeStatus.KEPT_UNSUITABLE, (TURNED, ELSEWHERE)))
    outcomes.append((IntakeStatus.NO_FACE, (Message("photo.no-face", ""),)))
    eyes, turned, kept = count_reasons(outcomes)
    assert (eyes.setting, eyes.words, eyes.photos, eyes.alone) == (
        "suitability.inter_eye_distance",
        "eyes too close together",
        7,
        6,
    )
    # the photo with another fault, too, would not pass at any line; nor is a line below 20 proposed
    assert eyes.lower_lines == (LowerLine(50, 2), LowerLine(40, 4), LowerLine(20, 5))
    assert (turned.setting, turned.photos, turned.alone, turned.lower_lines) == ("suitability.yaw", 1, 0, ())
    assert (kept.status, kept.photos, kept.alone) == (IntakeStatus.KEPT_UNSUITABLE, 1, 1)


def test_a_line_that_is_no_round_number_is_lowered_to_one() -> None:
    (eyes,) = count_reasons([(IntakeStatus.UNSUITABLE, (_say_eyes(41, 42.5),))])
    assert eyes.lower_lines == (LowerLine(40, 1),)


def test_nothing_unsuitable_is_nothing_to_say() -> None:
    assert count_reasons([(IntakeStatus.ENROLLED, (ELSEWHERE,))]) == ()


def test_sentences_of_an_older_version_are_counted_as_nothing() -> None:
    old = quote_text("the eyes are 41 pixels apart; 60 are needed")
    assert count_reasons([(IntakeStatus.UNSUITABLE, (old,))]) == ()
