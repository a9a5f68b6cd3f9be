"""``semblance request``: what people ask about themselves, and how they are answered."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import click

from semblance.cli.acting import acting, run_as
from semblance.cli.options import DAY, FILE, Member, home_option, reason_option
from semblance.cli.output import Aside, Reply, answering, make_facts, make_table, say_count
from semblance.edge import requests as documents
from semblance.errors import IntakeError
from semblance.gallery.request import AccessPart, RequestDraft, RequestKind, Withheld
from semblance.node.node import Node
from semblance.terms.ids import RequestId, SubjectId
from semblance.terms.permission import Actor
from semblance.workflows.data_subjects import answer_request, requests
from semblance.workflows.data_subjects.access_file import make_access_file
from semblance.workflows.data_subjects.answer_request import Answered
from semblance.workflows.data_subjects.requests import Received, RequestRow
from semblance.workflows.records.read_record import find_record_id


@click.group("request")
def command() -> None:
    """Take in and answer what people ask about themselves."""


@command.command("receive")
@click.option("--kind", type=Member(RequestKind), required=True, help="What is asked for.")
@click.option("--from", "asker", required=True, help="Who asks, and where they are answered.")
@click.option("--whom", default="", help="Whom it is about, in the words of who asks.")
@click.option("--what", default="", help="What is wrong, or what is wanted.")
@click.option("--record", "numbers", multiple=True, help="A record that it is about; may be given several times.")
@click.option("--received-on", type=DAY, help="The day on which it came in [default: today].")
@acting
def receive(node: Node, actor: Actor, numbers: tuple[str, ...], received_on: date | None, **draft: Any) -> Reply:
    """Take in a request; its deadline runs from the day on which it came in.

    A dispute takes its records out of every search at once.
    """
    day = received_on or node.clock().date()
    asked = RequestDraft(received_on=day, records=_find_records(node, actor, numbers), **draft)
    received = requests.receive_request(node, actor, asked)
    request = received.request
    words = f"Taken in as {request.id}; answer it by {request.due_on}."
    return Reply(documents.describe_received(received), words, *_say_blocked(received))


@command.command("list")
@click.option("--decided", is_flag=True, help="Those that were answered or declined.")
@click.option("--after", help="Go on after this request.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="The most requests listed.")
@acting
def list_all(node: Node, actor: Actor, decided: bool, after: str | None, limit: int) -> Reply:
    """List the requests that wait for their answer, the most urgent first."""
    last = None if after is None else RequestId(after)
    page = requests.list_requests(node, actor, decided=decided, after=last, limit=limit)
    document = documents.describe_requests(page)
    if not page.rows:
        return Reply(document, "No request was decided yet." if decided else "No request waits for its answer.")
    rows = (
        (
            row.request.id,
            row.request.kind,
            row.request.draft.asker.partition("\n")[0],
            row.request.draft.received_on,
            row.request.due_on,
            _say_days(row),
            row.request.state,
            len(row.request.about),
        )
        for row in page.rows
    )
    table = make_table(("request", "kind", "from", "received", "due", "days left", "state", "records"), rows)
    more = f"More: semblance request list{' --decided' if decided else ''} --after {page.next_after}"
    return Reply(document, table, None if page.next_after is None else more)


@command.command("show")
@click.argument("request")
@acting
def show(node: Node, actor: Actor, request: str) -> Reply:
    """Show one request."""
    detail = requests.read_request(node, actor, RequestId(request))
    found = detail.row.request
    facts: dict[str, object] = {
        "kind": found.kind,
        "state": found.state,
        "from": found.draft.asker,
        "about": found.draft.whom,
        "asked": found.draft.what,
        "received": found.draft.received_on,
        "due": f"{found.due_on} {_say_days(detail.row)}".strip(),
        "taken in by": f"{found.taken_by} of {found.referred_by or found.authority}",
        "referred to": found.referred_to,
        "records": "\n".join(detail.numbers.get(about.subject, f"{about.subject} (erased)") for about in found.about),
        "handed out": "" if found.told_in is None else f"entry {found.told_in} of the ledger",
        "withheld": "\n".join(f"{kept.part}: {kept.law}" for kept in found.withheld),
        "decided by": found.decided_by,
        "answer": found.reason,
        "erased": ", ".join(f"entry {about.erased_in}" for about in found.about if about.erased_in is not None),
        "corrected": ", ".join(f"version {about.corrected}" for about in found.about if about.corrected is not None),
    }
    table = make_facts({name: value for name, value in facts.items() if value not in ("", None)})
    return Reply(documents.describe_request_detail(detail), table)


@command.command("link")
@click.argument("request")
@click.option("--record", "numbers", multiple=True, help="A record that the request is about.")
@click.option("--not-record", "gone", multiple=True, help="A record that it is not about.")
@home_option
@answering
def link(request: str, numbers: tuple[str, ...], gone: tuple[str, ...], home: Path) -> Reply:
    """Say which records a request is about; those of a dispute are taken out of every search at once."""
    if not numbers and not gone:
        raise click.UsageError("Name a record with --record, or one that was linked wrongly with --not-record.")
    with run_as(home) as (node, actor):
        add, remove = _find_records(node, actor, numbers), _find_records(node, actor, gone)
        received = requests.link_records(node, actor, RequestId(request), add=add, remove=remove)
    words = f"The request is about {say_count(len(received.request.about), 'record', 'records')} now."
    return Reply(documents.describe_received(received), words, *_say_blocked(received))


@command.command("access-file")
@click.argument("request")
@click.argument("file", type=FILE)
@click.option(
    "--withhold",
    nargs=2,
    multiple=True,
    type=click.Tuple([Member(AccessPart), str]),
    metavar="PART LAW",
    help="Keep a part back (record, images, searches, disclosures), and cite the law that allows it.",
)
@home_option
@answering
def access_file(request: str, file: Path, withhold: tuple[tuple[AccessPart, str], ...], home: Path) -> Reply:
    """Write everything that is held, and every disclosure, into FILE (a zip); that is a disclosure itself."""
    if file.exists():
        raise IntakeError("operator.file.exists", "{file} exists already; name another file.", file=file)
    withheld = tuple(Withheld(part, law) for part, law in withhold)
    with run_as(home) as (node, actor):
        made = make_access_file(node, actor, RequestId(request), withheld=withheld)
    try:
        with file.open("xb") as out:
            file.chmod(0o600)
            out.write(made.data)
    except OSError as error:
        raise IntakeError(
            "operator.file.unwritable-access-file",
            "{file} cannot be written ({why}). Make the file again elsewhere.",
            file=file,
            why=error.strerror,
        ) from None
    until = None if made.until is None else made.until.date()
    return Reply(
        {"file": str(file), "bytes": len(made.data), "ledger_entry": made.ledger_entry, "examined_until": until},
        f"Wrote {file}, which entry {made.ledger_entry} of the ledger records. Hand it out, then answer the request.",
        until is not None
        and f"Searches whose candidates are still examined are not in it, as it says, until {until} at the latest.",
    )


@command.command("answer")
@click.argument("request")
@reason_option
@acting
def answer(node: Node, actor: Actor, request: str, reason: str) -> Reply:
    """Answer a request as it was asked.

    Access: the file was handed out. Rectification: the records were edited. Erasure: the records are erased now.
    Dispute: it is upheld, and the records are withdrawn.
    """
    return _reply(answer_request.answer_request(node, actor, RequestId(request), reason=reason))


@command.command("decline")
@click.argument("request")
@reason_option
@acting
def decline(node: Node, actor: Actor, request: str, reason: str) -> Reply:
    """Decline a request; records that a dispute blocked are searched again."""
    return _reply(answer_request.decline_request(node, actor, RequestId(request), reason=reason))


@command.command("refer")
@click.argument("request")
@click.option("--to", required=True, metavar="AUTHORITY", help="The owner of the record, such as DE.")
@reason_option
@acting
def refer(node: Node, actor: Actor, request: str, to: str, reason: str) -> Reply:
    """Refer a request to the owner of a record that is not open to you; its officers answer it then."""
    referred = requests.refer_request(node, actor, RequestId(request), to=to, reason=reason)
    words = f"Referred: {referred.id}. The officers of {referred.referred_to} have it as one of their own now."
    return Reply(documents.describe_request(referred), words)


def _find_records(node: Node, actor: Actor, numbers: tuple[str, ...]) -> tuple[SubjectId, ...]:
    return tuple(find_record_id(node, actor, number) for number in numbers)


def _say_days(row: RequestRow) -> str:
    if row.days_left is None:
        return ""
    return f"overdue by {-row.days_left}" if row.days_left < 0 else f"{row.days_left} left"


def _say_blocked(received: Received) -> Iterator[str]:
    blocked = sum(about.blocked for about in received.request.about)
    if blocked:
        yield f"{say_count(blocked, 'record is', 'records are')} in no search while the dispute is open."
    for subject, refusal in received.refused:
        yield Aside(f"Record {subject} was not blocked: {refusal.message}. Ask the officer of its owner.")


def _reply(answered: Answered) -> Reply:
    return Reply(
        documents.RequestAnsweredDocument.model_validate(answered),
        f"{answered.request.state.capitalize()}: {answered.request.id}",
        *(f"Erased {gone.number}: entry {gone.ledger_entry} of the ledger proves it." for gone in answered.receipts),
    )
