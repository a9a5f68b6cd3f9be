"""What is said once of all records and photos of one enrolment or import."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, Final

import click

from semblance.cli.options import DAY
from semblance.errors import RecordInvalid
from semblance.gallery.record import UNSAID, Circumstances, ImageSource, RecordTerms
from semblance.terms.ids import AuthorityCode, find_code_fault
from semblance.terms.permission import Actor
from semblance.terms.record import UNRESTRICTED, RecordKind, Restriction, RestrictionMode

KIND: Final = click.Choice([kind.value for kind in RecordKind])
YES_NO: Final = click.Choice(["yes", "no"])


@dataclass(frozen=True, slots=True)
class GivenTerms:
    """The options as they were given; ``kind`` is None where the command has no option for it."""

    kind: str | None
    basis: str
    retain_until: date
    obtained: str
    obtained_on: date
    handed_in_by: str | None
    only: tuple[str, ...]
    but: tuple[str, ...]
    neutral: str | None
    asked: str | None


def terms_options(*, kind: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the options; the parameter ``given`` is a GivenTerms. ``kind=False`` leaves ``--kind`` out."""
    options = [
        click.option("--basis", required=True, help="The law or decision that allows the records to be held."),
        click.option("--retain-until", required=True, type=DAY, help="The last day on which they may be held."),
        click.option("--obtained", required=True, help="How the photos were obtained."),
        click.option("--obtained-on", required=True, type=DAY, help="The day on which they were obtained."),
        click.option("--handed-in-by", default=None, help="The authority that handed them in [default: your own]."),
        click.option("--only", multiple=True, metavar="CODES", help="Only these authorities may see them: FR,BE."),
        click.option("--except", "but", multiple=True, metavar="CODES", help="These authorities may not see them."),
        click.option(
            "--neutral",
            type=YES_NO,
            default=None,
            help="Whether they are not political, military, religious or racial in character. yes publishes new "
            "records; without an answer they stay drafts.",
        ),
        click.option("--asked", default=None, help="What is asked about the subjects; a blue notice needs it."),
    ]
    if kind:
        options.insert(0, click.option("--kind", required=True, type=KIND, help="What new records are."))

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def call(*arguments: Any, **values: Any) -> Any:
            taken = {name: values.pop(name, None) for name in GivenTerms.__dataclass_fields__}
            return function(*arguments, given=GivenTerms(**taken), **values)

        for option in reversed(options):
            call = option(call)
        return call

    return add


def read_terms(given: GivenTerms, actor: Actor, *, kind: RecordKind = RecordKind.SAMPLE) -> RecordTerms:
    """Return the terms; ``kind`` is for commands without ``--kind``.

    Raises RecordInvalid where both kinds of restriction are given, or a code is none.
    """
    return RecordTerms(
        kind=kind if given.kind is None else RecordKind(given.kind),
        legal_basis=given.basis,
        retain_until=given.retain_until,
        source=ImageSource(given.handed_in_by or actor.authority, given.obtained, given.obtained_on),
        restriction=read_restriction(given.only, given.but),
        neutral=None if given.neutral is None else given.neutral == "yes",
        circumstances=UNSAID if given.asked is None else Circumstances(asked=given.asked),
    )


def read_restriction(only: tuple[str, ...], but: tuple[str, ...]) -> Restriction:
    """Return the restriction that ``--only`` or ``--except`` names; raises RecordInvalid."""
    if only and but:
        raise RecordInvalid(
            "operator.terms.restriction-ambiguous",
            "--only and --except cannot both be meant: name those who may see it, or those who may not.",
        )
    codes = [code.strip() for listed in only or but for code in listed.split(",") if code.strip()]
    faults = tuple(fault for code in codes if (fault := find_code_fault(code)) is not None)
    if faults:
        raise RecordInvalid(
            "operator.terms.restriction-invalid",
            "The restriction cannot be taken: {faults:;}. Nothing was changed.",
            faults=faults,
            problems=faults,
        )
    if not codes:
        return UNRESTRICTED
    return Restriction(RestrictionMode.ONLY if only else RestrictionMode.EXCEPT, frozenset(map(AuthorityCode, codes)))
