"""README and docs say what is there: every route, every command with its options, every link."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import click
import pytest

from semblance.api.app import make_api
from semblance.cli.main import cli
from semblance.node.node import Node

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *ROOT.glob("C*.md"), *ROOT.glob("S*.md")])
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


def _read_routes(page: str) -> Iterator[str]:
    """Give each `METHOD /path` of the table; `…/last` stands for the path before with another last part."""
    for row in re.findall(r"^\| (`[^|]+`) \|", page, re.MULTILINE):
        waiting: list[str] = []
        methods, path = waiting, ""
        for part in re.findall(r"`([^`]+)`", row):
            if part in METHODS:
                waiting.append(part)
                continue
            if part.startswith("…"):
                path = path.rpartition("/")[0] + part[1:]
            else:
                method, _space, path = part.partition(" ")
                methods, waiting = [*waiting, method], []
            yield from (f"{method} {path}" for method in methods)


def test_the_page_of_the_api_names_every_route_and_no_other() -> None:
    operations = make_api(cast("Node", None)).openapi()["paths"]
    there = {f"{method.upper()} {path}" for path, found in operations.items() for method in found}
    named = set(_read_routes((ROOT / "docs" / "api.md").read_text(encoding="utf-8")))
    assert (there - named, named - there) == (set(), set())


def _walk(
    command: click.Command, context: click.Context, *path: str
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from _walk(inner, context, *path, name)


COMMANDS = dict(_walk(cli, click.Context(cli)))


@pytest.mark.parametrize("name", sorted({path[0] for path in COMMANDS if path}))
def test_the_page_of_a_command_names_its_options_and_no_others(name: str) -> None:
    page = (ROOT / "docs" / "commands" / f"{name}.md").read_text(encoding="utf-8")
    assert f"commands/{name}.md" in (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    inside = {path: command for path, command in COMMANDS.items() if path[:1] == (name,)}
    options = {
        option
        for command in inside.values()
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.hidden
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("--")
    }
    everywhere = {"--home", "--json"}
    assert {option for option in options - everywhere if option not in page} == set()
    assert {path for path in inside if path[-1] not in page} == set()


def _called(page: str) -> Iterator[str]:
    """Give each command line that a page shows, whole."""
    for block in re.findall(r"^```(?:sh|console)?\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
        yield from re.findall(r"^(?:\$ )?semblance ([^\n]+)", block.replace("\\\n", " "), re.MULTILINE)
    yield from re.findall(r"`semblance ([^`\n]+)`", page)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_command_line_on_a_page_can_be_typed(path: Path) -> None:
    wrong = []
    for line in _called(path.read_text(encoding="utf-8")):
        words = line.partition("#")[0].split()
        found: tuple[str, ...] = ()
        for word in words:
            if (*found, word) not in COMMANDS:
                break
            found = (*found, word)
        command = COMMANDS[found]
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        named = set(re.findall(r"(?<=\s)--[a-z][a-z-]*", line.partition("#")[0]))
        is_pattern = words[:1] in (["COMMAND"], ["--version"]) or "…" in line
        if (not found and not is_pattern) or named - known - {"--help", "--version"}:
            wrong.append((line, sorted(named - known)))
    assert wrong == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_link_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    broken = [link for link in links if "://" not in link and not (path.parent / link).exists()]
    assert broken == []
