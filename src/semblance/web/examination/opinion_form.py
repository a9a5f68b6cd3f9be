"""What a browser sends of an opinion, as JSON while it is written and as a plain form, and back."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from semblance.cases.checklist import NOTE_LENGTH_CAP, Compared, Component, Finding, Mark, Spot
from semblance.cases.opinion import Conclusion, Ground, OpinionDraft
from semblance.errors import UnusableText
from semblance.terms.text import REASON_LENGTH_CAP

_VIEW_CAP: Final = 4_000
_FAR: Final = 1e6
_Place = Annotated[float, Field(ge=-_FAR, le=_FAR, allow_inf_nan=False)]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _SentSpot(_Sent):
    x: _Place
    y: _Place


class _SentMark(_Sent):
    number: int = Field(ge=1, le=99)
    probe: _SentSpot | None = None
    reference: _SentSpot | None = None


class _SentLine(_Sent):
    finding: Finding
    note: str = Field(default="", max_length=2 * NOTE_LENGTH_CAP)
    marks: tuple[int, ...] = Field(default=(), max_length=99)


class SentDraft(_Sent):
    """A draft as a browser sends it; ``version`` is the one that it was opened with."""

    version: int = Field(ge=0)
    conclusion: Conclusion | None = None
    reason: str = Field(default="", max_length=2 * REASON_LENGTH_CAP)
    grounds: frozenset[Ground] = frozenset()
    checklist: dict[Component, _SentLine] = Field(default_factory=dict)
    marks: tuple[_SentMark, ...] = Field(default=(), max_length=99)
    view: str = Field(default="", max_length=_VIEW_CAP)

    def make_draft(self) -> OpinionDraft:
        """Return what was sent as the value that the rules take."""
        return OpinionDraft(
            conclusion=self.conclusion,
            reason=self.reason,
            grounds=self.grounds,
            checklist={key: Compared(line.finding, line.note, line.marks) for key, line in self.checklist.items()},
            marks=tuple(Mark(one.number, _spot(one.probe), _spot(one.reference)) for one in self.marks),
            view=self.view,
        )


def read_sent(data: bytes) -> SentDraft:
    """Return the draft in a JSON body; raises UnusableText in a sentence where it is none."""
    try:
        return SentDraft.model_validate_json(data)
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
                "marks": [int(mark) for mark in marks[:99]],
            }
    document = {
        "version": first("version") or "0",
        "conclusion": first("conclusion") or None,
        "reason": first("reason"),
        "grounds": fields.get("grounds", []),
        "checklist": checklist,
    }
    try:
        return SentDraft.model_validate(document)
    except ValidationError as error:
        raise _refuse(error) from None


def write_draft(draft: OpinionDraft, version: int) -> str:
    """Return the draft as the JSON that a page begins with, the same as it sends."""
    return json.dumps(
        {
            "version": version,
            "conclusion": draft.conclusion,
            "reason": draft.reason,
            "grounds": sorted(draft.grounds),
            "checklist": {
                component.value: {"finding": line.finding, "note": line.note, "marks": list(line.marks)}
                for component, line in draft.compared.items()
            },
            "marks": [
                {"number": one.number, "probe": _place(one.probe), "reference": _place(one.reference)}
                for one in draft.marks
            ],
            "view": draft.view,
        },
        ensure_ascii=False,
    )


def _spot(sent: _SentSpot | None) -> Spot | None:
    return None if sent is None else Spot(sent.x, sent.y)


def _place(spot: Spot | None) -> dict[str, float] | None:
    return None if spot is None else {"x": spot.x, "y": spot.y}


def _refuse(error: ValidationError) -> UnusableText:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or "what was sent"
    return UnusableText(
        "pages.opinion-cannot-read-wrong-nothing",
        "The opinion cannot be read: {place} is wrong ({first}). Nothing was changed.",
        place=place,
        first=first["msg"],
    )
