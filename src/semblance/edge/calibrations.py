"""What programs are told of calibrations."""

from datetime import datetime

from pydantic import Field

from semblance.edge.document import Document
from semblance.terms.permission import Purpose


class CalibrationDocument(Document):
    """A calibration of what a purpose opens to your authority; its scores are not handed out."""

    id: str
    purpose: Purpose = Field(examples=["missing-person"])
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
