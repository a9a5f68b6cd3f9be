"""``semblance show``: look at what the node holds."""

from datetime import datetime
from pathlib import Path

import click
from rich.table import Table

from semblance.bootstrap.config import read_settings
from semblance.bootstrap.node import run_node
from semblance.cli.enrol import WORDS
from semblance.cli.options import home_option, json_option
from semblance.cli.output import make_facts, make_table, open_console, print_document
from semblance.cli.search import print_answer, print_faces
from semblance.edge import describe
from semblance.edge.documents import PhotoListDocument
from semblance.terms.ids import PhotoId, SearchId
from semblance.workflows.identify import read_search
from semblance.workflows.show import (
    PhotoDetail,
    describe_node,
    describe_photo,
    describe_subject,
    list_awaiting,
    list_searches,
    list_subjects,
)

_COUNTS = ("photos", "references")


@click.group("show")
def command() -> None:
    """Look at what the node holds."""


@command.command("node")
@home_option
@json_option
def show_node(home: Path, as_json: bool) -> None:
    """Show the node in numbers."""
    settings = read_settings(home)
    with run_node(home) as node:
        summary = describe_node(node)
    if as_json:
        print_document(describe.describe_summary(summary))
        return
    facts: dict[str, object] = {
        "node": summary.name,
        "home": summary.home,
        "store": summary.store,
        "pack": settings.node.pack,
        "digest of the gallery's pack": summary.gallery_pack or "none yet: no template is held",
        "purposes": ", ".join(summary.purposes),
        "subjects": summary.subjects,
        "references": summary.references,
        "photos": summary.photos,
        "photos awaiting a choice of face": summary.awaiting_choice,
        "photos kept as unsuitable": summary.kept_unsuitable,
        "probes held": summary.probes,
        "searches recorded": summary.searches,
        "gallery version": summary.gallery_version,
    }
    open_console().print(make_facts(facts))


@command.command("subjects")
@home_option
@json_option
@click.option("--text", default=None, help="Only those whose key has this text in it.")
@click.option("--after", default=None, help="Go on after this key.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
def show_subjects(home: Path, as_json: bool, text: str | None, after: str | None, limit: int) -> None:
    """List the subjects in the order of their keys."""
    with run_node(home) as node:
        page = list_subjects(node, after=after, limit=limit, text=text)
    if as_json:
        print_document(describe.describe_subject_page(page))
        return
    table = make_table("subject", *_COUNTS, "since", numbers=frozenset(_COUNTS))
    for row in page.rows:
        table.add_row(row.subject.key, str(row.photos), str(row.references), _say_moment(row.subject.created_at))
    open_console().print(table)
    if page.next_after is not None:
        click.echo(f"There are more: --after {page.next_after!r}")


@command.command("subject")
@click.argument("key")
@home_option
@json_option
def show_subject(key: str, home: Path, as_json: bool) -> None:
    """Show a subject and its photos."""
    with run_node(home) as node:
        detail = describe_subject(node, key)
        line = node.suitability
    if as_json:
        print_document(describe.describe_subject_detail(detail, line))
        return
    console = open_console()
    since = f"{_say_moment(detail.subject.created_at)} by {detail.subject.created_by}"
    console.print(make_facts({"subject": detail.subject.key, "id": detail.subject.id, "since": since}))
    console.print(_make_photo_table(detail.photos))


@command.command("waiting")
@home_option
@json_option
def show_waiting(home: Path, as_json: bool) -> None:
    """List the photos that wait for one of their faces to be chosen."""
    with run_node(home) as node:
        photos = list_awaiting(node)
        line = node.suitability
    if as_json:
        documents = tuple(describe.describe_photo_detail(photo, line) for photo in photos)
        print_document(PhotoListDocument(photos=documents))
        return
    open_console().print(_make_photo_table(photos))
    if photos:
        click.echo("Choose with: semblance choose PHOTO FACE")


@command.command("photo")
@click.argument("photo")
@home_option
@json_option
def show_photo(photo: str, home: Path, as_json: bool) -> None:
    """Show a photo of a subject, without its picture."""
    with run_node(home) as node:
        detail = describe_photo(node, PhotoId(photo))
        line = node.suitability
    if as_json:
        print_document(describe.describe_photo_detail(detail, line))
        return
    facts: dict[str, object] = {
        "photo": detail.photo,
        "subject": detail.subject_key,
        "name": detail.name,
        "outcome": WORDS[detail.status],
        "why": "; ".join(detail.reasons) or "-",
        "SHA-256": detail.facts.sha256,
        "picture": f"{detail.facts.media_type}, {detail.facts.width} x {detail.facts.height} pixels",
        "captured": detail.captured or "-",
        "source": detail.source or "-",
        "enrolled": f"{_say_moment(detail.enrolled_at)} by {detail.enrolled_by}",
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
    """List the recorded searches, newest first."""
    with run_node(home) as node:
        page = list_searches(node, after=after, limit=limit)
    if as_json:
        print_document(describe.describe_search_page(page))
        return
    table = make_table("search", "when", "person", "case", "purpose", "outcome", "candidates")
    for record in page.records:
        table.add_row(
            record.search, _say_moment(record.when), record.person, record.case, record.purpose,
            record.outcome.value, str(len(record.candidates)),
        )  # fmt: skip
    open_console().print(table)
    if page.next_after is not None:
        click.echo(f"There are more: --after {page.next_after}")


@command.command("search")
@click.argument("search")
@home_option
@json_option
def show_search(search: str, home: Path, as_json: bool) -> None:
    """Show a recorded search as it was answered then."""
    with run_node(home) as node:
        answer = read_search(node, SearchId(search))
    if as_json:
        print_document(describe.describe_answer(answer))
        return
    record = answer.record
    facts: dict[str, object] = {
        "search": record.search,
        "when": _say_moment(record.when),
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


def _make_photo_table(photos: tuple[PhotoDetail, ...]) -> Table:
    table = make_table("photo", "subject", "name", "faces", "outcome", numbers=frozenset({"faces"}))
    for photo in photos:
        table.add_row(photo.photo, photo.subject_key, photo.name, str(len(photo.faces)), WORDS[photo.status])
    return table


def _say_moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
