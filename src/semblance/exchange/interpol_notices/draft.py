"""From one notice of INTERPOL to the draft of a record: every fault by its field, and everything left out by name."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pydantic import ValidationError

from semblance.exchange.interpol_notices.fields import (
    FIELDS,
    DocumentFields,
    LinkFields,
    NoticeFields,
    WarrantFields,
    strip_links,
)
from semblance.gallery.kinds import FORBIDDEN
from semblance.gallery.record import Circumstances, IdentityDocument, Personal, RecordDraft, RecordTerms, Sex, Warrant
from semblance.gallery.record_faults import Fault, find_draft_faults
from semblance.gallery.subject import normalise_key
from semblance.messages.message import Message, quote_text, rebuild_message
from semblance.terms.record import RecordKind

_SEXES: Final = {"F": Sex.FEMALE, "M": Sex.MALE, "U": Sex.NOT_KNOWN}
_DATE: Final = re.compile(r"\d{4}(/\d{1,2}(/\d{1,2})?)?", re.ASCII)
_OWN_KIND: Final = re.compile(r"/notices/v\d+/([a-z]+)(?:/|$)")
_TELLING: Final = {"arrest_warrants": RecordKind.RED, "un_reference": RecordKind.UN, "date_of_event": RecordKind.YELLOW}
_PLACES: Final = (
    ("circumstances.warrants", "arrest_warrants"),
    ("circumstances.event_date", "date_of_event"),
    ("circumstances.event_place", "place"),
    ("circumstances.event_country", "country"),
    ("circumstances.addresses", "adresses"),
    ("circumstances.", ""),
    ("personal.family_name", "name"),
    ("personal.given_names", "forename"),
    ("personal.original_script", "name_in_original_script"),
    ("personal.birth_name", "birth_name"),
    ("personal.birth_dates", "date_of_birth"),
    ("personal.birth_place", "place_of_birth"),
    ("personal.birth_country", "country_of_birth_id"),
    ("personal.sex", "sex_id"),
    ("personal.languages", "languages_spoken_ids"),
    ("personal.documents", "identity_documents"),
    ("personal.eye_colours", "eyes_colors_id"),
    ("personal.hair_colours", "hairs_id"),
    ("personal.marks", "distinguishing_marks"),
    ("personal.", ""),
    ("number", "entity_id"),
)
_PARTS: Final = {"].country": "].issuing_country_id", "].translation": "].charge_translation"}
_NEEDED: Final = {
    "family_name": "name",
    "given_names": "forename",
    "original_script": "name_in_original_script",
    "warrants": "arrest_warrants",
    "event_date": "date_of_event",
    "event_place": "place",
    "event_country": "country",
}
_ASKING: Final = frozenset({RecordKind.BLUE, RecordKind.DIFFUSION})
_METRES: Final = 3.0


@dataclass(frozen=True, slots=True)
class ReadNotice:
    """What a notice came to: the draft, or None with the problems, and what was left out of it.

    ``pictures`` are the names of its images; ``unknown`` fields are those that no notice has, ``forbidden`` ones those
    that say of people what no record says.
    """

    number: str
    draft: RecordDraft | None
    problems: tuple[Message, ...]
    pictures: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()


def read_notice(content: Mapping[str, Any], *, terms: RecordTerms, kind: RecordKind | None, today: date) -> ReadNotice:
    """Return what the notice says; ``kind`` is what it is where it does not say so itself."""
    faults: list[Fault] = []
    links = LinkFields()
    try:
        links = LinkFields.model_validate(strip_links(content))
    except ValidationError as error:
        faults += _list_faults(error)
    number = content.get("entity_id")
    stated = number if isinstance(number, str) else ""
    own_kind = _find_kind(content, links.own, kind, faults)
    if own_kind is None:
        return ReadNotice(stated, None, _name_all(faults))
    try:
        fields = FIELDS[own_kind].model_validate(dict(content))
    except ValidationError as error:
        return ReadNotice(stated, None, _name_all([*faults, *_list_faults(error)]))
    left_out = tuple(fields.iterate_unknown())
    forbidden = tuple(name for name in left_out if is_forbidden(name))
    draft = _Drafting(fields, faults).make(own_kind, terms)
    faults += map(_rename_fault, find_draft_faults(draft, today=today))
    return ReadNotice(
        number=draft.number,
        draft=None if faults else draft,
        problems=_name_all(faults),
        pictures=links.pictures,
        unknown=tuple(name for name in left_out if name not in forbidden),
        forbidden=forbidden,
    )


def is_forbidden(name: str) -> bool:
    """Return whether a field's name says that it would tell ethnicity, religion, politics or the like of somebody."""
    last = name.rpartition(".")[2].casefold()
    return any(word in last for word in FORBIDDEN if len(word) > 5) or bool(FORBIDDEN & set(re.split(r"[^a-z]+", last)))


