"""``semblance demo``: a demonstration node, one search of it, and its pages."""

from collections.abc import Mapping
from pathlib import Path

import click

from semblance.bootstrap.config import SETTINGS_FILE, Settings, default_demo_home, read_settings
from semblance.bootstrap.node import create_node, run_node
from semblance.cli.enrol import print_report
from semblance.cli.exit_codes import DONE, INCOMPLETE
from semblance.cli.options import FOLDER, SOURCE, json_option
from semblance.cli.output import make_table, open_console, print_document
from semblance.cli.search import print_answer
from semblance.edge.photos import EnrolDocument
from semblance.edge.searches import describe_answer
from semblance.exchange.folder import read_intake
from semblance.messages.message import Message
from semblance.server.site import run_site
from semblance.workflows.demo import demo
from semblance.workflows.demo.demo_accounts import ACCOUNTS_FILE, CAST, act_as, require_accounts
from semblance.workflows.enrolment.enrol import enrol_photos
from semblance.workflows.enrolment.enrolment_report import EnrolReport
from semblance.workflows.models.models import pull_pack


@click.command("demo")
@click.option("--home", type=FOLDER, help="The demonstration's folder [default: ~/.local/share/semblance/demo].")
@json_option
@click.option("--photos", type=SOURCE, help="Photos of your own: a folder or manifest.")
@click.option("--once", is_flag=True, help="End after the search: 0 only where the right person stands first.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port of the pages; 0 takes any free one.")
def command(home: Path | None, as_json: bool, photos: Path | None, once: bool, port: int | None) -> None:
    """Make accounts, enrol sample photos that installed packages bring, search with a changed copy, serve the pages.

    The people in the samples are public figures. Running it again uses the same node and enrols nothing twice.
    """
    settings = _open_settings(home or default_demo_home())
    own = None if photos is None else read_intake(photos)
    with run_node(settings.home) as node:
        passwords = require_accounts(node)
        if not as_json:
            _print_accounts(passwords, settings.home)
            click.echo(
                "Enrolling the sample photos. The first time, the model pack is made ready; that takes a moment."
            )
            needed = node.suitability.inter_eye_distance
            click.echo(
                f"The samples are small, so {needed:g} pixels between the eyes are enough here (60 on a real node)."
            )
        pull_pack(settings.node.pack, settings.models)
        emil = act_as(node, "emil", passwords)
        reports = [demo.enrol_samples(node, emil)]
        if own is not None:
            reports.append(enrol_photos(node, emil, own.items, terms=demo.make_sample_terms(node)))
        found = demo.search_changed_copy(node, act_as(node, "alice", passwords))
        _print(found, reports, () if own is None else own.notes, home=settings.home, as_json=as_json)
        if once:
            click.get_current_context().exit(DONE if found.right_first else INCOMPLETE)
        chosen = settings.node.serve.port if port is None else port
        run_site(node, settings, host="127.0.0.1", port=chosen, announce=lambda at: _announce(at, as_json=as_json))


def _open_settings(home: Path) -> Settings:
    home = home.expanduser().absolute()
    if not (home / SETTINGS_FILE).exists():
        line = {"inter_eye_distance": demo.LEAST_INTER_EYE_DISTANCE}
        return create_node(home, name="Demonstration", authority="FR", second_factor="offered", suitability=line)
    return read_settings(home)


def _print_accounts(passwords: Mapping[str, str], home: Path) -> None:
    rows = ((player.name, passwords.get(player.name, ""), player.authority, player.words) for player in CAST)
    open_console().print(make_table(("name", "password", "authority", "who it is"), rows))
    click.echo(f"The accounts stand in {home / ACCOUNTS_FILE}, for you alone. Sign in on the pages as any of them.")


def _print(
    found: demo.DemoSearch, reports: list[EnrolReport], notes: tuple[Message, ...], *, home: Path, as_json: bool
) -> None:
    if as_json:
        print_document(
            {
                "enrolments": [EnrolDocument.model_validate(report) for report in reports],
                "expected": found.expected,
                "right_first": found.right_first,
                "search": describe_answer(found.answer),
            }
        )
        return
    for report, remarks in zip(reports, ((), notes), strict=False):
        print_report(report, remarks, None, home=home)
    click.echo()
    click.echo(f"Searching with a smaller, darker, recompressed copy of the photo of {found.expected!r}.")
    print_answer(found.answer)
    click.echo()
    if found.right_first:
        click.echo(f"The right person stands first: {found.expected}.")
    else:
        click.echo(f"The right person does NOT stand first: {found.expected} was expected.")


def _announce(address: str, *, as_json: bool) -> None:
    if not as_json:
        click.echo(f"Serving {address}  (Ctrl-C stops)")
