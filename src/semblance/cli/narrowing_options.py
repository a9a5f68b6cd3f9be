"""Options that narrow a search by what records say, and what is made of them."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from semblance.terms.ids import ProbeId
from semblance.terms.record import RecordKind, Sex
from semblance.terms.search import OLDEST, Narrowing
from semblance.workflows.search.probe_faces import ProbeChoice

F = TypeVar("F", bound=Callable[..., Any])
_AGE = click.IntRange(0, OLDEST)
_OPTIONS = (
    click.option("--kind", "kinds", multiple=True, type=click.Choice([kind.value for kind in RecordKind]),
                 help="Only records of this kind; may be given several times."),
    click.option("--age-from", type=_AGE, default=None, help="Only people of at least this age, by their record."),
    click.option("--age-to", type=_AGE, default=None, help="Only people of at most this age, by their record."),
    click.option("--sex", type=click.Choice([Sex.FEMALE.value, Sex.MALE.value]), default=None,
                 help="Only this sex, as recorded."),
    click.option("--nationality", default=None, help="Only this nationality, as recorded: two letters, such as FR."),
)  # fmt: skip


def narrowing_options(command: F) -> F:
    """Add the options ``--kind``, ``--age-from``, ``--age-to``, ``--sex`` and ``--nationality``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read_narrowing(
    kinds: tuple[str, ...], age_from: int | None, age_to: int | None, sex: str | None, nationality: str | None
) -> Narrowing:
    """Return what the options say; raises IntakeError where it cannot be meant."""
    return Narrowing(
        frozenset(map(RecordKind, kinds)), age_from, age_to, None if sex is None else Sex(sex), nationality
    )


def read_also(texts: tuple[str, ...]) -> tuple[ProbeChoice, ...]:
    """Return the probes that ``--also`` names, each as PROBE or PROBE:FACE; raises UsageError."""
    choices = []
    for text in texts:
        probe, colon, face = text.partition(":")
        if colon and not (face.isdecimal() and len(face) < 5):
            raise click.UsageError(f"--also {text!r} names no face; write PROBE:FACE, with the face's number.")
        choices.append(ProbeChoice(ProbeId(probe), int(face) if colon else None))
    return tuple(choices)
