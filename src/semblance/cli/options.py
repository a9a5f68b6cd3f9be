"""Options that many commands share, so that they read and behave the same everywhere."""

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from semblance.bootstrap.config import default_home

Option = Callable[[Callable[..., Any]], Callable[..., Any]]
E = TypeVar("E", bound=StrEnum)

FILE: Final = click.Path(path_type=Path, dir_okay=False)
FOLDER: Final = click.Path(path_type=Path, file_okay=False)
SOURCE: Final = click.Path(path_type=Path, readable=False)
"""A file or a folder to read; one that may not be read is a fault of its own, with its own sentence."""


class Member(click.Choice[E]):
    """A member of an enumeration, named by its value; ``some`` are those that may be chosen."""

    def __init__(self, kind: type[E], *some: E) -> None:
        super().__init__(some or tuple(kind))

    def normalize_choice(self, choice: object, ctx: click.Context | None) -> str:
        """Return the member's value, or the text that names it."""
        return super().normalize_choice(str(choice), ctx)


def members_option(name: str, parameter: str, kind: type[StrEnum], words: str, **more: Any) -> Option:
    """Return an option that may be given several times; the parameter is a frozenset of members."""
    return click.option(
        name,
        parameter,
        multiple=True,
        type=Member(kind),
        callback=lambda _ctx, _param, value: frozenset(value),
        help=words,
        **more,
    )


class _Day(click.ParamType[date]):
    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day that the text names."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day; write it as 2027-01-31.", param, ctx)


DAY: Final = _Day()
"""A day in ISO 8601."""


def join(*options: Option) -> Option:
    """Return the decorator that adds several options, in this order."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return add


home_option: Final = click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False, readable=False),
    callback=lambda _ctx, _param, value: default_home() if value is None else value.expanduser().absolute(),
    help="The node's home folder [default: $SEMBLANCE_HOME, else ~/.local/share/semblance/node].",
)
"""``--home``; the parameter ``home`` is an absolute Path."""
json_option: Final = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
reason_option: Final = click.option("--reason", required=True, help="Why; the ledger keeps it.")
until_option: Final = click.option("--until", required=True, type=DAY, help="The last day, as 2027-01-31.")
workers_option: Final = click.option(
    "--workers", type=click.IntRange(1, 256), help="Threads [default: one for each processor]."
)
keep_unsuitable_option: Final = click.option(
    "--keep-unsuitable", is_flag=True, help="Keep photos below the suitability line, without a template."
)
