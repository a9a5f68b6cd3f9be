"""The entry point: a group whose commands are imported only when they are called."""

import importlib
import importlib.util
import json
import sys
from dataclasses import dataclass
from typing import Any, Final

import click

from semblance import __version__
from semblance.cli.exit_codes import INTERRUPTED, USAGE, find_exit_code
from semblance.errors import ManifestError, SemblanceError
from semblance.messages.message import escape_unprintable


@dataclass(frozen=True, slots=True)
class _Entry:
    module: str
    summary: str


_COMMANDS: Final[dict[str, _Entry]] = {
    "init": _Entry("semblance.cli.init", "Make a node in a folder."),
    "sign-in": _Entry("semblance.cli.sign_in", "Sign in, so that commands act as you."),
    "sign-out": _Entry("semblance.cli.sign_out", "End the session that sign-in opened."),
    "enrol": _Entry("semblance.cli.enrol", "Enrol photos: one, a folder, or a manifest."),
    "import": _Entry("semblance.cli.import_notices", "Import notices: a file, a folder, or a zip file."),
    "choose": _Entry("semblance.cli.choose", "Choose the one face of a photo that shows several."),
    "case": _Entry("semblance.cli.case", "Open cases, look at them, close them."),
    "search": _Entry("semblance.cli.search", "Search the gallery for the face in a photo."),
    "report": _Entry("semblance.cli.report", "Make the report of an examination, and verify one."),
    "show": _Entry("semblance.cli.show", "Look at what the node holds."),
    "record": _Entry("semblance.cli.record", "Write, publish, hand out and erase records."),
    "models": _Entry("semblance.cli.models", "List, fetch, verify and choose model packs."),
    "evaluate": _Entry("semblance.cli.evaluate", "Measure how often searches err, on labelled photos."),
    "calibrate": _Entry("semblance.cli.calibrate", "Measure what a score means in the node's own gallery."),
    "bench": _Entry("semblance.cli.benchmark", "Measure how fast this machine makes templates."),
    "bench-index": _Entry("semblance.cli.benchmark_index", "Measure how fast this machine searches."),
    "bench-node": _Entry("semblance.cli.benchmark_node", "Measure a whole node: enrolment, start, many clients."),
    "bench-fill": _Entry("semblance.cli.benchmark_fill", "Fill a node with synthetic records, for measurements."),
    "bench-lists": _Entry("semblance.cli.benchmark_lists", "Measure how long a filled node's lists take."),
    "serve": _Entry("semblance.cli.serve", "Serve the pages and the API on this machine."),
    "people": _Entry("semblance.cli.people", "Add people, give them roles, let them in again."),
    "authority": _Entry("semblance.cli.authority", "Register authorities, admit and exclude them."),
    "token": _Entry("semblance.cli.token", "Make API tokens for programs, and revoke them."),
    "authorisation": _Entry("semblance.cli.authorisation", "Ask for searches to be authorised, grant it, refuse it."),
    "policy": _Entry("semblance.cli.policy", "Read the policy, look at its versions, replace it."),
    "request": _Entry("semblance.cli.request", "Take in and answer what people ask about themselves."),
    "reminders": _Entry("semblance.cli.reminders", "List what ends soon, and what is overdue."),
    "notifications": _Entry(
        "semblance.cli.notifications", "Look at the notifications that wait, and test how they go out."
    ),
    "oversight": _Entry("semblance.cli.oversight", "Show who searches, what is refused, what waits."),
    "ledger": _Entry("semblance.cli.ledger", "Verify, search and hand out the log of every act."),
    "keys": _Entry("semblance.cli.keys", "Look at the keys that seal, and rotate the node key."),
    "index": _Entry("semblance.cli.index", "Hold an index on Milvus against the store."),
    "worker": _Entry("semblance.cli.worker", "Do what falls due, without serving anything."),
    "demo": _Entry("semblance.cli.demo", "Set up a demonstration, search it once, and serve it."),
}


class LazyGroup(click.Group):
    """Knows its commands by name and one line of help; the module of one is imported when it is called.

    What a command raises on purpose ends the process with one sentence and the exit code of its kind.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature is click's
        """Return the commands whose modules are installed, in the order of the work."""
        return [name for name, entry in _COMMANDS.items() if importlib.util.find_spec(entry.module) is not None]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and return its ``command``."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(_COMMANDS[cmd_name].module).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name].summary) for name in self.list_commands(ctx)])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Note whether a program is reading, so that errors speak its language wherever they arise."""
        ctx.meta["semblance.json"] = "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; end with a sentence, or a JSON object, where it raises an error made for people."""
        as_json = bool(ctx.meta["semblance.json"])
        try:
            return super().invoke(ctx)
        except SemblanceError as error:
            _print_error(error, as_json=as_json)
            ctx.exit(find_exit_code(error))
        except click.UsageError as error:
            if not as_json:
                raise
            _print_error(_Usage("operator.usage", "{fault}", fault=error.format_message()), as_json=True)
            ctx.exit(USAGE)
        except KeyboardInterrupt:
            _print_error(_Interrupted("operator.interrupted", "Stopped. Nothing half-done was kept."), as_json=as_json)
            ctx.exit(INTERRUPTED)


class _Usage(SemblanceError):
    code = "usage"


class _Interrupted(SemblanceError):
    code = "interrupted"


def _print_error(error: SemblanceError, *, as_json: bool) -> None:
    if as_json:
        from semblance.edge.document import ErrorDocument

        document = ErrorDocument.of(error)
        click.echo(json.dumps(document.model_dump(mode="json", exclude_none=True), ensure_ascii=False), err=True)
        return
    # a name in the sentence may hold what a terminal takes for commands
    click.echo(escape_unprintable(str(error), breaks=True), err=True)
    for problem in map(str, error.problems if isinstance(error, ManifestError) else ()):
        if problem not in str(error):
            click.echo(f"  - {escape_unprintable(problem)}", err=True)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="semblance")
def cli() -> None:
    """Find the likeness of a face among records that are held under law.

    Every match is a lead, not an identity.
    """


def main() -> None:
    """Run the command line; the exit codes stand in docs/cli.md."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            # a terminal that cannot show a name shows a placeholder; the command goes on
            reconfigure(errors="backslashreplace")
    cli(prog_name="semblance")


if __name__ == "__main__":
    main()
