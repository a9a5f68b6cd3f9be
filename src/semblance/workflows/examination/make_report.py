"""Make the report of a concluded examination: a signed bundle, and what was handed out in the ledger."""

import hashlib
from dataclasses import dataclass

from semblance.audit.entry import Verb, read_entry
from semblance.audit.receipt import write_receipt
from semblance.errors import Conflict
from semblance.exchange.report.bundle import DOCUMENT, PDF, write_report
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import examinations, ledger, searches
from semblance.terms.ids import ExaminationId, make_id
from semblance.terms.permission import Action, Actor
from semblance.workflows.examination.describe_report import describe_report
from semblance.workflows.examination.read_outcome import read_outcome
from semblance.workflows.examination.require_examination import ask_for_examination, log_in_examination, search_erased
from semblance.workflows.oversight.ledger import make_receipt, require_seat

_PROVEN = frozenset({"gallery.search", "examination.close", "opinion.record", "lead.answer"})


@dataclass(frozen=True, slots=True)
class Report:
    """A report's bundle; ``ledger_entry`` says that it was handed out, and to whom."""

    name: str
    data: bytes
    pdf: bytes
    sha256: str
    ledger_entry: int


def make_report(node: Node, actor: Actor, which: ExaminationId) -> Report:
    """Return the report of an examination of the actor's authority; that it was handed out is recorded.

    Raises NotFound, and Conflict while the candidates are still examined, or after what was found was erased.
    """
    # a second of import that only reports need
    from semblance.exchange.report.pdf import write_pdf

    access = ask_for_examination(node, actor, Action.REPORT_MAKE, which)
    if access.examination.is_open:
        raise Conflict(
            "examination.not-reportable-yet",
            "The candidates are still examined; a report is made when all have closed.",
        )
    outcome = read_outcome(node, actor, which)
    seat, now = require_seat(node), node.clock()
    with node.store.reading() as tx:
        record = searches.find_search(tx, access.examination.search)
        key = searches.find_search_key(tx, access.examination.search)
        if record is None or key is None:
            raise search_erased()
        actions = {
            number: read_entry(ledger.read_data(tx, number) or b"{}")["action"]
            for number in ledger.list_sealed_under(tx, key)
        }
        proven = {f"receipts/{number:08}.json": number for number, action in actions.items() if action in _PROVEN}
        searched = next((number for number, action in actions.items() if action == "gallery.search"), None)
        document, images = describe_report(
            tx, node, actor, access.case, record, outcome, receipts=tuple(sorted(proven)), searched=searched, at=now
        )
    receipts = {name: write_receipt(make_receipt(node, number)).encode() for name, number in proven.items()}
    text = document.model_dump_json(indent=2).encode()
    pdf = write_pdf(document, images, digest=hashlib.sha256(text).hexdigest())
    data = write_report({DOCUMENT: text, PDF: pdf, **images, **receipts}, seat.key)
    digest = hashlib.sha256(data).hexdigest()
    with node.store.writing() as tx:
        reason = Message("report.made", "a report with the SHA-256 {digest}", digest=digest)
        entry = log_in_examination(tx, access, Verb.DISCLOSURE, reason, at=now)
        examinations.add_report(tx, make_id(), which, at=now, person=actor.name, sha256=digest, entry=entry)
    return Report(f"report-{record.search[:12]}.zip", data, pdf, digest, entry)
