"""Why photos were unsuitable, counted, and what a lower line would change."""

from semblance.gallery.outcome import IntakeStatus
from semblance.workflows.enrolment.enrolment_report import LowerLine, count_reasons

TURNED = "the head is turned sideways by about 50 degrees; 35 are allowed"


def _say_eyes(distance: int) -> str:
    return f"the eyes are {distance} pixels apart; 60 are needed"


def test_reasons_are_counted_and_lower_lines_tried() -> None:
    outcomes: list[tuple[IntakeStatus, tuple[str, ...]]]
    outcomes = [(IntakeStatus.UNSUITABLE, (_say_eyes(distance),)) for distance in (59, 50, 49, 41, 22, 12)]
    outcomes.append((IntakeStatus.UNSUITABLE, (_say_eyes(55), TURNED)))
    outcomes.append((IntakeStatus.KEPT_UNSUITABLE, (TURNED, "the same photo stands under subject B")))
    outcomes.append((IntakeStatus.NO_FACE, ("no face was found in the photo",)))
    eyes, turned, kept = count_reasons(outcomes)
    assert (eyes.setting, eyes.words, eyes.photos, eyes.alone) == (
        "inter_eye_distance",
        "eyes too close together",
        7,
        6,
    )
    # the photo with another fault, too, would not pass at any line; nor is a line below 20 proposed
    assert eyes.lower_lines == (LowerLine(50, 2), LowerLine(40, 4), LowerLine(20, 5))
    assert (turned.setting, turned.photos, turned.alone, turned.lower_lines) == ("yaw", 1, 0, ())
    assert (kept.status, kept.photos, kept.alone) == (IntakeStatus.KEPT_UNSUITABLE, 1, 1)


def test_a_line_that_is_no_round_number_is_lowered_to_one() -> None:
    (eyes,) = count_reasons([(IntakeStatus.UNSUITABLE, ("the eyes are 41 pixels apart; 42.5 are needed",))])
    assert eyes.lower_lines == (LowerLine(40, 1),)


def test_nothing_unsuitable_is_nothing_to_say() -> None:
    assert count_reasons([(IntakeStatus.ENROLLED, ("the same photo stands under subject B",))]) == ()
