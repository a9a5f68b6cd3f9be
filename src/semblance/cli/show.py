"""``semblance show``: look at what the node holds."""

from pathlib import Path

import click

from semblance.bootstrap.config import read_settings
from semblance.cli.acting import run_as
from semblance.cli.enrol import WORDS
from semblance.cli.options import home_option, json_option
from semblance.cli.output import make_facts, make_table, open_console, print_document
from semblance.cli.photo_table import make_photo_table, print_faces, say_source
from semblance.cli.record_facts import say_moment
from semblance.cli.search import print_answer
from semblance.edge.photos import PhotoDocument
from semblance.edge.searches import describe_answer, describe_search_page
from semblance.terms.ids import PhotoId, SearchId
from semblance.terms.permission import Action
from semblance.workflows.oversight.node_summary import describe_node
from semblance.workflows.permission import ask
from semblance.workflows.records.read_record import describe_photo, list_awaiting
from semblance.workflows.search.search_answer import list_searches, read_search


@click.group("show")
def command() -> None:
    """Look at what the node holds; `semblance record list` lists the records."""


@command.command("node")
@home_option
@json_option
def show_node(home: Path, as_json: bool) -> None:
    """Show the node in numbers; records that are not open to your authority are in none of them."""
    settings = read_settings(home)
    with run_as(home) as (node, actor):
        ask(node, actor, Action.POLICY_READ)
        summary = describe_node(node, actor)
    if as_json:
        print_document(summary)
        return
    facts: dict[str, object] = {
        "node": summary.name,
        "home": home,
        "store": summary.store,
        "pack": settings.node.pack,
        "digest of the gallery's pack": summary.gallery_pack or "none yet: no template is held",
        "purposes": ", ".join(summary.purposes),
        "records": summary.records,
        "records that are active": summary.active,
        "references": summary.references,
        "photos": summary.photos,
        "photos awaiting a choice of face": summary.awaiting_choice,
        "photos kept as unsuitable": summary.kept_unsuitable,
        "searches of your authority": summary.searches,
    }
    open_console().print(make_facts(facts))


@command.command("waiting")
@home_option
@json_option
def show_waiting(home: Path, as_json: bool) -> None:
    """List your authority's photos that wait for one of their faces to be chosen."""
    with run_as(home) as (node, actor):
        photos = list_awaiting(node, actor)
        line = node.suitability
    if as_json:
        print_document({"photos": [PhotoDocument.model_validate(photo, context=line) for photo in photos]})
        return
    open_console().print(make_photo_table(photos))
    if photos:
        click.echo("Choose with: semblance choose PHOTO FACE")


@command.command("photo")
@click.argument("photo")
@home_option
@json_option
def show_photo(photo: str, home: Path, as_json: bool) -> None:
    """Show a photo of a record, without its picture."""
    with run_as(home) as (node, actor):
        detail = describe_photo(node, actor, PhotoId(photo))
        line = node.suitability
    if as_json:
        print_document(PhotoDocument.model_validate(detail, context=line))
        return
    facts: dict[str, object] = {
        "photo": detail.id,
        "record": detail.subject,
        "name": detail.name,
        "outcome": WORDS[detail.status],
        "why": "; ".join(map(str, detail.reasons)) or "-",
        "SHA-256": detail.facts.sha256,
        "picture": f"{detail.facts.media_type}, {detail.facts.width} x {detail.facts.height} pixels",
        "captured": detail.captured or "-",
        "source": say_source(detail.source),
        "note": detail.note or "-",
        "enrolled": f"{say_moment(detail.enrolled_at)} by {detail.enrolled_by}",
        "face that is the reference": "none" if detail.chosen is None else detail.chosen,
    }
    open_console().print(make_facts(facts))
    print_faces(detail.faces)


@command.command("searches")
@home_option
@json_option
@click.option("--after", type=int, default=None, help="Go on after this number.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
def show_searches(home: Path, as_json: bool, after: int | None, limit: int) -> None:
    """List the recorded searches of your authority, newest first."""
    with run_as(home) as (node, actor):
        page = list_searches(node, actor, after=after, limit=limit)
    if as_json:
        print_document(describe_search_page(page))
        return
    table = make_table("search", "when", "person", "case", "purpose", "outcome", "candidates")
    for record in page.records:
        table.add_row(
            record.search,
            say_moment(record.when),
            record.person,
            record.case,
            record.purpose,
            record.outcome.value,
            str(len(record.candidates)),
        )
    open_console().print(table)
    if page.next_after is not None:
        click.echo(f"There are more: --after {page.next_after}")


@command.command("search")
@click.argument("search")
@home_option
@json_option
def show_search(search: str, home: Path, as_json: bool) -> None:
    """Show a recorded search as it was answered then."""
    with run_as(home) as (node, actor):
        answer = read_search(node, actor, SearchId(search))
    if as_json:
        print_document(describe_answer(answer))
        return
    record = answer.record
    facts: dict[str, object] = {
        "search": record.search,
        "when": say_moment(record.when),
        "person": record.person,
        "case": record.case,
        "purpose": record.purpose,
        "reason": record.reason,
        "probe": f"{record.probe_name} (SHA-256 {record.probe_sha256})",
        "outcome": record.outcome.value if record.refusal is None else f"{record.outcome.value}: {record.refusal}",
    }
    open_console().print(make_facts(facts))
    if record.refusal is None:
        print_answer(answer)
