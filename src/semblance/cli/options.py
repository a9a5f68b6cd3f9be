"""Options that many commands share, so that they read and behave the same everywhere."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from semblance.bootstrap.config import default_home

F = TypeVar("F", bound=Callable[..., Any])


def home_option(function: F) -> F:
    """Add ``--home``; the parameter ``home`` is an absolute Path."""
    return click.option(
        "--home",
        type=click.Path(path_type=Path, file_okay=False, readable=False),
        default=None,
        callback=lambda _ctx, _param, value: default_home() if value is None else value.expanduser().absolute(),
        help="The node's home folder [default: $SEMBLANCE_HOME, else ~/.local/share/semblance/node].",
    )(function)


def json_option(function: F) -> F:
    """Add ``--json``; the parameter ``as_json`` is a bool."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")(function)


def reason_option(function: F) -> F:
    """Add ``--reason``, which is required; the parameter ``reason`` is a str."""
    return click.option("--reason", required=True, help="Why; the ledger keeps it.")(function)


def until_option(function: F) -> F:
    """Add ``--until``, a day that is required; the parameter ``until`` is a date."""
    return click.option("--until", required=True, type=DAY, help="The last day, as 2027-01-31.")(function)


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
