"""``semblance init``: make a node in a folder."""

from pathlib import Path

import click

from semblance.bootstrap.node import create_node, run_node
from semblance.cli.options import home_option
from semblance.cli.output import Reply, answering
from semblance.cli.people import ask_first_password, make_first, require_authority_code


@click.command("init")
@home_option
@answering
@click.option("--name", help="What the node is called [default: the folder's name].")
@click.option("--authority", help="The authority whose people act here: a country code such as FR.")
@click.option("--admin", help="The login name of the first administrator; the password is asked for.")
@click.option("--pack", default="embedded", show_default=True, help="The model pack that makes the templates.")
@click.option("--store", help="The store's URL [default: SQLite in the home folder].")
def command(
    home: Path, name: str | None, authority: str | None, admin: str | None, pack: str, store: str | None
) -> Reply:
    """Make a node: a folder with its settings, its keys and its store, and its first administrator.

    A folder that holds a node already is left as it is, and the command fails.
    """
    password = ""
    if admin is not None:
        require_authority_code(authority)
        password = ask_first_password(admin)
    settings = create_node(home, name=name, authority=authority, pack=pack, store=store)
    following = "semblance people add NAME --first --authority FR"
    if admin is not None:
        with run_node(settings.home) as node:
            make_first(node, admin, authority, password)
        following = f"semblance sign-in --name {admin}"
    made = {"home": str(settings.home), "name": settings.node.name, "pack": settings.node.pack, "administrator": admin}
    return Reply(
        made,
        f"Made the node {settings.node.name!r} in {settings.home}.",
        "Its settings are in node.toml there.",
        f"{'' if admin is None else f'Its administrator is {admin}. '}Next: {following}",
    )
