"""What is known of bodies: a table to fill in and hand back, and a sheet of one record to print."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import APIRouter, File, Form, UploadFile
from starlette.responses import HTMLResponse, Response

from semblance.edge.acting import CurrentActor
from semblance.errors import Conflict, IntakeError, RecordInvalid
from semblance.exchange.body_table import MOST_ROWS, write_template
from semblance.gallery.record import Record, RecordField, list_fields, name_codes
from semblance.store.records import name_record
from semblance.terms.description import Description, ToothState
from semblance.terms.ids import SubjectId
from semblance.terms.permission import Action, Actor
from semblance.web.page.navigation import make_frame
from semblance.web.page.rendering import Problem, render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.records.form import write_values
from semblance.web.wording.field_labels import name_field
from semblance.web.wording.language import N_, _
from semblance.web.wording.say_message import say_message
from semblance.web.wording.words import say_act, say_value
from semblance.workflows.permission import ask
from semblance.workflows.records.fill_bodies import fill_bodies
from semblance.workflows.records.read_record import read_record

routes = APIRouter(prefix="/records")

_LETTERS: Final = {
    ToothState.PRESENT: "P",
    ToothState.FILLED: "F",
    ToothState.ROOT_FILLED: "R",
    ToothState.CROWN: "C",
    ToothState.BRIDGE: "B",
    ToothState.IMPLANT: "I",
    ToothState.MISSING: "M",
    ToothState.UNERUPTED: "U",
    ToothState.LOST_AFTER_DEATH: "L",
}
"""What stands in the chart: letters of the English words, since sheets go from country to country."""
_STATES: Final = {
    ToothState.PRESENT: N_("Present"),
    ToothState.FILLED: N_("Filled"),
    ToothState.ROOT_FILLED: N_("Root filled"),
    ToothState.CROWN: N_("Crown"),
    ToothState.BRIDGE: N_("Bridge"),
    ToothState.IMPLANT: N_("Implant"),
    ToothState.MISSING: N_("Missing in life"),
    ToothState.UNERUPTED: N_("Unerupted"),
    ToothState.LOST_AFTER_DEATH: N_("Lost after death"),
}
_UNITS: Final = {
    "height": N_("cm"),
    "shortest": N_("cm"),
    "tallest": N_("cm"),
    "youngest": N_("years"),
    "oldest": N_("years"),
    "latitude": N_("degrees"),
    "longitude": N_("degrees"),
}
_JAWS: Final = ((1, 2), (4, 3))
_EVENT: Final = ("event_date", "event_place", "event_country")
_PERSONAL: Final = ("sex", "birth_dates", "height")


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A field on paper: what is known, or what may be written there by hand."""

    label: str
    lines: tuple[str, ...]
    choices: str


@dataclass(frozen=True, slots=True)
class ChartTooth:
    """A tooth in the chart, from the viewer's left to the right."""

    number: int
    letter: str


@routes.get("/bodies")
def write(site: CurrentSite, actor: CurrentActor) -> Response:
    ask(site.node, actor, Action.RECORD_EDIT, owner=actor.authority)
    return _show(site, actor)


@routes.get("/bodies/template")
def download(site: CurrentSite, actor: CurrentActor) -> Response:
    ask(site.node, actor, Action.RECORD_EDIT, owner=actor.authority)
    headers = {"content-disposition": 'attachment; filename="bodies.csv"'}
    # spreadsheets take a file for UTF-8 by its mark
    return Response(f"\ufeff{write_template()}", media_type="text/csv; charset=utf-8", headers=headers)


