"""How commands speak: tables for people on a terminal, one JSON document for programs."""

from collections.abc import Callable, Collection, Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any, Final, Literal

import click
from pydantic import TypeAdapter
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from semblance.cli.exit_codes import DONE
from semblance.cli.options import json_option
from semblance.messages.message import escape_unprintable

LEAD: Final = "Every match is a lead, not an identity."


class Aside(str):
    """A line that is said on standard error, beside what was asked for."""

    __slots__ = ()


Line = str | Table | Callable[[], None]


class Reply:
    """What a command answers: a document for programs, and for people lines, tables, or what prints them itself.

    None and False among these show nothing.
    """

    def __init__(self, document: object, *lines: Line | Literal[False] | None, code: int = DONE) -> None:
        self.document = document
        self.lines = lines
        self.code = code


def answering(function: Callable[..., Reply | None]) -> Callable[..., None]:
    """Add ``--json``, print what the function replies, and end with its exit code; None leaves it to a subcommand."""

    @wraps(function)
    def run(*, as_json: bool, **values: Any) -> None:
        reply = function(**values)
        if reply is None:
            return
        if as_json:
            print_document(reply.document)
        else:
            _print(reply)
        click.get_current_context().exit(reply.code)

    return json_option(run)


def _print(reply: Reply) -> None:
    for line in reply.lines:
        if isinstance(line, Table):
            open_console().print(line)
        elif isinstance(line, str):
            say(line, err=isinstance(line, Aside))
        elif line:
            line()


def print_document(document: object) -> None:
    """Print a document, or what is one by itself, as JSON on standard output."""
    click.echo(TypeAdapter(type(document)).dump_json(document, indent=2))


def say(text: str, *, err: bool = False) -> None:
    """Print a line; what a terminal would take for a command is shown in visible escapes."""
    click.echo(escape_unprintable(text, breaks=True), err=err)


class PlainConsole(Console):
    """Shows every name as it is: never as markup, never as a command to the terminal."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Return the text with what cannot be printed in visible escapes."""
        return super().render_str(escape_unprintable(text, breaks=True), **options)


def open_console() -> Console:
    """Return a console on standard output."""
    console = PlainConsole(markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        # a file or a pipe has no width; wrapping would only break digests and paths apart
        console.width = 240
    return console


def open_progress(*columns: ProgressColumn) -> Progress:
    """Return what shows progress on a terminal, and is gone when it ends; a program that reads JSON gets none."""
    console = open_console()
    as_json = click.get_current_context().params.get("as_json", False)
    return Progress(*columns, console=console, transient=True, disable=as_json or not console.is_terminal)


@contextmanager
def draw_bar(what: str, total: int | None = None) -> Iterator[Callable[[int, int | None], None]]:
    """Show a bar for the length of a ``with`` block; what it gives is told how many are done, and of how many."""
    text = TextColumn("{task.description}")
    with open_progress(text, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done, of: progress.update(task, completed=done, total=of)


@contextmanager
def draw_stages(what: str = "starting") -> Iterator[Callable[[str], None]]:
    """Show in words what is being done for the length of a ``with`` block; what it gives is told the next stage."""
    with open_progress(SpinnerColumn(), TextColumn("{task.description}")) as progress:
        task = progress.add_task(what, total=None)
        yield lambda stage: progress.update(task, description=stage)


def say_count(count: int, one: str, many: str) -> str:
    """Return the count with the noun in its number."""
    return f"{count} {one if count == 1 else many}"


def say_damaged(names: Collection[str]) -> str | None:
    """Return a line on what a list leaves out because it was changed by hand, None where it is whole."""
    return f"Changed in the database by hand, and refused: {', '.join(names)}" if names else None


def say_minute(moment: datetime) -> str:
    """Return a moment to the minute, without saying that it is UTC."""
    return moment.strftime("%Y-%m-%d %H:%M")


def make_table(
    columns: Iterable[str],
    rows: Iterable[Iterable[object]],
    *,
    numbers: AbstractSet[str] = frozenset(),
    title: str | None = None,
) -> Table:
    """Return a plain table whose number columns are aligned to the right."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold", expand=False)
    for column in columns:
        right = column in numbers
        table.add_column(column, justify="right" if right else "left", no_wrap=right, overflow="fold")
    for row in rows:
        table.add_row(*map(str, row))
    return table


def make_facts(facts: dict[str, object]) -> Table:
    """Return a table of names and values, one a line."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in facts.items():
        table.add_row(name, Text(escape_unprintable(str(value), breaks=True)))
    return table
