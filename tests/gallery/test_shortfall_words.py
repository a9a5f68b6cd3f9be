"""What is read back from a shortfall's sentence is what the judge had said."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semblance.gallery.shortfall_words import WORDS, read_shortfall
from semblance.gallery.suitability import SCALARS, SuitabilityLine, judge_suitability
from semblance.terms.geometry import Box, Landmarks, Point
from semblance.terms.quality import QualityAssessment, QualityMeasure, QualityScore
from semblance.terms.samples import FaceSample

MARKS = Landmarks(Point(0, 0), Point(50, 0), Point(25, 20), Point(10, 40), Point(40, 40))
MEASURES = {
    "inter_eye_distance": QualityMeasure.INTER_EYE_DISTANCE,
    "yaw": QualityMeasure.HEAD_POSE_YAW,
    "pitch": QualityMeasure.HEAD_POSE_PITCH,
    **{setting: measure for setting, measure, _ in SCALARS},
}


def _face(measure: QualityMeasure, scalar: int, native: float | None) -> FaceSample:
    return FaceSample(0, Box(0, 0, 100, 100), MARKS, 0.9, QualityAssessment((QualityScore(measure, scalar, native),)))


def test_every_setting_has_words() -> None:
    assert set(WORDS) == set(MEASURES) == {field.name for field in fields(SuitabilityLine)}


@given(st.sampled_from(sorted(MEASURES)), st.integers(0, 9), st.integers(10, 60))
def test_every_sentence_is_read_back(setting: str, measured: int, needed: int) -> None:
    line = _draw_line(setting, measured, needed)
    turned = setting in {"yaw", "pitch"}
    native = float(needed if turned else measured)
    (shortfall,) = judge_suitability(_face(MEASURES[setting], measured, native), line)
    read = read_shortfall(shortfall.sentence)
    assert read is not None
    assert read.setting == setting
    assert (read.measured, read.needed) == ((needed, measured) if turned else (measured, needed))


def _draw_line(setting: str, measured: int, needed: int) -> SuitabilityLine:
    empty: dict[str, float | None] = dict.fromkeys(MEASURES)
    return SuitabilityLine(**{**empty, setting: measured if setting in {"yaw", "pitch"} else needed})  # type: ignore[arg-type]


@pytest.mark.parametrize("sentence", ["", "the photo is upside down", "(Sharpness is 3)", "(Height is 3; 4 is needed)"])
def test_other_sentences_are_left_alone(sentence: str) -> None:
    assert read_shortfall(sentence) is None
