"""``semblance report``: make the report of an examination, and verify one without the node."""

from pathlib import Path

import click

from semblance.audit.checkpoint import read_key
from semblance.cli.acting import run_as
from semblance.cli.options import home_option, json_option
from semblance.cli.output import make_facts, open_console, print_document, say
from semblance.edge.document import Document
from semblance.errors import IntakeError, NotFound
from semblance.exchange.report.bundle import VerifiedReport, verify_report
from semblance.store import examinations
from semblance.terms.ids import ExaminationId, SearchId
from semblance.workflows.examination.make_report import make_report


class VerifiedReportDocument(Document):
    """What a verified report proves."""

    search: str
    case: str
    outcome: str
    made_at: str
    made_by: str
    examiners: tuple[str, ...]
    candidates: int
    leads: int
    files: int
    ledger_entries: tuple[int, ...]
    key: str


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
        if examination is None:
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
@click.option(
    "--key", "trusted", default=None, help="The key that the node gave you; else the report's own is believed."
)
@json_option
def verify(file: Path, trusted: str | None, as_json: bool) -> None:
    """Verify a report without the node: every byte, the signature, and the ledger's receipts in it."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise IntakeError(
            "operator.report.file-unreadable", "{file} cannot be read ({fault}).", file=file, fault=error.strerror
        ) from None
    found = verify_report(data, trusted=None if trusted is None else read_key(trusted))
    document = _describe(found)
    if as_json:
        print_document(document)
        return
    open_console().print(
        make_facts(
            {
                "search": document.search,
                "case": document.case,
                "outcome": document.outcome,
                "made": f"{document.made_at} by {document.made_by}",
                "examined by": ", ".join(document.examiners) or "nobody",
                "candidates": str(document.candidates),
                "leads": str(document.leads),
                "ledger entries": ", ".join(map(str, document.ledger_entries)),
            }
        )
    )
    say(f"Verified: {document.files} files, none changed, added or taken out. Signed by {document.key}")
    if trusted is None:
        say("The key is the report's own. Compare it with the one the node gave you, or name that with --key.")
    say("Every match is a lead, not an identity.")


def _describe(found: VerifiedReport) -> VerifiedReportDocument:
    document = found.document
    return VerifiedReportDocument(
        search=document.search["id"],
        case=document.case.get("number", ""),
        outcome=document.outcome,
        made_at=document.made_at,
        made_by=document.made_by,
        examiners=document.examiners,
        candidates=len(document.candidates),
        leads=sum(candidate.lead is not None for candidate in document.candidates),
        files=found.files,
        ledger_entries=tuple(int(proof.fields["number"]) for proof in found.proven),
        key=str(found.key),
    )
