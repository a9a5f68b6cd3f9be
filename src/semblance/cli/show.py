"""``semblance show``: look at what the node holds."""

from functools import partial
from pathlib import Path

import click

from semblance.bootstrap.config import read_settings
from semblance.cli.acting import acting, run_as
from semblance.cli.options import home_option
from semblance.cli.output import Reply, answering, make_facts, make_table, say_minute
from semblance.cli.photo_table import WORDS, make_face_table, make_photo_table, say_notes, say_source
from semblance.cli.search import print_answer
from semblance.edge.photos import PhotoDocument
from semblance.edge.searches import describe_answer, describe_search_page
from semblance.node.node import Node
from semblance.terms.ids import PhotoId, SearchId
from semblance.terms.permission import Action, Actor
from semblance.workflows.oversight.oversight import describe_node
from semblance.workflows.permission import ask
from semblance.workflows.records.read_record import describe_photo, list_awaiting
from semblance.workflows.search.search_answer import list_searches, read_search


@click.group("show")
def command() -> None:
    """Look at what the node holds; `semblance record list` lists the records."""


@command.command("node")
@home_option
@answering
def show_node(home: Path) -> Reply:
    """Show the node in numbers; records that are not open to your authority are in none of them."""
    settings = read_settings(home)
    with run_as(home) as (node, actor):
        ask(node, actor, Action.POLICY_READ)
        summary = describe_node(node, actor)
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
        "people with roles kept apart": summary.people_with_joined_roles,
        "two administrators can act": "yes" if summary.two_administrators else "no",
    }
    return Reply(summary, make_facts(facts))


@command.command("waiting")
@acting
def show_waiting(node: Node, actor: Actor) -> Reply:
    """List your authority's photos that wait for one of their faces to be chosen."""
    photos = list_awaiting(node, actor)
    return Reply(
        {"photos": [PhotoDocument.model_validate(photo, context=node.suitability) for photo in photos]},
        make_photo_table(photos),
        bool(photos) and "Choose with: semblance choose PHOTO FACE",
    )


@command.command("photo")
@click.argument("photo")
@acting
def show_photo(node: Node, actor: Actor, photo: str) -> Reply:
    """Show a photo of a record, without its picture."""
    detail = describe_photo(node, actor, PhotoId(photo))
    facts: dict[str, object] = {
        "photo": detail.id,
        "record": detail.subject,
        "name": detail.name,
        "outcome": WORDS[detail.status],
        "why": "; ".join(map(str, detail.reasons)) or "-",
        "SHA-256": detail.facts.sha256,
        "picture": f"{detail.facts.media_type}, {detail.facts.width} x {detail.facts.height} pixels",
        "noted": say_notes(detail.facts),
        "captured": detail.captured or "-",
        "source": say_source(detail.source),
        "note": detail.note or "-",
        "enrolled": f"{say_minute(detail.enrolled_at)} UTC by {detail.enrolled_by}",
        "face that is the reference": "none" if detail.chosen is None else detail.chosen,
    }
    document = PhotoDocument.model_validate(detail, context=node.suitability)
    return Reply(document, make_facts(facts), make_face_table(detail.faces))


@command.command("searches")
@acting
@click.option("--after", type=int, help="Go on after this number.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
def show_searches(node: Node, actor: Actor, after: int | None, limit: int) -> Reply:
    """List the recorded searches of your authority, newest first."""
    page = list_searches(node, actor, after=after, limit=limit)
    document = describe_search_page(page)
    rows = (
        (
            record.search,
            f"{say_minute(record.when)} UTC",
            record.person,
            record.case,
            record.purpose,
            record.outcome,
            "-" if record.candidate_count is None else record.candidate_count,
        )
        for record in document.searches
    )
    return Reply(
        document,
        make_table(("search", "when", "person", "case", "purpose", "outcome", "candidates"), rows),
        page.next_after is not None and f"There are more: --after {page.next_after}",
    )


@command.command("search")
@click.argument("search")
@acting
def show_search(node: Node, actor: Actor, search: str) -> Reply:
    """Show a recorded search as it was answered then."""
    answer = read_search(node, actor, SearchId(search))
    record = answer.record
    facts: dict[str, object] = {
        "search": record.search,
        "when": f"{say_minute(record.when)} UTC",
        "person": record.person,
        "case": record.case,
        "purpose": record.purpose,
        "reason": record.reason,
        "probe": f"{record.probe_name} (SHA-256 {record.probe_sha256})",
        "outcome": record.outcome if record.refusal is None else f"{record.outcome}: {record.refusal}",
    }
    return Reply(describe_answer(answer), make_facts(facts), record.refusal is None and partial(print_answer, answer))
