"""What is said once of all records and photos of one enrolment or import."""

from datetime import date
from typing import Final

import click

from semblance.cli.options import DAY, Member, join
from semblance.errors import RecordInvalid
from semblance.gallery.record import UNSAID, Circumstances, ImageSource, RecordTerms
from semblance.terms.ids import AuthorityCode, find_code_fault
from semblance.terms.permission import Actor
from semblance.terms.record import UNRESTRICTED, RecordKind, Restriction, RestrictionMode

YES_NO: Final = click.Choice(["yes", "no"])

kind_option: Final = click.option("--kind", required=True, type=Member(RecordKind), help="What new records are.")
terms_options: Final = join(
    click.option("--basis", required=True, help="The law or decision that allows the records to be held."),
    click.option("--retain-until", required=True, type=DAY, help="The last day on which they may be held."),
    click.option("--obtained", required=True, help="How the photos were obtained."),
    click.option("--obtained-on", required=True, type=DAY, help="The day on which they were obtained."),
    click.option("--handed-in-by", help="The authority that handed them in [default: your own]."),
    click.option("--only", multiple=True, metavar="CODES", help="Only these authorities may see them: FR,BE."),
    click.option("--except", "but", multiple=True, metavar="CODES", help="These authorities may not see them."),
    click.option(
        "--neutral",
        type=YES_NO,
        help="Whether they are not political, military, religious or racial in character. yes publishes new "
        "records; without an answer they stay drafts.",
    ),
    click.option("--asked", help="What is asked about the subjects; a blue notice needs it."),
)
"""What ``read_terms`` takes, but for ``--kind``."""


def read_terms(
    actor: Actor,
    *,
    kind: RecordKind,
    basis: str,
    retain_until: date,
    obtained: str,
    obtained_on: date,
    handed_in_by: str | None,
    only: tuple[str, ...],
    but: tuple[str, ...],
    neutral: str | None,
    asked: str | None,
) -> RecordTerms:
    """Return the terms; raises RecordInvalid where both kinds of restriction are given, or a code is none."""
    return RecordTerms(
        kind=kind,
        legal_basis=basis,
        retain_until=retain_until,
        source=ImageSource(handed_in_by or actor.authority, obtained, obtained_on),
        restriction=read_restriction(only, but),
        neutral=None if neutral is None else neutral == "yes",
        circumstances=UNSAID if asked is None else Circumstances(asked=asked),
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
