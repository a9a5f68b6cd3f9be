"""What changed from one version of a record to the next, field by field."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from semblance.gallery.record import Dispute, PublishAnswer, Record, RecordVersion
from semblance.terms.authority import AuthorityCode
from semblance.terms.record import Restriction, RestrictionMode


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after, as texts for a person; None where it held nothing.

    ``field`` is its name as faults name it: ``personal.family_name``, ``restriction``, ``state``.
    """

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class RecordChange:
    """One version of a record: who made it, when and why, and what it changed in the version before it."""

    version: int
    at: datetime
    person: str
    authority: AuthorityCode
    reason: str
    fields: tuple[FieldChange, ...]


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
            fields=find_changes(None if before is None else before.record, version.record),
        )
        for version, before in zip(versions, older, strict=True)
    )


def find_changes(before: Record | None, after: Record) -> tuple[FieldChange, ...]:
    """Return the fields that differ, in the order in which a record has them."""
    old = {} if before is None else dict(_walk(before))
    new = dict(_walk(after))
    names = [*new, *(name for name in old if name not in new)]
    return tuple(FieldChange(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name))


def _walk(record: Record) -> Iterator[tuple[str, str | None]]:
    yield "state", record.state.value
    for field in fields(record.draft):
        held = getattr(record.draft, field.name)
        if field.name in ("personal", "circumstances"):
            yield from ((f"{field.name}.{part.name}", _say(getattr(held, part.name))) for part in fields(held))
        else:
            yield field.name, _say(held)
    yield "answer", _say(record.answer)
    yield "dispute", _say(record.dispute)


def _say(value: Any) -> str | None:
    match value:
        case None | ():
            said = None
        case Restriction():
            said = _say_restriction(value)
        case PublishAnswer():
            said = f"{'neutral' if value.neutral else 'not neutral'}, answered by {value.person} of {value.authority}"
        case Dispute():
            said = f"{value.reason} ({value.person} of {value.authority})"
        case tuple():
            said = "; ".join(filter(None, map(_say, value)))
        case StrEnum():
            said = value.value
        case date():
            said = value.isoformat()
        case _ if is_dataclass(value):
            said = ", ".join(filter(None, (_say(getattr(value, part.name)) for part in fields(value))))
        case _:
            said = str(value)
    return said


def _say_restriction(restriction: Restriction) -> str | None:
    if restriction.mode is RestrictionMode.NONE:
        return None
    return f"{restriction.mode.value} {', '.join(sorted(restriction.authorities))}"
