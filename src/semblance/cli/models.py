"""``semblance models`` and ``index``: model packs, and an index that is elsewhere."""

from pathlib import Path

import click
from rich.progress import BarColumn, DownloadColumn, TaskID, TextColumn
from rich.table import Table

from semblance.bootstrap.config import default_models, read_settings
from semblance.bootstrap.node import run_node
from semblance.bootstrap.packs import switch_pack
from semblance.cli.acting import acting, require_secret
from semblance.cli.exit_codes import DONE, INCOMPLETE
from semblance.cli.migrate_models import forget_command, migrate_command, say_switched, shadow_command
from semblance.cli.options import FOLDER, home_option
from semblance.cli.output import Reply, answering, draw_stages, make_facts, make_table, open_progress
from semblance.edge.node import PackDocument
from semblance.errors import NodeMissing
from semblance.node.node import Node
from semblance.terms.permission import Actor
from semblance.workflows.accounts.sign_in import find_actor
from semblance.workflows.models.models import PackStatus, look_at_packs, pull_pack, require_usable_pack, verify_pack
from semblance.workflows.models.switch_pack import can_switch, check_index, switch_gallery


@click.group("models")
def command() -> None:
    """List, fetch, verify and choose model packs: the detectors and encoders that make templates."""


@command.command("list")
@home_option
@answering
def list_command(home: Path) -> Reply:
    """Show every known pack and whether its files are here."""
    models, own = find_models(home)
    packs = look_at_packs(models)
    rows = (
        (
            pack.manifest.name,
            pack.manifest.version,
            f"{'ready' if pack.usable else 'files missing'}{', in use' if pack.manifest.name == own else ''}",
            pack.manifest.digest[:12],
            pack.manifest.title,
        )
        for pack in packs
    )
    return Reply(
        {"models": str(models), "packs": [PackDocument.of(pack, own) for pack in packs]},
        make_table(("pack", "version", "state", "digest", "what it is"), rows),
        f"Models folder: {models}",
    )


@command.command("pull")
@click.argument("name")
@home_option
@answering
@click.option(
    "--from",
    "source",
    type=FOLDER,
    help="Take the files from this folder instead of their publishers; with a pack.toml, a pack of your own.",
)
def pull_command(name: str, home: Path, source: Path | None) -> Reply:
    """Bring a pack's files to this machine; every file is checked against its SHA-256."""
    models, own = find_models(home)
    tasks: dict[str, TaskID] = {}
    with open_progress(TextColumn("{task.description}"), BarColumn(), DownloadColumn()) as progress:

        def report(file: str, here: int, total: int | None) -> None:
            if file not in tasks:
                tasks[file] = progress.add_task(file, total=total)
            progress.update(tasks[file], completed=here, total=total)

        return _reply(pull_pack(name, models, source=source, on_progress=report), own)


@command.command("verify")
@click.argument("name")
@home_option
@answering
def verify_command(name: str, home: Path) -> Reply:
    """Check every file of a pack against its SHA-256 and load it as a search would."""
    models, own = find_models(home)
    return _reply(verify_pack(name, models), own)


@command.command("use")
@click.argument("name")
@click.option("--reason", help="Why a filled gallery is searched with another pack; the ledger keeps it.")
@click.option("--leave-missing", is_flag=True, help="Switch though the pack has no template of some references.")
@home_option
@answering
def use_command(name: str, reason: str | None, leave_missing: bool, home: Path) -> Reply:
    """Make a pack the node's own.

    A filled gallery needs templates of it first: `semblance models migrate`. Programs that run are to be started anew.
    """
    settings = read_settings(home)
    pack = verify_pack(name, settings.models).manifest
    words: list[str] = []
    with run_node(home) as node:
        if can_switch(node, pack.digest):
            if reason is None:
                raise click.UsageError("The gallery is filled: say with --reason why another pack searches it.")
            actor = find_actor(node, require_secret(home))
            words += say_switched(switch_gallery(node, actor, pack, reason=reason, leave_missing=leave_missing))
        else:
            require_usable_pack(name, settings.models, node.store)
    switch_pack(home, pack.name)
    return _reply(verify_pack(name, settings.models), pack.name, *words)


command.add_command(migrate_command)
command.add_command(shadow_command)
command.add_command(forget_command)


@click.group("index")
def index() -> None:
    """Look after the index that searches use."""


@index.command("check")
@click.option("--repair", is_flag=True, help="Bring the index to what the store holds.")
@acting
def check_command(node: Node, actor: Actor, repair: bool) -> Reply:
    """Compare an index on Milvus with the store, row by row: what it lacks, what it should not hold, what is old."""
    with draw_stages("comparing") as tell:
        found = check_index(node, actor, repair=repair, on_progress=lambda looked: tell(f"comparing: {looked} rows"))
    facts: Table | None = make_facts(
        {
            "references in the store": found.references,
            "missing in the index": found.missing,
            "stray, not in the store": found.stray,
            "stale": found.stale,
        }
    )
    if not found.elsewhere:
        facts = None
        words = "The index is in memory: it is made of the store at each start, and there is nothing to compare."
    elif found.repaired:
        words = "The index was repaired. Earlier searches may have missed somebody, or shown an old state."
    elif found.agrees:
        words = "The index holds what the store holds, and nothing else."
    else:
        words = "The index differs from the store. `semblance index check --repair` repairs it."
    return Reply(found, facts, words, code=DONE if found.agrees or found.repaired else INCOMPLETE)


def find_models(home: Path) -> tuple[Path, str | None]:
    """Return the models folder and the node's pack; packs can be looked at and fetched before there is a node."""
    try:
        settings = read_settings(home)
    except NodeMissing:
        return default_models(), None
    return settings.models, settings.node.pack


def _reply(status: PackStatus, own: str | None, *words: str) -> Reply:
    pack = status.manifest
    facts = make_facts(
        {
            "pack": f"{pack.name} {pack.version}" + (", in use" if pack.name == own else ""),
            "what it is": pack.title,
            "digest": pack.digest,
            "templates": f"{pack.dimension} numbers, compared by {pack.metric}",
            "ready": "yes" if status.usable else "no",
        }
    )
    files = ((file.file.name, file.state, file.file.licence, file.file.training_data) for file in status.files)
    table = make_table(("file", "state", "licence", "trained on"), files)
    return Reply(PackDocument.of(status, own), facts, table, *words)
