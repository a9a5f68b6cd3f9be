"""``semblance init``: make a node in a folder."""

from pathlib import Path

import click

from semblance.bootstrap.node import create_node
from semblance.cli.options import home_option, json_option
from semblance.cli.output import print_document
from semblance.edge.documents import InitDocument
from semblance.terms.purpose import Purpose


@click.command("init")
@home_option
@json_option
@click.option("--name", default=None, help="What the node is called [default: the folder's name].")
@click.option("--authority", default=None, help="The authority whose people act here, as the ledger calls it.")
@click.option("--pack", default="embedded", show_default=True, help="The model pack that makes the templates.")
@click.option("--store", default=None, help="The store's URL [default: SQLite in the home folder].")
@click.option(
    "--purpose",
    "purposes",
    multiple=True,
    type=click.Choice([purpose.value for purpose in Purpose]),
    help="A purpose that searches may have here; may be given several times [default: all but demonstration].",
)
def command(
    home: Path,
    as_json: bool,
    name: str | None,
    authority: str | None,
    pack: str,
    store: str | None,
    purposes: tuple[str, ...],
) -> None:
    """Make a node: a folder with its settings and its store.

    A folder that holds a node already is left as it is, and the command fails.
    """
    settings = create_node(home, name=name, authority=authority, pack=pack, store=store, purposes=purposes or None)
    if as_json:
        print_document(
            InitDocument(
                home=str(settings.home),
                name=settings.node.name,
                pack=settings.node.pack,
                purposes=settings.node.purposes,
            )
        )
        return
    click.echo(f"Made the node {settings.node.name!r} in {settings.home}.")
    click.echo("Its settings are in node.toml there. Next: semblance enrol PHOTOS --person YOU")
