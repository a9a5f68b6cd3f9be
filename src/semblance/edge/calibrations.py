"""What programs are told of calibrations, and of what a score means."""

from datetime import datetime

from pydantic import Field

from semblance.edge.document import Document
from semblance.evaluation.calibration import NoCalibration, ScoreMeaning
from semblance.evaluation.score_words import say_basis, say_score
from semblance.store.calibrations import Calibration
from semblance.workflows.evaluation.calibrate import CalibrationRun


class CalibrationDocument(Document):
    """A calibration of what a purpose opens to your authority; its scores are not handed out."""

    id: str
    purpose: str = Field(examples=["missing-person"])
    pack: str = Field(description="The digest of the model pack.")
    started_at: datetime
    finished_at: datetime | None = Field(description="null until all trials are done.")
    person: str
    subjects: int = Field(description="How many people were open when it began.")
    references: int
    trials: int = Field(description="How many are done.")
    asked: int
    seed: int


class CalibrationListDocument(Document):
    """The calibrations of your authority, newest first."""

    calibrations: tuple[CalibrationDocument, ...]


class CalibrationRunDocument(Document):
    """What came of one run; interrupted, the same command goes on."""

    calibration: CalibrationDocument
    resumed: int = Field(description="How many trials were done before.")
    interrupted: bool


class ScoreMeaningDocument(Document):
    """What a score means; all numbers are null where nothing can be said, and ``missing`` says why."""

    sentence: str
    basis: str | None
    missing: str | None = Field(examples=["none", "changed"])
    subjects: int | None
    frequency: float | None = Field(description="Share of searches for people not in the gallery; null where rarer.")
    lower: float | None = Field(description="Lower end of the 95 % interval; null where nothing is known of it.")
    upper: float | None
    trials: int | None


def describe_calibration(one: Calibration) -> CalibrationDocument:
    """Return the document of a calibration."""
    return CalibrationDocument(
        id=one.id,
        purpose=one.purpose.value,
        pack=one.pack,
        started_at=one.started_at,
        finished_at=one.finished_at,
        person=one.person,
        subjects=one.subjects,
        references=one.references,
        trials=one.trials,
        asked=one.asked,
        seed=one.seed,
    )


def describe_calibrations(found: tuple[Calibration, ...]) -> CalibrationListDocument:
    """Return the document of all calibrations."""
    return CalibrationListDocument(calibrations=tuple(map(describe_calibration, found)))


def describe_calibration_run(run: CalibrationRun) -> CalibrationRunDocument:
    """Return the document of a run."""
    return CalibrationRunDocument(
        calibration=describe_calibration(run.calibration), resumed=run.resumed, interrupted=run.interrupted
    )


def describe_meaning(meaning: ScoreMeaning | NoCalibration) -> ScoreMeaningDocument:
    """Return the document of what a score means."""
    if isinstance(meaning, NoCalibration):
        return ScoreMeaningDocument(
            sentence=say_score(meaning),
            basis=None,
            missing=meaning.reason.value,
            subjects=None,
            frequency=None,
            lower=None,
            upper=None,
            trials=None,
        )
    return ScoreMeaningDocument(
        sentence=say_score(meaning),
        basis=say_basis(meaning),
        missing=None,
        subjects=meaning.subjects,
        frequency=meaning.frequency if meaning.supported else None,
        lower=meaning.lower if meaning.supported else None,
        upper=meaning.upper,
        trials=meaning.trials,
    )
