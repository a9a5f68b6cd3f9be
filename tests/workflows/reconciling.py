"""Missing persons of FR beside bodies of DE: short ways to do what tests of pairs begin with."""

from dataclasses import replace
from datetime import date, timedelta

from tests.cast import DORA, EMIL, FR
from tests.workflows.record_acts import TERMS

from semblance.exchange.intake import IntakeItem
from semblance.gallery.record import Circumstances, Personal, RecordDraft
from semblance.node.node import Node
from semblance.terms.description import Description
from semblance.terms.ids import SubjectId
from semblance.terms.permission import Actor, PersonId, Role
from semblance.terms.record import RecordKind, Sex
from semblance.workflows.enrolment.enrol import enrol_photos
from semblance.workflows.oversight.policy import replace_policy
from semblance.workflows.records.read_record import find_record_id, read_record
from semblance.workflows.records.write_record import edit_record, publish_record

FELIX = Actor(PersonId("felix"), "felix", FR, frozenset({Role.RECORDS_OFFICER}))
"""A records officer of FR."""

_EVENT = Circumstances(event_date="2026-01-10", event_place="Lyon", event_country="FR")


def allow(node: Node, authorities: str = '["DE", "FR"]', pairs: int = 1) -> None:
    """Have these authorities take part, and so many pairs of a record be offered."""
    lines = {"authorities = [": f"authorities = {authorities}", "pairs = ": f"pairs = {pairs}"}
    head, _, rest = node.policy.read().text.partition("[reconciliation]\n")
    section, _, tail = rest.partition("\n\n")
    written = [
        next((new for start, new in lines.items() if line.startswith(start)), line) for line in section.split("\n")
    ]
    text = "\n".join([f"{head}[reconciliation]", *written, "", tail])
    replace_policy(node, DORA, text, reason="Both have agreed to it")


def add_missing(node: Node, number: str, photo: bytes) -> SubjectId:
    """Enrol a missing person of FR, complete the record, and publish it."""
    terms = replace(TERMS, kind=RecordKind.YELLOW, circumstances=_EVENT, retain_until=_find_last_day(node))
    enrol_photos(node, FELIX, [IntakeItem(number, f"{number}.jpg", lambda: photo)], terms=terms)
    subject = find_record_id(node, FELIX, number)
    draft = read_record(node, FELIX, subject).record.draft
    personal = Personal(family_name="Moreau", sex=Sex.FEMALE, birth_dates=("1990",))
    change(node, FELIX, subject, replace(draft, personal=personal, description=Description(shortest=170, tallest=172)))
    publish_record(node, FELIX, subject, neutral=True, reason="It is complete")
    return subject


def add_body(node: Node, number: str, photo: bytes) -> SubjectId:
    """Enrol a body of DE, published at once."""
    event = replace(_EVENT, event_date="2026-02-20")
    terms = replace(TERMS, kind=RecordKind.BLACK, circumstances=event, retain_until=_find_last_day(node))
    enrol_photos(node, EMIL, [IntakeItem(number, f"{number}.jpg", lambda: photo)], terms=terms)
    return find_record_id(node, EMIL, number)


def change(node: Node, actor: Actor, subject: SubjectId, draft: RecordDraft) -> None:
    """Write another draft into a record."""
    version = read_record(node, actor, subject).record.version
    edit_record(node, actor, subject, draft, version=version, reason="It was wrong")


def _find_last_day(node: Node) -> date:
    return node.clock().date() + timedelta(days=700)
