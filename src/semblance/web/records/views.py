"""From records to what their pages show."""

from dataclasses import replace

from semblance.edge.document import shorten_name
from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.record import Record, RecordVersion
from semblance.gallery.record_changes import list_changes
from semblance.terms.action import Action
from semblance.terms.record import RecordKind, RestrictionMode
from semblance.web.page.faces import list_facts, view_photo
from semblance.web.page.site import Site
from semblance.web.records.contexts import ChangeView, FactGroup, MoveView, RecordPhotoView, RecordRowView, VersionView
from semblance.web.records.form import write_values
from semblance.web.wording.field_labels import name_field
from semblance.web.wording.language import N_, _
from semblance.web.wording.translate_messages import say_below, say_change, say_reason
from semblance.web.wording.words import (
    RECORD_WORDS,
    STATUS_WORDS,
    say_act,
    say_kind,
    say_kind_purpose,
    say_moment,
    say_state,
    say_value,
)
from semblance.workflows.records.list_records import RecordRow
from semblance.workflows.records.read_record import PhotoDetail

_MOVES = (
    (
        Action.RECORD_PUBLISH,
        MoveView(
            "publish",
            N_("Publish"),
            N_("An active record can be a candidate in searches."),
            N_("Publish"),
            question=N_(
                "Is the record political, military, religious or racial in character? (Constitution, article 3)"
            ),
            yes=N_("No, it is neutral"),
            no=N_("Yes, or in doubt: it stays a draft"),
        ),
    ),
    (
        Action.RECORD_EXTEND,
        MoveView(
            "extend",
            N_("Review the last day"),
            N_("After its need was reviewed."),
            N_("Set the day"),
            date=N_("Held until"),
        ),
    ),
    (
        Action.RECORD_DISPUTE,
        MoveView(
            "dispute", N_("Block"), N_("While it is disputed, no search finds the record."), N_("Block the record")
        ),
    ),
    (
        Action.RECORD_DECIDE,
        MoveView(
            "decide",
            N_("Decide the dispute"),
            N_("Upheld, the record is withdrawn; else it is active again."),
            N_("Decide"),
            question=N_("Is the dispute upheld?"),
            yes=N_("Upheld: withdraw the record"),
            no=N_("Not upheld: the record is active again"),
        ),
    ),
    (
        Action.RECORD_WITHDRAW,
        MoveView("withdraw", N_("Withdraw"), N_("Out of every search for good."), N_("Withdraw"), danger=True),
    ),
    (
        Action.RECORD_ERASE,
        MoveView(
            "erase",
            N_("Erase"),
            N_("Photos, templates, names and all versions go at once; no backup brings them back."),
            N_("Erase for good"),
            danger=True,
        ),
    ),
)


def list_moves(may: frozenset[Action]) -> tuple[MoveView, ...]:
    """Return what the reader may do with the record as it stands."""
    return tuple(_translate(move) for action, move in _MOVES if action in may)


def _translate(move: MoveView) -> MoveView:
    return replace(
        move,
        title=_(move.title),
        explanation=_(move.explanation),
        button=_(move.button),
        question=None if move.question is None else _(move.question),
        yes=_(move.yes) if move.yes else "",
        no=_(move.no) if move.no else "",
        date=None if move.date is None else _(move.date),
    )


def view_row(row: RecordRow) -> RecordRowView:
    """Return a record as the list shows it."""
    words, grade = say_state(RECORD_WORDS[row.facts.state])
    return RecordRowView(
        href=f"/records/{row.subject}",
        number=row.number,
        name=row.name,
        kind=say_kind(row.facts.kind),
        kind_key=row.facts.kind.value,
        owner=row.facts.owner,
        state=words,
        grade=grade,
        until=row.facts.retain_until.isoformat(),
        references=row.references,
    )


def group_facts(record: Record) -> tuple[FactGroup, ...]:
    """Return everything that stands in a record, under headings; fields that hold nothing are left out."""
    values = {name: value for name, value in write_values(record.draft).items() if value}
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
        said = (
            N_("neutral, answered {when} by {person}")
            if answer.neutral
            else N_("not neutral, answered {when} by {person}")
        )
        law.append((_("Publish-time question"), _(said, when=say_moment(answer.at), person=answer.person)))
    groups = [FactGroup(_("Law"), tuple(law))]
    for place, title in (("circumstances", _("Circumstances")), ("personal", _("Person"))):
        held = tuple((name_field(name), value) for name, value in values.items() if name.startswith(f"{place}."))
        if held:
            groups.append(FactGroup(title, held))
    return tuple(groups)


def view_record_photo(site: Site, photo: PhotoDetail, number: str) -> RecordPhotoView:
    """Return a photo in a record with its outcome and facts."""
    words, grade = say_state(STATUS_WORDS[photo.status])
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
        photo=photo.photo,
        view=view_photo(
            photo.facts,
            photo.faces,
            site.node.suitability,
            address=f"/photos/{photo.photo}",
            alt=_("Photo {name} in record {number}", name=name, number=number),
            chosen=photo.chosen,
        ),
        name=name,
        status=words,
        grade=grade,
        reasons=tuple(map(say_below, photo.reasons)),
        facts=tuple(facts),
        waits=photo.status is IntakeStatus.SEVERAL_FACES,
    )


def view_versions(versions: tuple[RecordVersion, ...]) -> tuple[VersionView, ...]:
    """Return a record's versions, newest first, each with the fields that it changed."""
    return tuple(
        VersionView(
            version=change.version,
            when=say_moment(change.at),
            person=change.person,
            authority=change.authority,
            reason=say_reason(change.reason),
            changes=tuple(
                ChangeView(
                    name_field(field.field), _say_value(field.field, field.before), _say_value(field.field, field.after)
                )
                for field in change.fields
            ),
        )
        for change in list_changes(versions)
    )


def _say_value(field: str, value: str | None) -> str:
    if not value:
        return ""
    if field in {"state", "kind", "personal.sex"}:
        said = say_kind(RecordKind(value)) if field == "kind" else say_value(value)
        return f"{said[:1].lower()}{said[1:]}"
    return say_change(value) if field in {"answer", "restriction"} else value