@routes.post("/bodies")
def fill(
    site: CurrentSite,
    actor: CurrentActor,
    table: Annotated[UploadFile | None, File()] = None,
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    data = table.file.read() if table is not None else b""
    if not data:
        return _show(site, actor, reason=reason, problem=_("No table was chosen. Choose a file first."))
    try:
        changed = fill_bodies(site.node, actor, data, reason=reason)
    except RecordInvalid as error:
        return _show(site, actor, reason=reason, faults=tuple(map(say_message, error.problems)), problem=error)
    except (Conflict, IntakeError) as error:
        return _show(site, actor, reason=reason, problem=error)
    return _show(site, actor, changed=changed, done=True)


@routes.get("/{record}/sheet")
def print_sheet(site: CurrentSite, actor: CurrentActor, record: str) -> Response:
    held = read_record(site.node, actor, SubjectId(record)).record
    shown = name_codes(held.draft, lambda code: _("INTERPOL code {code}", code=code))
    values = write_values(shown)
    teeth = {tooth.number: _LETTERS[tooth.state] for tooth in shown.description.teeth}
    return render_page(
        "records/body-sheet.html",
        make_frame(site, "records", actor),
        record=held.subject,
        number=held.number,
        owner=held.owner,
        kind=held.draft.kind,
        name="" if (named := name_record(held)) == held.number else named,
        version=held.version,
        printed=say_act(site.node.clock(), actor.name),
        known=(*_list_known("circumstances", _EVENT, values), *_list_known("personal", _PERSONAL, values)),
        lines=tuple(
            SheetLine(_name_line(field.name), _say_field(field, shown.description), _say_choices(field))
            for field in list_fields(Description)
            if field.name != "teeth"
        ),
        jaws=_draw_jaws(8, 0, teeth),
        milk_jaws=_draw_jaws(5, 4, teeth) if any(number > 50 for number in teeth) else (),
        letters=tuple((letter, _(_STATES[state])) for state, letter in _LETTERS.items()),
    )


def _show(
    site: Site,
    actor: Actor,
    *,
    reason: str = "",
    faults: tuple[str, ...] = (),
    problem: Problem = None,
    changed: tuple[Record, ...] = (),
    done: bool = False,
) -> HTMLResponse:
    return render_page(
        "records/bodies.html",
        make_frame(site, "records", actor),
        most=MOST_ROWS,
        reason=reason,
        faults=faults,
        problem=None if faults else problem,
        changed=changed,
        done=done,
        status=422 if faults else None,
    )


def _list_known(place: str, names: tuple[str, ...], values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    known = ((name, values[f"{place}.{name}"]) for name in names)
    return tuple((_name_line(name), say_value(value) if name == "sex" and value else value) for name, value in known)


def _name_line(name: str) -> str:
    if name not in _UNITS:
        return name_field(name)
    return _("{field} ({unit})", field=name_field(name), unit=_(_UNITS[name]))


def _say_field(field: RecordField, said: Description) -> tuple[str, ...]:
    value = getattr(said, field.name)
    entries = value if field.many else () if value is None else (value,)
    return tuple(_say_entry(entry) for entry in entries)


def _say_entry(entry: Any) -> str:
    if isinstance(entry, StrEnum):
        return say_value(entry)
    if isinstance(entry, str | int | float):
        return str(entry)
    words = (say_value(entry.place), say_value(entry.kind), entry.text or "")
    return ", ".join(filter(None, words))


def _say_choices(field: RecordField) -> str:
    """Return what may be ticked by hand, where the field has a closed list."""
    if isinstance(field.type, type) and issubclass(field.type, StrEnum):
        return " ".join(f"☐ {say_value(choice)}" for choice in field.type)
    return ""


def _draw_jaws(places: int, behind: int, teeth: Mapping[int, str]) -> tuple[tuple[ChartTooth, ...], ...]:
    """Return both jaws as somebody looks into the mouth: the person's right side is on the left."""
    jaws = []
    for right, left in _JAWS:
        numbers = [(right + behind) * 10 + place for place in range(places, 0, -1)]
        numbers += [(left + behind) * 10 + place for place in range(1, places + 1)]
        jaws.append(tuple(ChartTooth(number, teeth.get(number, "")) for number in numbers))
    return tuple(jaws)
