"""From one notice of INTERPOL to the draft of a record: every fault by its field, and everything left out by name."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from itertools import takewhile
from typing import Any, Final

from pydantic import ValidationError

from semblance.exchange.interpol_notices.fields import (
    FIELDS,
    DocumentFields,
    LinkFields,
    NoticeFields,
    Picture,
    WarrantFields,
    strip_links,
)
from semblance.exchange.interpol_notices.notice_faults import LISTS, TEXTS, list_faults, name_all, rename_fault
from semblance.gallery.kinds import FORBIDDEN
from semblance.gallery.record import Circumstances, IdentityDocument, Personal, RecordDraft, RecordTerms, Sex, Warrant
from semblance.gallery.record_faults import Fault, find_draft_faults
from semblance.gallery.subject import normalise_key
from semblance.messages.message import Message
from semblance.terms.record import RecordKind

_SEXES: Final = {"F": Sex.FEMALE, "M": Sex.MALE, "U": Sex.NOT_KNOWN}
_DATE: Final = re.compile(r"(\d{4})(?:([-/])(\d{1,2})(?:\2(\d{1,2}))?)?", re.ASCII)
_OWN_KIND: Final = re.compile(r"/notices/v\d+/([a-z]+)(?:/|$)")
_TELLING: Final = {"arrest_warrants": RecordKind.RED, "un_reference": RecordKind.UN, "date_of_event": RecordKind.YELLOW}
_LONG: Final = frozenset({"distinguishing_marks", "warning", "asked", "summary"})
"""What may have several lines."""

_ASKING: Final = frozenset({RecordKind.BLUE, RecordKind.DIFFUSION})
_METRES: Final = 3.0


@dataclass(frozen=True, slots=True)
class ReadNotice:
    """What a notice came to: the draft, or None with the problems, and what was left out of it.

    ``listed`` are the images that it lists, ``thumbnail`` its small one; ``unknown`` fields are those that no notice
    has, ``forbidden`` ones those that say of people what no record says.
    """

    number: str
    draft: RecordDraft | None
    problems: tuple[Message, ...]
    listed: tuple[Picture, ...] = ()
    thumbnail: tuple[Picture, ...] = ()
    unknown: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()


def read_notice(content: Mapping[str, Any], *, terms: RecordTerms, kind: RecordKind | None, today: date) -> ReadNotice:
    """Return what the notice says; ``kind`` is what it is where it does not say so itself."""
    faults: list[Fault] = []
    links = LinkFields()
    try:
        links = LinkFields.model_validate(strip_links(content))
    except ValidationError as error:
        faults += list_faults(error)
    number = content.get("entity_id")
    stated = number if isinstance(number, str) else ""
    own_kind = _find_kind(content, links.own, kind)
    if isinstance(own_kind, Message):
        return ReadNotice(stated, None, name_all([*faults, Fault("_links.self", own_kind)]))
    try:
        read = FIELDS[own_kind].model_validate(dict(content))
    except ValidationError as error:
        return ReadNotice(stated, None, name_all([*faults, *list_faults(error)]))
    left_out = tuple(read.iterate_unknown())
    forbidden = tuple(name for name in left_out if is_forbidden(name))
    draft = _Drafting(read, faults).make(own_kind, terms)
    faults += map(rename_fault, find_draft_faults(draft, today=today))
    return ReadNotice(
        number=draft.number,
        draft=None if faults else draft,
        problems=name_all(faults),
        listed=links.listed,
        thumbnail=links.thumbnail,
        unknown=tuple(name for name in left_out if name not in forbidden),
        forbidden=forbidden,
    )


def is_forbidden(name: str) -> bool:
    """Return whether a field's name says that it would tell ethnicity, religion, politics or the like of somebody."""
    last = name.rpartition(".")[2].casefold()
    return any(word in last for word in FORBIDDEN if len(word) > 5) or bool(FORBIDDEN & set(re.split(r"[^a-z]+", last)))


