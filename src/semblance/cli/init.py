"""``semblance init``: make a node in a folder."""

from pathlib import Path

import click

from semblance.bootstrap.node import create_node, run_node
from semblance.cli.options import home_option
from semblance.cli.output import Reply, answering
from semblance.cli.people import ask_first_password, make_first, require_authority_code, require_name
from semblance.people.passwords import make_password

ADMINISTRATORS = 2


@click.command("init")
@home_option
@answering
@click.option("--name", help="What the node is called [default: the folder's name].")
@click.option("--authority", help="The authority whose people act here: a country code such as FR.")
@click.option(
    "--admin",
    "admins",
    multiple=True,
    help="The login name of an administrator, given twice: of the first the password is asked for.",
)
@click.option("--pack", default="embedded", show_default=True, help="The model pack that makes the templates.")
@click.option("--store", help="The store's URL [default: SQLite in the home folder].")
def command(
    home: Path, name: str | None, authority: str | None, admins: tuple[str, ...], pack: str, store: str | None
) -> Reply:
    """Make a node: a folder with its settings, its keys and its store, and its two administrators.

    A folder that holds a node already is left as it is, and the command fails. The second administrator's password is
    printed this once, and must be changed at the first sign-in.
    """
    if admins and len(set(admins)) != ADMINISTRATORS:
        raise click.UsageError("A node has two administrators, who confirm what the other proposes: --admin twice.")
    passwords: dict[str, str] = {}
    if admins:
        require_authority_code(authority)
        require_name(admins[1])
        passwords = {admins[0]: ask_first_password(admins[0]), admins[1]: make_password()}
    settings = create_node(home, name=name, authority=authority, pack=pack, store=store)
    if admins:
        with run_node(settings.home) as node:
            for place, admin in enumerate(admins):
                make_first(node, admin, authority, passwords[admin], must_change=place > 0)
    following = (
        f"semblance sign-in --name {admins[0]}" if admins else "semblance people add NAME --first --authority FR"
    )
    made = {
        "home": str(settings.home),
        "name": settings.node.name,
        "pack": settings.node.pack,
        "administrators": list(admins),
        "password": passwords[admins[1]] if admins else None,
    }
    return Reply(
        made,
        f"Made the node {settings.node.name!r} in {settings.home}.",
        "Its settings are in node.toml there.",
        bool(admins) and f"The password of {admins[1]} for the first sign-in, shown this once: {passwords[admins[1]]}",
        f"{'Its administrators are ' + ' and '.join(admins) + '. ' if admins else ''}Next: {following}",
    )