def _find_kind(
    content: Mapping[str, Any], own: str, given: RecordKind | None, faults: list[Fault]
) -> RecordKind | None:
    segment = _OWN_KIND.search(own)
    stated = next((kind for kind in FIELDS if segment is not None and kind.value == segment[1]), None)
    if stated is None:
        # "arrest_warrants": null is how other kinds say that there are none
        stated = next((kind for name, kind in _TELLING.items() if content.get(name)), None) if given is None else given
    place = "_links.self"
    if stated is None:
        faults.append(
            Fault(place, "operator.notices.no-kind", "nothing says what kind of notice it is; name it with --kind")
        )
    elif given is not None and given is not stated:
        faults.append(
            Fault(
                place,
                "operator.notices.other-kind",
                "it is a {own} notice, and {given} notices were to be imported",
                own=stated,
                given=given,
            )
        )
        return None
    elif stated not in FIELDS:
        faults.append(
            Fault(place, "operator.notices.kind-not-read", "notices of the kind {kind} are not read", kind=stated)
        )
        return None
    return stated


def _list_faults(error: ValidationError) -> Iterator[Fault]:
    for fault in error.errors(include_url=False, include_context=False):
        # the branches of "a text or an object" are told apart by their names, which no notice has
        steps = [part for part in fault["loc"] if part not in ("str", "AliasFields", "DocumentFields")]
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
        yield Fault(place, _FAULTS.get(fault["type"], quote_text(fault["msg"])))


_FAULTS: Final = {
    "missing": Message("operator.notices.missing", "is missing"),
    "string_type": Message("operator.notices.no-text", "must be a text"),
    "list_type": Message("operator.notices.no-list", "must be a list"),
    "float_type": Message("operator.notices.no-number", "must be a number"),
    "model_type": Message("operator.notices.must-be-object", "must be an object"),
    "string_unicode": Message("operator.notices.no-characters", "holds characters that are none"),
    "finite_number": Message("operator.notices.infinite", "must be a number that ends"),
    "greater_than_equal": Message("operator.notices.negative", "cannot be below 0"),
}


def _name_all(faults: Iterable[Fault]) -> tuple[Message, ...]:
    return tuple(dict.fromkeys(fault.message for fault in faults))


def _rename_fault(fault: Fault) -> Fault:
    """Return the fault of a draft under the names that notices have for its fields."""
    message = fault.fault
    fields = message.values.get("fields")
    if isinstance(fields, tuple):
        renamed = [_NEEDED.get(str(field), field) for field in fields]
        message = rebuild_message(message.identifier, message.text, {**message.values, "fields": renamed})
    return Fault(_name_field(fault.field), message)


def _name_field(field: str) -> str:
    for begin, name in _PLACES:
        if field.startswith(begin):
            field = name + field[len(begin) :]
            break
    for part, name in _PARTS.items():
        field = field.replace(part, name)
    return field