def _find_kind(content: Mapping[str, Any], own: str, given: RecordKind | None) -> RecordKind | Message:
    segment = _OWN_KIND.search(own)
    stated = next((kind for kind in FIELDS if segment is not None and kind.value == segment[1]), None)
    if stated is None:
        # "arrest_warrants": null is how other kinds say that there are none
        stated = next((kind for name, kind in _TELLING.items() if content.get(name)), None) if given is None else given
    if stated is None:
        return Message("operator.notices.no-kind", "nothing says what kind of notice it is; name it with --kind")
    if given is not None and given is not stated:
        return Message(
            "operator.notices.other-kind",
            "it is a {own} notice, and {given} notices were to be imported",
            own=stated,
            given=given,
        )
    if stated not in FIELDS:
        return Message("operator.notices.kind-not-read", "notices of the kind {kind} are not read", kind=stated)
    return stated


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
            birth_name=self._text("birth_name") or self._text("name_at_birth"),
            aliases=tuple(dict.fromkeys(self._read_aliases())),
            birth_dates=() if born is None else (born,),
            sex=self._read_sex(),
            documents=tuple(map(_read_document, self._fields.identity_documents or ())),
            height=self._read_height(),
            weight=None if not self._fields.weight else round(self._fields.weight),
            father_name=self._join("father_name", "father_forename"),
            mother_name=self._join("mother_name", "mother_forename"),
            **self._read_plain(Personal),
        )

    def _make_circumstances(self, asked: str | None) -> Circumstances:
        # what is no warrant was named as a fault before, and stands there as it was read
        listed = getattr(self._fields, "arrest_warrants", None) or []
        warrants = [warrant for warrant in listed if isinstance(warrant, WarrantFields)]
        return Circumstances(
            warrants=tuple(
                Warrant(warrant.issuing_country_id.strip(), *_read_charges(warrant)) for warrant in warrants
            ),
            asked=self._text("asked") or asked,
            event_date=self._read_date("date_of_event"),
            un_reference_date=self._read_date("un_reference_date"),
            **self._read_plain(Circumstances),
        )

    def _read_plain(self, part: type[Personal | Circumstances]) -> dict[str, Any]:
        """Return the part's fields that are a text or a list of texts in the notice as well."""
        names = [field.name for field in fields(part)]
        texts = {name: self._text(TEXTS[name]) for name in names if name in TEXTS}
        return texts | {name: self._texts(LISTS[name]) for name in names if name in LISTS}

    def _text(self, name: str) -> str | None:
        text = _clean(getattr(self._fields, name, None))
        return text if text is None or name in _LONG else " ".join(text.split())

    def _texts(self, name: str) -> tuple[str, ...]:
        listed: list[str] = getattr(self._fields, name, None) or []
        return tuple(dict.fromkeys(" ".join(text.split()) for text in listed if text.strip()))

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
        found = _DATE.fullmatch(text)
        if found is None:
            fault = Message(
                "operator.notices.bad-date", "{text!r} is no date; write 1970/05/17, 1970/05 or 1970", text=text
            )
            self._faults.append(Fault(name, fault))
            return None
        # zeros stand for a month or a day that nobody knows
        known = takewhile(lambda part: part and int(part), found.group(1, 3, 4))
        return "-".join(part.zfill(2) for part in known) or None

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
            fault = Message(
                "operator.notices.bad-height",
                "{metres:g} metres cannot be meant; give metres, such as 1.75",
                metres=metres,
            )
            self._faults.append(Fault("height", fault))
            return None
        return round(metres * 100) if metres else None


def _read_charges(warrant: WarrantFields) -> tuple[str, str | None]:
    """Return the charge and its translation, which stands in where the charge itself is not told."""
    charge, translation = _clean(warrant.charge), _clean(warrant.charge_translation)
    return (charge, translation) if charge else (translation or "", None)


def _read_document(document: str | DocumentFields) -> IdentityDocument:
    if isinstance(document, str):
        return IdentityDocument("document", document.strip())
    return IdentityDocument(_clean(document.type) or "document", document.number.strip(), _clean(document.country_id))


def _clean(text: str | None) -> str | None:
    return (text or "").strip() or None
