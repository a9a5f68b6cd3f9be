"""``semblance init``: make a node in a folder."""

from pathlib import Path

import click

from semblance.bootstrap.node import create_node, run_node
from semblance.cli.first_person import ask_first_password, make_first, require_authority_code
from semblance.cli.options import home_option, json_option
from semblance.cli.output import print_document


@click.command("init")
@home_option
@json_option
@click.option("--name", default=None, help="What the node is called [default: the folder's name].")
@click.option("--authority", default=None, help="The authority whose people act here: a country code such as FR.")
@click.option("--admin", default=None, help="The login name of the first administrator; the password is asked for.")
@click.option("--pack", default="embedded", show_default=True, help="The model pack that makes the templates.")
@click.option("--store", default=None, help="The store's URL [default: SQLite in the home folder].")
def command(
    home: Path, as_json: bool, name: str | None, authority: str | None, admin: str | None, pack: str, store: str | None
) -> None:
    """Make a node: a folder with its settings, its keys and its store, and its first administrator.

    A folder that holds a node already is left as it is, and the command fails.
    """
    password = ""
    if admin is not None:
        require_authority_code(authority)
        password = ask_first_password(admin)
    settings = create_node(home, name=name, authority=authority, pack=pack, store=store)
    if admin is not None:
        with run_node(settings.home) as node:
            make_first(node, admin, authority, password)
    if as_json:
        made = {"home": str(settings.home), "name": settings.node.name, "pack": settings.node.pack}
        print_document({**made, "administrator": admin})
        return
    click.echo(f"Made the node {settings.node.name!r} in {settings.home}.")
    click.echo("Its settings are in node.toml there.")
    if admin is None:
        click.echo("Next: semblance people add NAME --first --authority FR")
    else:
        click.echo(f"Its administrator is {admin}. Next: semblance sign-in --name {admin}")
