"""What programs are told of records of unknown people: links, verified leads, and pairs that were answered before."""

from datetime import datetime

from pydantic import Field

from semblance.cases.lead_check import Field as Released
from semblance.cases.link_check import PairConclusion
from semblance.edge.document import Document, taken_from


class LinkDocument(Document):
    """Two records of the same unknown person."""

    link: str = taken_from("link", "id")
    first: str
    second: str
    first_owner: str
    second_owner: str
    lead: str = Field(description="The verified lead that it rests on.")
    linked_at: datetime
    linked_by: str
    parted_at: datetime | None = Field(description="Null while they are linked.")
    parted_by: str | None


class OtherDocument(Document):
    """Another record, as a list names it."""

    record: str = taken_from("record", "subject")
    number: str
    name: str
    owner: str = taken_from("owner", "facts", "owner")


class ShownLinkDocument(Document):
    """A link of a record with its history."""

    link: LinkDocument
    other: OtherDocument | None = Field(description="Null where the other record was erased since.")
    linked_why: str
    parted_why: str
    may_part: bool


class ShownLeadDocument(Document):
    """A verified lead between the record and another."""

    lead: str
    other: OtherDocument
    linkable: bool
    released: dict[Released, str] = Field(
        description="What may be assigned: it names somebody and was released to you."
    )


class ShownAnswerDocument(Document):
    """Another record that is not of this one's person, as people said."""

    other: OtherDocument
    conclusion: PairConclusion = taken_from("conclusion", "pair", "conclusion")
    at: datetime = taken_from("at", "pair", "at")
    holds: bool = Field(description="False where a photo came since: then it is asked again.")


class TiesDocument(Document):
    """What a record is tied to, as far as it is open to you; leads and answers are told to its owner alone."""

    links: tuple[ShownLinkDocument, ...]
    leads: tuple[ShownLeadDocument, ...]
    answers: tuple[ShownAnswerDocument, ...]