class _Drafting:
    """One notice on its way to a draft."""

    def __init__(self, fields: NoticeFields, faults: list[Fault]) -> None:
        self._fields, self._faults = fields, faults

    def make(self, kind: RecordKind, terms: RecordTerms) -> RecordDraft:
        return RecordDraft(
            kind=kind,
            number=normalise_key(self._fields.entity_id),
            legal_basis=terms.legal_basis,
            retain_until=terms.retain_until,
            restriction=terms.restriction,
            personal=self._make_personal(),
            circumstances=self._make_circumstances(terms.circumstances.asked if kind in _ASKING else None),
        )

    def _make_personal(self) -> Personal:
        born = self._read_date("date_of_birth")
        return Personal(
            family_name=self._text("name"),
            given_names=self._text("forename"),
            original_script=self._text("name_in_original_script"),
            birth_name=self._text("birth_name") or self._text("name_at_birth"),
            aliases=tuple(dict.fromkeys(self._read_aliases())),
            birth_dates=() if born is None else (born,),
            birth_place=self._text("place_of_birth"),
            birth_country=self._text("country_of_birth_id"),
            sex=self._read_sex(),
            nationalities=self._texts("nationalities"),
            languages=self._texts("languages_spoken_ids"),
            documents=tuple(map(_read_document, self._fields.identity_documents or ())),
            height=self._read_height(),
            weight=None if not self._fields.weight else round(self._fields.weight),
            eye_colours=self._texts("eyes_colors_id"),
            hair_colours=self._texts("hairs_id"),
            marks=self._text("distinguishing_marks"),
            father_name=self._join("father_name", "father_forename"),
            mother_name=self._join("mother_name", "mother_forename"),
        )

    def _make_circumstances(self, asked: str | None) -> Circumstances:
        warrants: list[WarrantFields] = getattr(self._fields, "arrest_warrants", None) or []
        return Circumstances(
            warrants=tuple(
                Warrant(warrant.issuing_country_id, warrant.charge.strip(), _clean(warrant.charge_translation))
                for warrant in warrants
            ),
            asked=self._text("asked") or asked,
            warning=self._text("warning"),
            event_date=self._read_date("date_of_event"),
            event_place=self._text("place"),
            event_country=self._text("country"),
            un_reference=self._text("un_reference"),
            un_reference_date=self._read_date("un_reference_date"),
            un_resolution=self._text("un_resolution"),
            addressees=self._texts("addressees"),
            addresses=self._texts("adresses"),
            summary=self._text("summary"),
        )

    def _text(self, name: str) -> str | None:
        return _clean(getattr(self._fields, name, None))

    def _texts(self, name: str) -> tuple[str, ...]:
        listed: list[str] = getattr(self._fields, name, None) or []
        return tuple(dict.fromkeys(text.strip() for text in listed if text.strip()))

    def _join(self, *names: str) -> str | None:
        return ", ".join(filter(None, (self._text(name) for name in names))) or None

    def _read_aliases(self) -> Iterator[str]:
        for alias in self._fields.aliases or ():
            name = alias if isinstance(alias, str) else ", ".join(filter(None, (alias.name, alias.forename)))
            if name.strip():
                yield name.strip()
        for listed in (self._fields.also_known_as, self._fields.formerly_known_as):
            yield from (name.strip() for name in (listed or "").split(";") if name.strip())

    def _read_date(self, name: str) -> str | None:
        text = self._text(name)
        if text is None:
            return None
        if not _DATE.fullmatch(text):
            self._faults.append(
                Fault(
                    name,
                    "operator.notices.bad-date",
                    "{text!r} is no date; write 1970/05/17, 1970/05 or 1970",
                    text=text,
                )
            )
            return None
        return "-".join(part.zfill(2) for part in text.split("/"))

    def _read_sex(self) -> Sex | None:
        text = self._text("sex_id")
        if text is not None and text not in _SEXES:
            self._faults.append(
                Fault("sex_id", "operator.notices.bad-sex", "{text!r} is none of F, M and U", text=text)
            )
        return None if text is None else _SEXES.get(text)

    def _read_height(self) -> int | None:
        metres = self._fields.height
        if metres is not None and metres > _METRES:
            self._faults.append(
                Fault(
                    "height",
                    "operator.notices.bad-height",
                    "{metres:g} metres cannot be meant; give metres, such as 1.75",
                    metres=metres,
                )
            )
            return None
        return round(metres * 100) if metres else None


def _read_document(document: str | DocumentFields) -> IdentityDocument:
    if isinstance(document, str):
        return IdentityDocument("document", document.strip())
    return IdentityDocument(_clean(document.type) or "document", document.number.strip(), _clean(document.country_id))


def _clean(text: str | None) -> str | None:
    return (text or "").strip() or None
