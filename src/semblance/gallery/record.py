"""Records: what an owner writes of a subject, and what became of it.

What checks, reads or shows the fields of a record goes by their declaration here.
"""

from collections.abc import Callable
from dataclasses import dataclass, is_dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Final, TypeVar, get_args, get_origin, get_type_hints

from pydantic import Field

from semblance.gallery.kinds import KINDS
from semblance.messages.message import Message
from semblance.messages.stored import StoredMessage
from semblance.terms.description import UNDESCRIBED, Description
from semblance.terms.ids import AuthorityCode, LeadId, SubjectId
from semblance.terms.nature import Addressee, Country, LongText, Nature, PartialDate
from semblance.terms.record import UNRESTRICTED, RecordFacts, RecordKind, RecordState, Restriction
from semblance.terms.record import Sex as Sex
from semblance.terms.search import Narrowing

T = TypeVar("T")


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
    ``description`` is for those who are missing or unidentified.
    """

    kind: RecordKind
    number: str
    legal_basis: LongText
    retain_until: date
    restriction: Restriction = UNRESTRICTED
    personal: Personal = NOBODY
    circumstances: Circumstances = UNSAID
    description: Description = UNDESCRIBED


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
class Assigned:
    """What a verified lead named somebody whom nobody could name before: fields as the other record's owner released.

    ``fields`` are pairs of a released field's name and its text. ``owner`` released them under ``lead``, of the record
    ``source``.
    """

    fields: tuple[tuple[str, str], ...]
    owner: AuthorityCode
    source: SubjectId
    lead: LeadId
    person: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """A subject's record as it stands; ``version`` counts its changes from 1.

    ``pseudonym`` is what the node calls somebody whom nobody could name, typed by nobody; it is shown instead of a name
    until one is ``assigned``.
    """

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
    pseudonym: str | None = None
    assigned: Assigned | None = None

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


def fits(personal: Personal, narrowing: Narrowing, today: date) -> bool:
    """Return whether somebody described so may be whom the narrowing means; what is not known always may."""
    if narrowing.sex is not None and personal.sex not in (None, Sex.NOT_KNOWN, narrowing.sex):
        return False
    if narrowing.nationality is not None and personal.nationalities:
        # nobody says which country a code of INTERPOL's own may mean
        unknown = any(map(str.isdecimal, personal.nationalities))
        if narrowing.nationality not in personal.nationalities and not unknown:
            return False
    if narrowing.youngest is None and narrowing.oldest is None:
        return True
    ages = [ages for ages in (find_ages(born, today) for born in personal.birth_dates) if ages is not None]
    youngest, oldest = narrowing.youngest, narrowing.oldest
    return not ages or any(
        (oldest is None or least <= oldest) and (youngest is None or most >= youngest) for least, most in ages
    )


def find_ages(born: str, today: date) -> tuple[int, int] | None:
    """Return the least and the greatest age that a date of birth, which may be partial, allows today.

    None where the text is no date.
    """
    parts = born.split("-")
    if not 1 <= len(parts) <= 3 or not all(part.isdecimal() and part.isascii() for part in parts):
        return None
    year, *rest = map(int, parts)
    # the first and the last day that it may mean, as (month, day); what is beyond the month's end does no harm
    first = (rest[0] if rest else 1, rest[1] if len(rest) > 1 else 1)
    last = (rest[0] if rest else 12, rest[1] if len(rest) > 1 else 31)
    ages = [today.year - year - ((today.month, today.day) < birthday) for birthday in (last, first)]
    return ages[0], ages[1]


@dataclass(frozen=True, slots=True)
class RecordField:
    """One field: its name, whether it holds several, the type of each, and what a text in it is."""

    name: str
    many: bool
    type: Any
    nature: Nature | None


def list_fields(declared: Any) -> tuple[RecordField, ...]:
    """Return the fields of a dataclass that a record is made of, in their order."""
    return _read_fields(declared)


@cache
def _read_fields(declared: Any) -> tuple[RecordField, ...]:
    found = []
    for name, hint in get_type_hints(declared, include_extras=True).items():
        many, nature = False, None
        while inner := [part for part in get_args(hint) if part not in (type(None), ...)]:
            if get_origin(hint) is Annotated:
                nature = next((part for part in inner if isinstance(part, Nature)), None)
            many = many or get_origin(hint) in (tuple, frozenset)
            hint = inner[0]
        found.append(RecordField(name, many, hint, nature))
    return tuple(found)


def name_codes(part: T, say: Callable[[str], str] = "INTERPOL code {}".format) -> T:
    """Return a draft or a part of one as it is shown: where a code of INTERPOL's own stands for a country, in words."""

    def name(value: Any, nature: Nature | None) -> Any:
        if isinstance(value, tuple):
            return tuple(name(entry, nature) for entry in value)
        if isinstance(value, str):
            return say(value) if nature is Nature.COUNTRY and value.isdecimal() else value
        return name_codes(value, say) if is_dataclass(value) and not isinstance(value, Restriction) else value

    named = {field.name: name(getattr(part, field.name), field.nature) for field in list_fields(type(part))}
    return replace(part, **named)  # type: ignore[type-var]
