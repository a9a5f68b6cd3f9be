"""What a report says: everything that was asked, seen and thought, and what the method cannot do."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from semblance.cases.opinion import Compared

FORMAT = "semblance-report/1"

LIMITS = (
    "A computer ordered the records by how alike it found them. It was not asked whether anybody is anybody, and "
    "cannot answer that: the most alike of those held is always first, whether or not the person searched is among "
    "them.",
    "Every match is a lead, not an identity. A lead says that two people, who did not know each other's opinion, took "
    "the photos for possibly the same person's.",
    "That no candidate was found does not say that the person is held nowhere, or would not be found with another "
    "photo.",
    "The opinions rest on what can be seen in these photos. Quality, pose, light, age and what covers a face limit "
    "them; people err, too, and related people look alike.",
    "A comparison score is a plain number of one model pack. It is no percentage and no probability of identity.",
)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistLine(Compared):
    """What one person found of one component."""

    component: str


class ReportedOpinion(_Part):
    """What one person concluded of one candidate, and on what; ``images`` show the person's marks."""

    person: str
    at: str
    conclusion: str
    dismissed: bool
    reason: str
    grounds: tuple[str, ...]
    checklist: tuple[ChecklistLine, ...]
    images: tuple[str, ...]


class ReportedLead(_Part):
    """A lead with its owner's answer; ``released`` are the fields that were released to whoever made the report."""

    owner: str
    state: str
    due_at: str
    decided_at: str | None
    decided_by: str | None
    reason: str | None
    released: tuple[tuple[str, str], ...]


class ReportedCandidate(_Part):
    """A candidate, by its pseudonym; ``image`` is its face, None where the record is not held any more.

    ``notes`` say what decoding its photo had to guess or ignore; reports of before do not say it.
    """

    pseudonym: str
    known_non_mate: bool
    rank: int | None
    score: float | None
    meaning: str
    notes: str = ""
    result: str
    opinions: tuple[ReportedOpinion, ...]
    lead: ReportedLead | None
    image: str | None


class ReportDocument(_Part):
    """The whole report; times are UTC (ISO 8601), digests SHA-256 in hexadecimal."""

    format: Literal["semblance-report/1"] = "semblance-report/1"
    node: str
    key: str
    made_at: str
    made_by: str
    authority: str
    case: dict[str, str]
    search: dict[str, str]
    probe: dict[str, str]
    gallery: dict[str, str]
    outcome: str
    concluded_at: str | None
    examiners: tuple[str, ...]
    candidates: tuple[ReportedCandidate, ...]
    probe_image: str | None
    receipts: tuple[str, ...]
    limits: tuple[str, ...] = LIMITS
