"""Make store.sql and keyring.sql: a store as commit c28c082 wrote it, in which nobody is pictured.

Run by that commit's code and its tests' stand-in, which reads photos that are written down instead of pictured:
README.md beside this file says how. It is kept to show what the dump holds; nothing runs it any more.
"""
# the modules are those of that commit
# mypy: ignore-errors

import sqlite3
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from semblance.store.ledger_seat import LedgerSeat
from semblance.workflows.change_state import dispute_record, withdraw_record
from semblance.workflows.check_lead import answer_lead
from semblance.workflows.erase_record import erase_record
from semblance.workflows.gallery_index import GalleryIndex
from semblance.workflows.identify import search_probe
from semblance.workflows.node import Node
from semblance.workflows.policy import replace_policy
from semblance.workflows.policy_shelf import PolicyShelf
from semblance.workflows.read_record import read_record
from semblance.workflows.receive_request import receive_request
from semblance.workflows.worker import run_round
from semblance.workflows.write_record import create_record, edit_record
from tests.accounts import add_cast
from tests.cast import ALICE, CAROL, DORA, EMIL, MALLORY
from tests.workflows.conftest import Clock
from tests.workflows.records import TERMS, enrol, find_id, granted
from tests.workflows.searching import conclude, find_pseudonym, open_case, search, submit
from tests.workflows.stand_in import StandInExtractor, draw

from semblance.audit.checkpoint import SigningKey
from semblance.cases.lead_check import Field, OwnerAnswer
from semblance.cases.policy import read_default_policy
from semblance.exchange.intake import IntakeItem
from semblance.gallery.record import Circumstances, Personal
from semblance.gallery.request import RequestDraft, RequestKind
from semblance.gallery.suitability import SuitabilityLine
from semblance.store import leads
from semblance.store.engine import open_store
from semblance.store.keyring import Keyring
from semblance.terms.ids import AuthorityCode
from semblance.terms.permission import Purpose
from semblance.terms.record import Restriction, RestrictionMode

NODE_KEY = b"n" * 32
LEDGER_KEY = SigningKey("semblance.invalid/baseline", b"l" * 32)
TYPED = "the deadline of THE MINISTER requests has passed"


def hand_in(subject: str, name: str, data: bytes) -> IntakeItem:
    return IntakeItem(subject, name, lambda: data)


def make_node(folder: Path, clock: Clock) -> Node:
    keyring = Keyring(f"sqlite:///{folder / 'keyring.db'}", NODE_KEY)
    store = open_store(f"sqlite:///{folder / 'store.db'}", ledger=LedgerSeat(LEDGER_KEY), keyring=keyring)
    return Node(
        name="baseline",
        home=folder,
        store=store,
        extractor=StandInExtractor(),
        index=GalleryIndex(store),
        suitability=SuitabilityLine(),
        policy=PolicyShelf(store),
        clock=clock,
    )


def fill(node: Node, clock: Clock) -> None:
    add_cast(node)
    people = [hand_in(name, f"{name}.jpg", draw(name)) for name in ("A", "B", "C", "D", "E", "F")]
    enrol(node, [*people, hand_in("A", "again.jpg", draw("A", take=1))])
    enrol(node, [hand_in("Ended", "ended.jpg", draw("Ended"))], replace(TERMS, retain_until=date(2026, 3, 20)))
    rejected = [("small.jpg", draw("G", eyes=20)), ("nobody.jpg", draw()), ("broken.jpg", b"no photo")]
    enrol(node, [hand_in("G", name, data) for name, data in (*rejected, ("two.jpg", draw("G", "H")))])
    record = granted(read_record(node, EMIL, find_id(node, "A"))).record
    named = replace(record.draft, personal=Personal(family_name="Muster", given_names="Erika"))
    granted(edit_record(node, EMIL, record.subject, named, version=record.version, reason="Her name was told"))
    closed = granted(read_record(node, EMIL, find_id(node, "B"))).record
    only_de = replace(closed.draft, restriction=Restriction(RestrictionMode.ONLY, frozenset({AuthorityCode("DE")})))
    granted(edit_record(node, EMIL, closed.subject, only_de, version=closed.version, reason="Only for ourselves"))
    granted(withdraw_record(node, EMIL, find_id(node, "C"), reason=TYPED))
    granted(dispute_record(node, replace(DORA, authority=EMIL.authority), find_id(node, "D"), reason="It is not him"))
    draft = replace(record.draft, circumstances=Circumstances(asked="Who is this?"), personal=Personal())
    granted(create_record(node, EMIL, replace(draft, number="Draft"), reason="to be finished"))
    granted(erase_record(node, EMIL, find_id(node, "F"), reason="The order was lifted"))
    policy = read_default_policy().text.replace("candidates = 50", "candidates = 5", 1)
    granted(replace_policy(node, DORA, policy, reason="Five are enough"))
    answer = search(node, draw("A", take=9))
    conclude(node, answer.search, potential=[find_pseudonym(node, answer.search, "A")])
    with node.store.reading() as tx:
        (lead,) = leads.list_of_owner(tx, EMIL.authority, states=list(leads.LeadState), limit=9)
    told = OwnerAnswer(True, "The scar is hers", frozenset({Field.NUMBER, Field.NAMES}), frozenset({ALICE.authority}))
    granted(answer_lead(node, EMIL, lead.id, told))
    open_case(node, number="FR-2026-18", purpose=Purpose.WANTED_PERSON)
    search_probe(node, CAROL, submit(node, draw("E", take=3)), reason="I am no examiner")
    search_probe(node, MALLORY, submit(node, draw("E", take=4)), reason="Let me in")
    search(node, draw("nobody whom the gallery holds", take=2))
    whom = RequestDraft(RequestKind.ACCESS, "Jeanne Doe, Lyon", date(2026, 2, 27), "myself", "everything")
    granted(receive_request(node, replace(DORA, authority=EMIL.authority), replace(whom, records=(record.subject,))))
    clock.now = datetime(2026, 4, 10, 9, tzinfo=UTC)
    run_round(node)
    clock.now += timedelta(days=1)
    search(node, draw("E", take=5))


def dump(database: Path, file: Path) -> None:
    with sqlite3.connect(database) as connection:
        file.write_text("".join(f"{line}\n" for line in connection.iterdump()), encoding="utf-8")


def main(into: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, clock = Path(name), Clock()
        node = make_node(folder, clock)
        fill(node, clock)
        node.store.close()
        for database in ("store", "keyring"):
            dump(folder / f"{database}.db", into / f"{database}.sql")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
