"""``semblance models``: list, fetch, verify and choose model packs."""

from pathlib import Path

import click
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from semblance.bootstrap.config import default_models, read_settings
from semblance.bootstrap.node import run_node
from semblance.bootstrap.packs import switch_pack
from semblance.cli.acting import require_secret
from semblance.cli.migrate_models import forget_command, migrate_command, say_switched, shadow_command
from semblance.cli.options import home_option, json_option
from semblance.cli.output import make_facts, make_table, open_console, print_document
from semblance.edge.node import PackDocument
from semblance.errors import NodeMissing
from semblance.workflows.accounts.sign_in import find_actor
from semblance.workflows.models.models import PackStatus, look_at_packs, pull_pack, require_usable_pack, verify_pack
from semblance.workflows.models.switch_pack import PackFacts, can_switch, switch_gallery


@click.group("models")
def command() -> None:
    """List, fetch, verify and choose model packs: the detectors and encoders that make templates."""


@command.command("list")
@home_option
@json_option
def list_command(home: Path, as_json: bool) -> None:
    """Show every known pack and whether its files are here."""
    models, own = find_models(home)
    packs = look_at_packs(models)
    if as_json:
        print_document({"models": str(models), "packs": [PackDocument.of(pack, own) for pack in packs]})
        return
    table = make_table("pack", "version", "state", "digest", "what it is")
    for pack in packs:
        state = "ready" if pack.usable else "files missing"
        table.add_row(
            pack.manifest.name,
            pack.manifest.version,
            f"{state}, in use" if pack.manifest.name == own else state,
            pack.manifest.digest[:12],
            pack.manifest.title,
        )
    open_console().print(table)
    click.echo(f"Models folder: {models}")


@command.command("pull")
@click.argument("name")
@home_option
@json_option
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Take the files from this folder instead of their publishers; with a pack.toml, a pack of your own.",
)
def pull_command(name: str, home: Path, as_json: bool, source: Path | None) -> None:
    """Bring a pack's files to this machine; every file is checked against its SHA-256."""
    models, own = find_models(home)
    console = open_console()
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        console=console,
        disable=as_json,
        transient=True,
    ) as progress:
        tasks = {}

        def report(file: str, here: int, total: int | None) -> None:
            if file not in tasks:
                tasks[file] = progress.add_task(file, total=total)
            progress.update(tasks[file], completed=here, total=total)

        status = pull_pack(name, models, source=source, on_progress=report)
    _show(status, own, as_json=as_json)


@command.command("verify")
@click.argument("name")
@home_option
@json_option
def verify_command(name: str, home: Path, as_json: bool) -> None:
    """Check every file of a pack against its SHA-256 and load it as a search would."""
    models, own = find_models(home)
    _show(verify_pack(name, models), own, as_json=as_json)


@command.command("use")
@click.argument("name")
@click.option("--reason", default=None, help="Why a filled gallery is searched with another pack; the ledger keeps it.")
@click.option("--leave-missing", is_flag=True, help="Switch though the pack has no template of some references.")
@home_option
@json_option
def use_command(name: str, reason: str | None, leave_missing: bool, home: Path, as_json: bool) -> None:
    """Make a pack the node's own.

    A filled gallery needs templates of it first: `semblance models migrate`. Programs that run are to be started anew.
    """
    settings = read_settings(home)
    pack = verify_pack(name, settings.models).manifest
    facts = PackFacts(pack.name, pack.digest, pack.metric, pack.dimension)
    switched = None
    with run_node(home) as node:
        if can_switch(node, pack.digest):
            if reason is None:
                raise click.UsageError("The gallery is filled: say with --reason why another pack searches it.")
            actor = find_actor(node, require_secret(home))
            switched = switch_gallery(node, actor, facts, reason=reason, leave_missing=leave_missing)
        else:
            require_usable_pack(name, settings.models, node.store)
    switch_pack(home, pack.name)
    _show(verify_pack(name, settings.models), pack.name, as_json=as_json)
    if switched is not None and not as_json:
        say_switched(switched)


command.add_command(migrate_command)
command.add_command(shadow_command)
command.add_command(forget_command)


def find_models(home: Path) -> tuple[Path, str | None]:
    """Return the models folder and the node's pack; packs can be looked at and fetched before there is a node."""
    try:
        settings = read_settings(home)
    except NodeMissing:
        return default_models(), None
    return settings.models, settings.node.pack


def _show(status: PackStatus, own: str | None, *, as_json: bool) -> None:
    if as_json:
        print_document(PackDocument.of(status, own))
        return
    pack = status.manifest
    console = open_console()
    console.print(
        make_facts(
            {
                "pack": f"{pack.name} {pack.version}" + (", in use" if pack.name == own else ""),
                "what it is": pack.title,
                "digest": pack.digest,
                "templates": f"{pack.dimension} numbers, compared by {pack.metric.value}",
                "ready": "yes" if status.usable else "no",
            }
        )
    )
    table = make_table("file", "state", "licence", "trained on")
    for file in status.files:
        table.add_row(file.file.name, file.state.value, file.file.licence, file.file.training_data)
    console.print(table)
