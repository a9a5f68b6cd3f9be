"""The entry point: a group whose commands are imported only when they are called."""

import importlib
import json
import sys
from typing import Any, Final

import click

from semblance import __version__
from semblance.cli.exit_codes import INTERRUPTED, USAGE, find_exit_code
from semblance.errors import ManifestError, SemblanceError
from semblance.messages.message import escape_unprintable

# the name of each command: its module, with its name there where that is not `command`, and its line of help
_COMMANDS: Final = {
    "init": ("init", "Make a node in a folder."),
    "sign-in": ("sign_in", "Sign in, so that commands act as you."),
    "sign-out": ("sign_in:sign_out", "End the session that sign-in opened."),
    "enrol": ("enrol", "Enrol photos: one, a folder, or a manifest."),
    "import": ("import_notices", "Import notices: a file, a folder, or a zip file."),
    "choose": ("enrol:choose", "Choose the one face of a photo that shows several."),
    "case": ("case", "Open cases, look at them, close them."),
    "submit": ("submit", "Submit the videos and photos of a case."),
    "follow": ("follow", "Follow the faces of a submitted video."),
    "tracks": ("follow:tracks", "Look at the tracks of a video, pick the one that is searched."),
    "search": ("search", "Search the gallery for the face in a photo."),
    "redact": ("redact", "Export a picture with everyone but the chosen face covered."),
    "report": ("report", "Make the report of an examination, and verify one."),
    "show": ("show", "Look at what the node holds."),
    "unknown": ("unknown", "Make, compare, link and name records of unknown people."),
    "record": ("record", "Write, publish, hand out and erase records."),
    "models": ("models", "List, fetch, verify and choose model packs."),
    "evaluate": ("evaluate", "Measure how often searches err, on labelled photos."),
    "calibrate": ("calibrate", "Measure what a score means in the node's own gallery."),
    "bench": ("benchmark", "Measure how fast this machine makes templates."),
    "bench-index": ("benchmark_index", "Measure how fast this machine searches."),
    "bench-node": ("benchmark_node", "Measure a whole node: enrolment, start, many clients."),
    "bench-video": ("benchmark_video", "Measure how well faces are followed through videos."),
    "bench-fill": ("benchmark_lists:fill", "Fill a node with synthetic records, for measurements."),
    "bench-lists": ("benchmark_lists", "Measure how long a filled node's lists take."),
    "bench-reconciliation": ("benchmark_reconciliation", "Measure missing against found on made-up sets."),
    "bench-standing": ("benchmark_standing", "Measure a night of standing searches on made-up people."),
    "serve": ("serve", "Serve the pages and the API on this machine."),
    "people": ("people", "Propose people and their roles, take them away."),
    "proposal": ("proposal", "Confirm or decline what waits for a second person."),
    "authority": ("authority", "Register authorities, admit and exclude them."),
    "token": ("token", "Make API tokens for programs, and revoke them."),
    "authorisation": ("authorisation", "Ask for searches to be authorised, grant it, refuse it."),
    "standing": ("standing", "Compare an unknown each night with what was enrolled since."),
    "policy": ("policy", "Read the policy, look at its versions, replace it."),
    "reconciliation": ("reconciliation", "Look at missing persons beside who was found, record outcomes."),
    "request": ("request", "Take in and answer what people ask about themselves."),
    "reminders": ("notifications:reminders", "List what ends soon, and what is overdue."),
    "notifications": ("notifications", "Look at the notifications that wait, and test how they go out."),
    "oversight": ("oversight", "Show who searches, what is refused, what waits."),
    "ledger": ("ledger", "Verify, search and hand out the log of every act."),
    "keys": ("keys", "Look at the keys that seal, and rotate the node key."),
    "index": ("models:index", "Hold an index on Milvus against the store."),
    "job": ("job", "Look at long work that goes on, and break it off."),
    "worker": ("worker", "Do what falls due, without serving anything."),
    "demo": ("demo", "Set up a demonstration, search it once, and serve it."),
}


class LazyGroup(click.Group):
    """Knows its commands by name and one line of help; the module of one is imported when it is called.

    What a command raises on purpose ends the process with one sentence and the exit code of its kind.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature is click's
        """Return the names of the commands, in the order of the work."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        """Import the command's module and return the command."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(f"semblance.cli.{module}"), name or "command")
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """List the commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])

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
