"""From records to what their pages show."""

from semblance.edge.documents import shorten_name
from semblance.gallery.kinds import KINDS
from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.record import Record, RecordVersion
from semblance.gallery.record_changes import list_changes
from semblance.terms.action import Action
from semblance.web.faces import list_facts, view_photo
from semblance.web.record_contexts import (
    ChangeView,
    FactGroup,
    MoveView,
    RecordPhotoView,
    RecordRowView,
    VersionView,
)
from semblance.web.record_form import name_field, write_values
from semblance.web.site import Site
from semblance.web.words import RECORD_WORDS, STATUS_WORDS, say_kind, say_moment
from semblance.workflows.list_records import RecordRow
from semblance.workflows.read_record import PhotoDetail

_MOVES = (
    (
        Action.RECORD_PUBLISH,
        MoveView(
            "publish",
            "Publish",
            "An active record can be a candidate in searches.",
            "Publish",
            question="Is the record political, military, religious or racial in character? (Constitution, article 3)",
            yes="No, it is neutral",
            no="Yes, or in doubt: it stays a draft",
        ),
    ),
    (
        Action.RECORD_EXTEND,
        MoveView("extend", "Review the last day", "After its need was reviewed.", "Set the day", date="Held until"),
    ),
    (
        Action.RECORD_DISPUTE,
        MoveView("dispute", "Block", "While it is disputed, no search finds the record.", "Block the record"),
    ),
    (
        Action.RECORD_DECIDE,
        MoveView(
            "decide",
            "Decide the dispute",
            "Upheld, the record is withdrawn; else it is active again.",
            "Decide",
            question="Is the dispute upheld?",
            yes="Upheld: withdraw the record",
            no="Not upheld: the record is active again",
        ),
    ),
    (
        Action.RECORD_WITHDRAW,
        MoveView("withdraw", "Withdraw", "Out of every search for good.", "Withdraw", danger=True),
    ),
    (
        Action.RECORD_ERASE,
        MoveView(
            "erase",
            "Erase",
            "Photos, templates, names and all versions go at once; no backup brings them back.",
            "Erase for good",
            danger=True,
        ),
    ),
)


def list_moves(may: frozenset[Action]) -> tuple[MoveView, ...]:
    """Return what the reader may do with the record as it stands."""
    return tuple(move for action, move in _MOVES if action in may)


def view_row(row: RecordRow) -> RecordRowView:
    """Return a record as the list shows it."""
    words, grade = RECORD_WORDS[row.facts.state]
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
    restriction = "Every authority"
    if record.draft.restriction.authorities:
        codes = ", ".join(sorted(record.draft.restriction.authorities))
        restriction = f"{'Only' if record.draft.restriction.mode == 'only' else 'All but'} {codes}"
    answer = record.answer
    law = [
        ("Legal basis", record.draft.legal_basis),
        ("Purpose", KINDS[record.draft.kind].purpose),
        ("Held until", record.draft.retain_until.isoformat()),
        ("Who may see it", restriction),
        ("Made", f"{say_moment(record.created_at)} by {record.created_by}"),
        ("Version", f"{record.version}, of {say_moment(record.changed_at)}"),
    ]
    if answer is not None:
        said = "neutral" if answer.neutral else "not neutral"
        law.append(("Publish-time question", f"{said}, answered {say_moment(answer.at)} by {answer.person}"))
    groups = [FactGroup("Law", tuple(law))]
    for place, title in (("circumstances", "Circumstances"), ("personal", "Person")):
        held = tuple((name_field(name), value) for name, value in values.items() if name.startswith(f"{place}."))
        if held:
            groups.append(FactGroup(title, held))
    return tuple(groups)


def view_record_photo(site: Site, photo: PhotoDetail, number: str) -> RecordPhotoView:
    """Return a photo in a record with its outcome and facts."""
    words, grade = STATUS_WORDS[photo.status]
    name = shorten_name(photo.name)
    facts = [
        *list_facts(photo.facts),
        ("Source", f"{photo.source.authority}: {photo.source.obtained}, {photo.source.on.isoformat()}"),
        ("Enrolled", f"{say_moment(photo.enrolled_at)} by {photo.enrolled_by}"),
    ]
    if photo.captured is not None:
        facts.append(("Captured", photo.captured))
    if photo.note is not None:
        facts.append(("Note", photo.note))
    return RecordPhotoView(
        photo=photo.photo,
        view=view_photo(
            photo.facts,
            photo.faces,
            site.node.suitability,
            address=f"/photos/{photo.photo}",
            alt=f"Photo {name} in record {number}",
            chosen=photo.chosen,
        ),
        name=name,
        status=words,
        grade=grade,
        reasons=photo.reasons,
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
            reason=change.reason,
            changes=tuple(
                ChangeView(name_field(field.field), field.before or "", field.after or "") for field in change.fields
            ),
        )
        for change in list_changes(versions)
    )
