"""Records: what an owner writes of a subject, and what became of it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from semblance.gallery.kinds import KINDS
from semblance.messages.message import Message
from semblance.messages.stored import StoredMessage
from semblance.terms.authority import AuthorityCode
from semblance.terms.ids import SubjectId
from semblance.terms.record import UNRESTRICTED, RecordFacts, RecordKind, RecordState, Restriction
from semblance.terms.record import Sex as Sex


class Nature(StrEnum):
    """What a text is where it is more than a line; faults and forms go by it."""

    LONG = "long"
    DATE = "date"
    COUNTRY = "country"
    AUTHORITY = "authority"


LongText = Annotated[str, Nature.LONG]
"""Up to 2 000 characters, with line breaks."""

PartialDate = Annotated[str, Nature.DATE]
"""ISO 8601, and perhaps partial: ``1970-05-17``, ``1970-05`` or ``1970``."""

Country = Annotated[str, Nature.COUNTRY]
"""ISO 3166-1 alpha-2."""

Addressee = Annotated[str, Nature.AUTHORITY]
"""An authority's code."""


@dataclass(frozen=True, slots=True)
class IdentityDocument:
    """A passport or card: what it is called, its number, and the country that issued it."""

    kind: str
    number: str
    country: Country | None = None


@dataclass(frozen=True, slots=True)
class Warrant:
    """A warrant of arrest: the country that issued it, and the charge in its own words and translated."""

    country: Country
    charge: LongText
    translation: LongText | None = None


@dataclass(frozen=True, slots=True)
class Personal:
    """Who the subject is said to be. There is no field for ethnicity, religion, politics or emotion, and never will be.

    Lengths are in centimetres, weights in kilograms.
    """

    family_name: str | None = None
    given_names: str | None = None
    original_script: str | None = None
    birth_name: str | None = None
    aliases: tuple[str, ...] = ()
    birth_dates: tuple[PartialDate, ...] = ()
    birth_place: str | None = None
    birth_country: Country | None = None
    sex: Sex | None = None
    nationalities: tuple[Country, ...] = ()
    languages: tuple[str, ...] = ()
    documents: tuple[IdentityDocument, ...] = ()
    height: int | None = None
    weight: int | None = None
    eye_colours: tuple[str, ...] = ()
    hair_colours: tuple[str, ...] = ()
    marks: LongText | None = None
    father_name: str | None = None
    mother_name: str | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Why there is a record; which of the fields a kind asks for stands in ``kinds``."""

    warrants: tuple[Warrant, ...] = ()
    asked: LongText | None = None
    warning: LongText | None = None
    event_date: PartialDate | None = None
    event_place: str | None = None
    event_country: Country | None = None
    un_reference: str | None = None
    un_reference_date: PartialDate | None = None
    un_resolution: str | None = None
    addressees: tuple[Addressee, ...] = ()
    addresses: tuple[str, ...] = ()
    summary: LongText | None = None


NOBODY: Final = Personal()
UNSAID: Final = Circumstances()


@dataclass(frozen=True, slots=True)
class RecordDraft:
    """Everything that an owner writes; nothing is checked yet.

    ``number`` is what the owner calls the record. ``retain_until`` is the last day on which the owner wants it held.
    """

    kind: RecordKind
    number: str
    legal_basis: LongText
    retain_until: date
    restriction: Restriction = UNRESTRICTED
    personal: Personal = NOBODY
    circumstances: Circumstances = UNSAID


@dataclass(frozen=True, slots=True)
class ImageSource:
    """Where an image comes from: which authority handed it in, how it was obtained, and on which day."""

    authority: str
    obtained: str
    on: date


@dataclass(frozen=True, slots=True)
class RecordTerms:
    """What is given once for all records and photos of one folder, manifest or import.

    ``neutral`` is the answer to the publish-time question for all of them; None leaves new records drafts, and so does
    a kind that needs more than stands here. ``circumstances`` are those of records that came without any of their own.
    """

    kind: RecordKind
    legal_basis: str
    retain_until: date
    source: ImageSource
    restriction: Restriction = UNRESTRICTED
    neutral: bool | None = None
    circumstances: Circumstances = UNSAID


@dataclass(frozen=True, slots=True)
class PublishAnswer:
    """The answer to the publish-time question (Constitution of INTERPOL, article 3), who gave it and when.

    ``neutral``: the record is not political, military, religious or racial in character.
    """

    neutral: bool
    person: str
    authority: AuthorityCode
    at: datetime


@dataclass(frozen=True, slots=True)
class Dispute:
    """Why a record is blocked, who blocked it and when."""

    reason: str
    person: str
    authority: AuthorityCode
    at: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """A subject's record as it stands; ``version`` counts its changes from 1."""

    subject: SubjectId
    owner: AuthorityCode
    draft: RecordDraft
    state: RecordState
    version: int
    created_at: datetime
    created_by: str
    changed_at: datetime
    answer: PublishAnswer | None = None
    dispute: Dispute | None = None

    @property
    def number(self) -> str:
        return self.draft.number

    @property
    def purpose(self) -> Message:
        """Return what records of its kind are for."""
        return KINDS[self.draft.kind].purpose

    @property
    def facts(self) -> RecordFacts:
        """Return what the policy needs to know."""
        return RecordFacts(
            kind=self.draft.kind,
            owner=self.owner,
            state=self.state,
            retain_until=self.draft.retain_until,
            restriction=self.draft.restriction,
        )


@dataclass(frozen=True, slots=True)
class RecordVersion:
    """One change of a record: the record after it, who changed it, when and why: in their words, or in the node's."""

    record: Record
    person: str
    authority: AuthorityCode
    at: datetime
    reason: Annotated[str | StoredMessage, Field(union_mode="left_to_right")]
