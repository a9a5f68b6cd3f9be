"""What programs are told of pairs of missing persons and who was found."""

from datetime import datetime
from typing import Any

from pydantic import Field

from semblance.cases.examination import ExaminationState
from semblance.cases.opinion import Conclusion
from semblance.cases.reconciliation.compare import ComparedField
from semblance.cases.reconciliation.pair import Evidence, FoundPair
from semblance.cases.reconciliation.side import Verdict
from semblance.edge.document import Document, MessageDocument
from semblance.terms.ids import PairId
from semblance.workflows.reconciliation.read_pair import PairDetail


class PairDocument(Document):
    """A pair; how many people have judged it is told to nobody before they have concluded."""

    id: PairId
    missing_owner: str = Field(description="Whose missing person it is.", examples=["FR"])
    found_owner: str = Field(description="Whose body or living unknown it is.", examples=["DE"])
    open: bool = Field(description="Whether the faces wait for an opinion.")
    state: ExaminationState | None = Field(description="What the opinions on the faces came to; null while it waits.")
    offered_at: datetime
    evidence: Evidence | None = Field(description="What the outcome rests on, `none` where they are not reconciled.")
    decided_at: datetime | None
    decided_by: str | None


class PairListDocument(Document):
    """Pairs that wait for whoever asks, the oldest first."""

    pairs: tuple[PairDocument, ...]


class PairOpinionDocument(Document):
    """What somebody thinks of the faces."""

    person: str
    conclusion: Conclusion
    at: datetime
    reason: str


class FieldComparisonDocument(Document):
    """A field of both records: whether it agrees, excludes or says nothing, and why."""

    field: ComparedField
    verdict: Verdict
    why: MessageDocument


class PairDetailDocument(Document):
    """A pair as whoever asks may see it; `fields` are empty before their own opinion on the faces."""

    pair: PairDocument
    opinions: tuple[PairOpinionDocument, ...]
    fields: tuple[FieldComparisonDocument, ...]
    reason: str = Field(description="What an officer wrote of the outcome.")
    may_judge: bool
    may_conclude: bool


def describe_pair(pair: FoundPair) -> PairDocument:
    """Return the document of a pair."""
    return PairDocument.from_value(pair, open=pair.is_open, state=None if pair.is_open else pair.state)


def describe_pair_detail(found: PairDetail) -> PairDetailDocument:
    """Return the document of a pair, the opinions that one may see, and the fields."""
    given: tuple[Any, ...] = found.opinions or ((found.own,) if found.own is not None else ())
    return PairDetailDocument(
        pair=describe_pair(found.pair),
        opinions=tuple(PairOpinionDocument.from_value(opinion) for opinion in given),
        fields=tuple(
            FieldComparisonDocument(field=line.field, verdict=line.verdict, why=MessageDocument.of(line.why))
            for line in found.fields
        ),
        reason=found.reason,
        may_judge=found.may_judge,
        may_conclude=found.may_conclude,
    )
