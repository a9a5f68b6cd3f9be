"""What programs are told of calibrations, and of what a score means."""

from datetime import datetime

from pydantic import Field

from semblance.edge.document import Document
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
