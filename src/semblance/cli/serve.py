"""``semblance serve``: the pages and the API on this machine."""

import json
from pathlib import Path

import click

from semblance.bootstrap.config import read_settings
from semblance.bootstrap.node import run_node
from semblance.cli.options import home_option, json_option
from semblance.server.site import run_site


@click.command("serve")
@home_option
@json_option
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address; any other is refused.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port; 0 takes any free one.")
def command(home: Path, as_json: bool, host: str, port: int | None) -> None:
    """Serve the pages and the API to this machine until stopped with Ctrl-C."""
    settings = read_settings(home)

    def announce(address: str) -> None:
        click.echo(json.dumps({"address": address}) if as_json else f"Serving {address}  (Ctrl-C stops)")

    chosen = settings.node.serve.port if port is None else port
    with run_node(home) as node:
        run_site(node, settings, host=host, port=chosen, announce=announce)
