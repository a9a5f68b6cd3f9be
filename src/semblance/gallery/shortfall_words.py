"""Shortfalls read back from their sentences, so that many of them can be counted.

Intake outcomes remember sentences only: those of an earlier run, or of an older version, are all that is left of it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from semblance.gallery.suitability import SCALARS

WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "inter_eye_distance": "eyes too close together",
        "yaw": "head turned sideways",
        "pitch": "head tilted up or down",
        "sharpness": "blurred",
        "under_exposure_prevention": "too dark",
        "over_exposure_prevention": "burnt out",
        "dynamic_range": "hardly any contrast",
        "compression_artifacts": "compressed too strongly",
        "leftward_crop": "cut off at the left",
        "rightward_crop": "cut off at the right",
        "downward_crop": "cut off below",
        "upward_crop": "cut off above",
        "unified": "too poor as a whole",
    }
)
"""Each setting of the suitability line, and in a few words what falls short of it."""

_EYES: Final = re.compile(r"the eyes are (?P<measured>\d+) pixels apart; (?P<needed>[\d.]+) are needed")
_TURN: Final = re.compile(r"the head is (?P<way>\w+) .+ (?P<measured>\d+) degrees; (?P<needed>[\d.]+) are allowed")
_SCALAR: Final = re.compile(r".*\((?P<measure>\w+) is (?P<measured>-?\d+); (?P<needed>\d+) is needed\)")
_SETTINGS: Final = {measure.value: setting for setting, measure, _ in SCALARS}


@dataclass(frozen=True, slots=True)
class ReadShortfall:
    """Which setting of the suitability line a photo stayed below, and by how much, as far as the sentence says."""

    setting: str
    measured: float
    needed: float


def read_shortfall(sentence: str) -> ReadShortfall | None:
    """Return what a sentence of ``judge_suitability`` says, or None for any other sentence."""
    if found := _EYES.fullmatch(sentence):
        setting = "inter_eye_distance"
    elif found := _TURN.fullmatch(sentence):
        setting = "yaw" if found["way"] == "turned" else "pitch"
    elif (found := _SCALAR.fullmatch(sentence)) and found["measure"] in _SETTINGS:
        setting = _SETTINGS[found["measure"]]
    else:
        return None
    return ReadShortfall(setting, float(found["measured"]), float(found["needed"]))
