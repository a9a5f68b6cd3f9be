"""How commands speak: tables for people on a terminal, one JSON document for programs."""

from typing import Any

import click
from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from semblance.messages.message import escape_unprintable

LEAD: str = "Every match is a lead, not an identity."


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


def say_count(count: int, one: str, many: str) -> str:
    """Return the count with the noun in its number."""
    return f"{count} {one if count == 1 else many}"


def make_table(*columns: str, numbers: frozenset[str] = frozenset(), title: str | None = None) -> Table:
    """Return a plain table whose number columns are aligned to the right."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold", expand=False)
    for column in columns:
        right = column in numbers
        table.add_column(column, justify="right" if right else "left", no_wrap=right, overflow="fold")
    return table


def make_facts(facts: dict[str, object]) -> Table:
    """Return a table of names and values, one a line."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in facts.items():
        table.add_row(name, Text(escape_unprintable(str(value), breaks=True)))
    return table
