"""From records to what their pages show."""

from dataclasses import dataclass

from semblance.edge.document import shorten_name
from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.record import Record, name_codes
from semblance.gallery.record_changes import Written
from semblance.messages.message import Message
from semblance.store.photos import StoredPhoto
from semblance.terms.permission import Action
from semblance.terms.record import RecordKind, RestrictionMode
from semblance.web.page.contexts import PhotoView
from semblance.web.page.faces import list_facts, view_photo
from semblance.web.page.site import Site
from semblance.web.records.form import write_values
from semblance.web.wording.field_labels import name_field
from semblance.web.wording.language import _
from semblance.web.wording.say_message import say_message
from semblance.web.wording.words import say_act, say_kind, say_kind_purpose, say_moment, say_value


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Facts under one heading."""

    title: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MoveView:
    """Something that the reader may do with a record as it stands; ``question`` is answered with yes or no."""

    name: str
    title: str
    explanation: str
    button: str
    danger: bool = False
    question: str | None = None
    yes: str = ""
    no: str = ""
    date: str | None = None


@dataclass(frozen=True, slots=True)
class RecordPhotoView:
    """A photo in a record with its outcome and facts."""

    photo: str
    view: PhotoView
    name: str
    status: IntakeStatus
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    waits: bool


def list_moves(may: frozenset[Action]) -> tuple[MoveView, ...]:
    """Return what the reader may do with the record as it stands."""
    moves = {
        Action.RECORD_PUBLISH: MoveView(
            "publish",
            _("Publish"),
            _("An active record can be a candidate in searches."),
            _("Publish"),
            question=_(
                "Is the record political, military, religious or racial in character? (Constitution, article 3)"
            ),
            yes=_("No, it is neutral"),
            no=_("Yes, or in doubt: it stays a draft"),
        ),
        Action.RECORD_EXTEND: MoveView(
            "extend",
            _("Review the last day"),
            _("After its need was reviewed."),
            _("Set the day"),
            date=_("Held until"),
        ),
        Action.RECORD_DISPUTE: MoveView(
            "dispute", _("Block"), _("While it is disputed, no search finds the record."), _("Block the record")
        ),
        Action.RECORD_DECIDE: MoveView(
            "decide",
            _("Decide the dispute"),
            _("Upheld, the record is withdrawn; else it is active again."),
            _("Decide"),
            question=_("Is the dispute upheld?"),
            yes=_("Upheld: withdraw the record"),
            no=_("Not upheld: the record is active again"),
        ),
        Action.RECORD_WITHDRAW: MoveView(
            "withdraw", _("Withdraw"), _("Out of every search for good."), _("Withdraw"), danger=True
        ),
        Action.RECORD_ERASE: MoveView(
            "erase",
            _("Erase"),
            _("Photos, templates, names and all versions go at once; no backup brings them back."),
            _("Erase for good"),
            danger=True,
        ),
    }
    return tuple(move for action, move in moves.items() if action in may)


def group_facts(record: Record) -> tuple[FactGroup, ...]:
    """Return everything that stands in a record, under headings; fields that hold nothing are left out."""
    shown = name_codes(record.draft, lambda code: _("INTERPOL code {code}", code=code))
    values = {name: value for name, value in write_values(shown).items() if value}
    restriction = _("Every authority")
    if record.draft.restriction.authorities:
        codes = ", ".join(sorted(record.draft.restriction.authorities))
        only = record.draft.restriction.mode is RestrictionMode.ONLY
        restriction = (
            _("Only {authorities}", authorities=codes) if only else _("All but {authorities}", authorities=codes)
        )
    answer = record.answer
    law = [
        (_("Legal basis"), record.draft.legal_basis),
        (_("Purpose"), say_kind_purpose(record.draft.kind)),
        (_("Held until"), record.draft.retain_until.isoformat()),
        (_("Who may see it"), restriction),
        (_("Made"), say_act(record.created_at, record.created_by)),
        (_("Version"), _("{number}, of {when}", number=record.version, when=say_moment(record.changed_at))),
    ]
    if answer is not None:
        holes = {"when": say_moment(answer.at), "person": answer.person}
        yes = _("neutral, answered {when} by {person}", **holes)
        no = _("not neutral, answered {when} by {person}", **holes)
        law.append((_("Publish-time question"), yes if answer.neutral else no))
    groups = [FactGroup(_("Law"), tuple(law))]
    for place, title in (
        ("circumstances", _("Circumstances")),
        ("personal", _("Person")),
        ("description", _("Body and belongings")),
    ):
        facts = tuple((name_field(name), value) for name, value in values.items() if name.startswith(f"{place}."))
        if facts:
            groups.append(FactGroup(title, facts))
    return tuple(groups)


def view_record_photo(site: Site, photo: StoredPhoto, number: str) -> RecordPhotoView:
    """Return a photo in a record with its outcome and facts."""
    name = shorten_name(photo.name)
    facts = [
        *list_facts(photo.facts),
        (
            _("Source"),
            _(
                "{authority}: {obtained}, {day}",
                authority=photo.source.authority,
                obtained=photo.source.obtained,
                day=photo.source.on.isoformat(),
            ),
        ),
        (_("Enrolled"), say_act(photo.enrolled_at, photo.enrolled_by)),
    ]
    if photo.captured is not None:
        facts.append((_("Captured"), photo.captured))
    if photo.note is not None:
        facts.append((_("Note"), photo.note))
    return RecordPhotoView(
        photo=photo.id,
        view=view_photo(
            photo.facts,
            photo.faces,
            site.node.suitability,
            address=f"/photos/{photo.id}",
            alt=_("Photo {name} in record {number}", name=name, number=number),
            chosen=photo.chosen,
        ),
        name=name,
        status=photo.status,
        reasons=tuple(map(say_message, photo.reasons)),
        notes=tuple(map(say_message, photo.facts.notes)),
        facts=tuple(facts),
        waits=photo.status is IntakeStatus.SEVERAL_FACES,
    )


def say_written(value: Written | None, field: str = "reason") -> str:
    """Return what a field of a record held, or why it was changed, in words."""
    if isinstance(value, Message):
        return say_message(value)
    if value and field in {"state", "kind", "personal.sex"}:
        words = say_kind(RecordKind(value)) if field == "kind" else say_value(value)
        return f"{words[:1].lower()}{words[1:]}"
    return value or ""
