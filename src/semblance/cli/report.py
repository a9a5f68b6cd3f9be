"""``semblance report``: make the report of an examination, and verify one without the node."""

from pathlib import Path
from typing import Any

import click

from semblance.audit.checkpoint import read_key
from semblance.cli.acting import run_as
from semblance.cli.options import home_option
from semblance.cli.output import LEAD, Reply, answering, make_facts, say
from semblance.errors import IntakeError, NotFound
from semblance.exchange.report.bundle import verify_report
from semblance.store import examinations
from semblance.terms.ids import ExaminationId, SearchId
from semblance.workflows.examination.make_report import make_report


@click.group("report")
def command() -> None:
    """Make and verify reports of examinations."""


@command.command("make")
@click.argument("search")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file to write; there must be none.")
@home_option
def make(search: str, out: Path, home: Path) -> None:
    """Make the report of a concluded examination, named by its own id or by its search's, as one signed file."""
    if out.exists():
        raise IntakeError("operator.report.exists", "{out} exists already; name another file.", out=out)
    with run_as(home) as (node, actor):
        with node.store.reading() as tx:
            examination = examinations.find_of_search(tx, SearchId(search)) or examinations.find_examination(
                tx, ExaminationId(search)
            )
        if examination is None or examination.authority != actor.authority:
            raise NotFound(
                "operator.report.unknown-search",
                "There is no examination or search {search} of your authority.",
                search=search,
            )
        report = make_report(node, actor, examination.id)
    try:
        with out.open("xb") as file:
            file.write(report.data)
    except OSError as error:
        raise IntakeError(
            "operator.report.unwritable", "{out} cannot be written ({fault}).", out=out, fault=error.strerror
        ) from None
    say(f"Written to {out}, SHA-256 {report.sha256}. Recorded as ledger entry {report.ledger_entry}.")


@command.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--key", "trusted", help="The key that the node gave you; else the report's own is believed.")
@answering
def verify(file: Path, trusted: str | None) -> Reply:
    """Verify a report without the node: every byte, the signature, and the ledger's receipts in it."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise IntakeError(
            "operator.report.file-unreadable", "{file} cannot be read ({fault}).", file=file, fault=error.strerror
        ) from None
    found = verify_report(data, trusted=None if trusted is None else read_key(trusted))
    report = found.document
    proved: dict[str, Any] = {
        "search": report.search["id"],
        "case": report.case.get("number", ""),
        "outcome": report.outcome,
        "made_at": report.made_at,
        "made_by": report.made_by,
        "examiners": report.examiners,
        "candidates": len(report.candidates),
        "leads": sum(candidate.lead is not None for candidate in report.candidates),
        "files": found.files,
        "ledger_entries": [int(proof.fields["number"]) for proof in found.proven],
        "key": str(found.key),
    }
    facts = {
        "search": proved["search"],
        "case": proved["case"],
        "outcome": report.outcome,
        "made": f"{report.made_at} by {report.made_by}",
        "examined by": ", ".join(report.examiners) or "nobody",
        "candidates": proved["candidates"],
        "leads": proved["leads"],
        "ledger entries": ", ".join(map(str, proved["ledger_entries"])),
    }
    return Reply(
        proved,
        make_facts(facts),
        f"Verified: {found.files} files, none changed, added or taken out. Signed by {found.key}",
        trusted is None
        and "The key is the report's own. Compare it with the one the node gave you, or name that with --key.",
        LEAD,
    )
