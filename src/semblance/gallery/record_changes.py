"""What changed from one version of a record to the next, field by field."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeAlias

from semblance.gallery.record import Assigned, Dispute, PublishAnswer, Record, RecordVersion, name_codes
from semblance.messages.message import Message
from semblance.terms.ids import AuthorityCode
from semblance.terms.record import Restriction, RestrictionMode

Written: TypeAlias = str | Message
"""What a field holds: as somebody wrote it, or a message about it."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after; None where it held nothing.

    ``field`` is its name as faults name it: ``personal.family_name``, ``restriction``, ``state``.
    """

    field: str
    before: Written | None
    after: Written | None


@dataclass(frozen=True, slots=True)
class RecordChange:
    """One version of a record: who made it, when and why, and what it changed in the version before it."""

    version: int
    at: datetime
    person: str
    authority: AuthorityCode
    reason: Written
    changes: tuple[FieldChange, ...]


def list_changes(versions: tuple[RecordVersion, ...]) -> tuple[RecordChange, ...]:
    """Return what each version changed, newest first, as ``versions`` are; the first changed every field it holds."""
    older: tuple[RecordVersion | None, ...] = (*versions[1:], None)
    return tuple(
        RecordChange(
            version=version.record.version,
            at=version.at,
            person=version.person,
            authority=version.authority,
            reason=version.reason,
            changes=find_changes(None if before is None else before.record, version.record),
        )
        for version, before in zip(versions, older, strict=True)
    )


def find_changes(before: Record | None, after: Record) -> tuple[FieldChange, ...]:
    """Return the fields that differ, in the order in which a record has them."""
    old = {} if before is None else dict(_walk(before))
    new = dict(_walk(after))
    names = [*new, *(name for name in old if name not in new)]
    return tuple(FieldChange(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name))


def _walk(record: Record) -> Iterator[tuple[str, Written | None]]:
    yield "state", record.state.value
    draft = name_codes(record.draft)
    for field in fields(draft):
        value = getattr(draft, field.name)
        if field.name in ("personal", "circumstances", "description"):
            yield from ((f"{field.name}.{part.name}", _write(getattr(value, part.name))) for part in fields(value))
        elif isinstance(value, Restriction):
            yield field.name, say_restriction(value)
        else:
            yield field.name, _write(value)
    yield "pseudonym", record.pseudonym
    yield "assigned", None if record.assigned is None else _say_assigned(record.assigned)
    yield "answer", None if record.answer is None else _say_answer(record.answer)
    yield "dispute", None if record.dispute is None else _say_dispute(record.dispute)


def _write(value: Any) -> str | None:
    match value:
        case None | ():
            return None
        case tuple():
            return "; ".join(filter(None, map(_write, value)))
        case StrEnum():
            return value.value
        case date():
            return value.isoformat()
        case _ if is_dataclass(value):
            return ", ".join(filter(None, (_write(getattr(value, part.name)) for part in fields(value))))
        case _:
            return str(value)


def say_restriction(restriction: Restriction) -> Message | None:
    """Return which authorities may see a record; None is every authority."""
    codes = sorted(restriction.authorities)
    match restriction.mode:
        case RestrictionMode.NONE:
            return None
        case RestrictionMode.ONLY:
            return Message("records.only", "only {authorities}", authorities=codes)
        case RestrictionMode.EXCEPT:
            return Message("records.except", "except {authorities}", authorities=codes)


def _say_answer(answer: PublishAnswer) -> Message:
    by = {"person": answer.person, "authority": answer.authority}
    if answer.neutral:
        return Message("records.neutral", "neutral, answered by {person} of {authority}", **by)
    return Message("records.not-neutral", "not neutral, answered by {person} of {authority}", **by)


def _say_dispute(dispute: Dispute) -> Message:
    return Message(
        "records.disputed",
        "{reason} ({person} of {authority})",
        reason=dispute.reason,
        person=dispute.person,
        authority=dispute.authority,
    )


def _say_assigned(assigned: Assigned) -> Message:
    return Message(
        "records.assigned",
        "{values:;}, as {authority} released it",
        values=[text for _, text in assigned.fields],
        authority=assigned.owner,
    )
