"""What programs are told of standing searches."""

from datetime import date, datetime

from pydantic import Field

from semblance.cases.standing_search import StandingEnd, StandingSearch, StandingState
from semblance.edge.document import Document
from semblance.messages.message import Message
from semblance.terms.permission import Purpose
from semblance.workflows.standing.list_standing import StandingDetail, StandingRow


class StandingDocument(Document):
    """A standing search: what was asked for, who decided, what it cost and found."""

    id: str
    case: str = Field(description="The number of the case.")
    probe: str
    face: int = Field(description="Of the original, or of the prepared version.")
    prepared: str | None
    purpose: Purpose
    reason: str = Field(description="Empty after the case was erased.")
    state: StandingState
    asked_at: datetime
    asked_by: str
    last_day: date
    decided_at: datetime | None
    decided_by: str | None
    decision: str | None = Field(description="Why it was authorised.")
    why_ended: StandingEnd | None = Field(description="Why it is over, also where nobody noted it yet.")
    ended_at: datetime | None
    ended_by: str | None
    end_reason: str | None
    hindered: Message | None = Field(description="Why it does not run though it may.")
    last_run_at: datetime | None
    runs: int
    comparisons: int
    found: int = Field(description="On how many nights it found somebody.")
    cut: int = Field(description="Candidates above the operating point that were more than a night may show.")


class StandingListDocument(Document):
    """The standing searches of your authority, those that are open first."""

    standing: tuple[StandingDocument, ...]


class StandingDetailDocument(Document):
    """A standing search with the searches in which it found somebody, newest first."""

    standing: StandingDocument
    searches: tuple[str, ...]


def describe_standing(row: StandingRow) -> StandingDocument:
    """Return the document of a standing search."""
    cost = row.standing.cost
    return StandingDocument.from_value(
        row.standing,
        case=row.case_number,
        why_ended=row.end,
        hindered=row.hindered,
        runs=cost.runs,
        comparisons=cost.comparisons,
        found=cost.found,
        cut=cost.cut,
    )


def describe_decided(standing: StandingSearch, case_number: str) -> StandingDocument:
    """Return the document of a standing search on which somebody just decided."""
    return describe_standing(StandingRow(standing, case_number, standing.why_ended, None))


def describe_standing_detail(detail: StandingDetail) -> StandingDetailDocument:
    """Return the document of a standing search and what it found."""
    found = tuple(record.search for record in detail.found)
    return StandingDetailDocument(standing=describe_standing(detail.row), searches=found)
