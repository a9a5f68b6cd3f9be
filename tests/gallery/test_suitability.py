"""The suitability line speaks in words that a person can act on, and in values that can be counted."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semblance.gallery.suitability import SCALARS, TURNS, SuitabilityLine, find_setting, judge_suitability
from semblance.messages.message import Message, quote_text
from semblance.messages.stored import read_message, write_message
from semblance.terms.samples import Box, FaceSample, Landmarks, Point, QualityAssessment, QualityMeasure, QualityScore


def face(*scores: QualityScore, eyes: float = 100.0) -> FaceSample:
    marks = Landmarks(Point(0, 0), Point(eyes, 0), Point(1, 1), Point(2, 2), Point(3, 3))
    return FaceSample(0, Box(0, 0, 10, 10), marks, 0.9, QualityAssessment(scores))


def sentences(sample: FaceSample, line: SuitabilityLine | None = None) -> list[str]:
    return [str(shortfall.message) for shortfall in judge_suitability(sample, line or SuitabilityLine())]


def test_the_sentence_of_the_eyes() -> None:
    near = QualityScore(QualityMeasure.INTER_EYE_DISTANCE, 10, 21.4)
    assert sentences(face(near)) == ["the eyes are 21 pixels apart; 60 are needed"]
    almost = QualityScore(QualityMeasure.INTER_EYE_DISTANCE, 10, 59.99)
    assert sentences(face(almost)) == ["the eyes are 59 pixels apart; 60 are needed"]
    assert sentences(face(QualityScore(QualityMeasure.INTER_EYE_DISTANCE, 10, 60.0))) == []


def test_without_a_native_value_the_landmarks_tell() -> None:
    assert sentences(face(QualityScore(QualityMeasure.INTER_EYE_DISTANCE, 10), eyes=30)) == [
        "the eyes are 30 pixels apart; 60 are needed"
    ]


@pytest.mark.parametrize("turn", [-50.0, 50.0])
def test_a_turned_head(turn: float) -> None:
    assert sentences(face(QualityScore(QualityMeasure.HEAD_POSE_YAW, 10, turn))) == [
        "the head is turned sideways by about 50 degrees; 35 are allowed"
    ]


SETTINGS = {
    name: QualityMeasure[f"HEAD_POSE_{name}".upper() if name in {"yaw", "pitch", "roll"} else name.upper()]
    for name in SuitabilityLine.names()
}


def test_every_setting_has_a_fault() -> None:
    named = {fault.identifier.partition(".")[2].replace("-", "_") for fault in (*TURNS, *SCALARS)}
    assert named | {"inter_eye_distance"} == {field.name for field in fields(SuitabilityLine)}


@given(st.sampled_from(sorted(SETTINGS)), st.integers(0, 9), st.integers(10, 60))
def test_a_stored_shortfall_tells_its_setting_and_its_values(setting: str, low: int, high: int) -> None:
    measured, needed = (high, low) if setting in {"yaw", "pitch", "roll"} else (low, high)
    line = SuitabilityLine(**{**dict.fromkeys(SuitabilityLine.names()), setting: needed})
    (shortfall,) = judge_suitability(face(QualityScore(SETTINGS[setting], measured, float(measured))), line)
    stored = read_message(write_message(shortfall.message))
    assert stored == shortfall.message
    assert find_setting(stored) == f"suitability.{setting}"
    assert (stored.values["measured"], stored.values["needed"]) == (measured, needed)


@pytest.mark.parametrize(
    "reason",
    [
        quote_text("the eyes are 21 pixels apart; 60 are needed"),
        Message("suitability.scalar", "{fault}", fault="the face is blurred"),
        Message("photo.no-face", "no face was found in the photo"),
    ],
)
def test_other_reasons_are_about_no_setting(reason: Message) -> None:
    assert find_setting(reason) is None


@pytest.mark.parametrize("measure", list(QualityMeasure))
def test_what_cannot_be_assessed_never_counts_against_a_photo(measure: QualityMeasure) -> None:
    assert sentences(face(QualityScore(measure, -1, 1e9))) == []


def test_every_scalar_of_the_line_is_asked_for() -> None:
    poor = face(*(QualityScore(measure, 0) for measure in QualityMeasure), eyes=5)
    found = {shortfall.measure for shortfall in judge_suitability(poor, SuitabilityLine())}
    assert found == {
        QualityMeasure.INTER_EYE_DISTANCE,
        QualityMeasure.SHARPNESS,
        QualityMeasure.UNDER_EXPOSURE_PREVENTION,
        QualityMeasure.OVER_EXPOSURE_PREVENTION,
        QualityMeasure.DYNAMIC_RANGE,
        QualityMeasure.COMPRESSION_ARTIFACTS,
        QualityMeasure.LEFTWARD_CROP,
        QualityMeasure.RIGHTWARD_CROP,
        QualityMeasure.DOWNWARD_CROP,
        QualityMeasure.UPWARD_CROP,
        QualityMeasure.UNIFIED,
    }


def test_a_line_that_asks_for_nothing_refuses_nothing() -> None:
    nothing = SuitabilityLine(**dict.fromkeys(SuitabilityLine.names()))
    assert sentences(face(*(QualityScore(measure, 0) for measure in QualityMeasure), eyes=1), nothing) == []


@given(st.floats(1, 500), st.floats(1, 500))
def test_a_higher_line_never_lets_more_through(eyes: float, needed: float) -> None:
    sample = face(QualityScore(QualityMeasure.INTER_EYE_DISTANCE, 50, eyes))
    low, high = SuitabilityLine(inter_eye_distance=needed), SuitabilityLine(inter_eye_distance=needed + 10)
    assert len(sentences(sample, low)) <= len(sentences(sample, high))


def test_the_fingerprint_changes_with_every_value_and_with_nothing_else() -> None:
    assert SuitabilityLine().fingerprint == SuitabilityLine().fingerprint
    prints = {SuitabilityLine(**{name: 77}).fingerprint for name in SuitabilityLine.names()}
    assert len(prints | {SuitabilityLine().fingerprint}) == len(SuitabilityLine.names()) + 1
