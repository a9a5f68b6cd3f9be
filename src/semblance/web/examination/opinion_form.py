"""What a browser sends of an opinion, as JSON while it is written and as a plain form, and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from semblance.cases.opinion import Component, OpinionDraft
from semblance.errors import UnusableText

_MARKS_READ: Final = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class SentDraft(OpinionDraft):
    """A draft as a browser sends it; ``version`` is the one that it was opened with."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")
    version: Annotated[int, Field(ge=0)]


_SENT: Final = TypeAdapter(SentDraft)
_DRAFT: Final = TypeAdapter(OpinionDraft)


def read_sent(data: bytes) -> SentDraft:
    """Return the draft in a JSON body; raises UnusableText in a sentence where it is none."""
    try:
        return _SENT.validate_json(data)
    except ValidationError as error:
        raise _refuse(error) from None


def read_form(fields: Mapping[str, list[str]]) -> SentDraft:
    """Return the draft in a form: ``finding-nose``, ``note-nose``, ``marks-nose``, and the opinion's own fields."""

    def first(name: str) -> str:
        return (fields.get(name) or [""])[0]

    checklist: dict[str, dict[str, Any]] = {}
    for component in Component:
        if finding := first(f"finding-{component.value}"):
            marks = [word for word in first(f"marks-{component.value}").replace(",", " ").split() if word.isdecimal()]
            checklist[component.value] = {
                "finding": finding,
                "note": first(f"note-{component.value}"),
                "marks": [int(mark) for mark in marks[:_MARKS_READ]],
            }
    document = {
        "version": first("version") or "0",
        "conclusion": first("conclusion") or None,
        "reason": first("reason"),
        "grounds": fields.get("grounds", []),
        "checklist": checklist,
    }
    try:
        return _SENT.validate_python(document)
    except ValidationError as error:
        raise _refuse(error) from None


def write_draft(draft: OpinionDraft) -> str:
    """Return the draft as the JSON that a page begins with, the same as it sends."""
    return _DRAFT.dump_json(draft).decode()


def _refuse(error: ValidationError) -> UnusableText:
    fault = error.errors()[0]
    return UnusableText(
        "opinion.unreadable",
        "The opinion cannot be read: {place} is wrong ({fault}). Nothing was changed.",
        place=".".join(map(str, fault["loc"])) or "what was sent",
        fault=fault["msg"],
    )
