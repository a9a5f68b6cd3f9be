"""Records as Emil of DE holds them: short ways to do what many tests begin with."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import pytest
from tests.cast import EMIL

from semblance.errors import RefusedByPolicy
from semblance.exchange.intake import IntakeItem
from semblance.gallery.record import Circumstances, ImageSource, RecordTerms
from semblance.node.node import Node
from semblance.store.photos import StoredPhoto
from semblance.terms.ids import PhotoId, SubjectId
from semblance.terms.permission import Actor
from semblance.terms.record import RecordKind
from semblance.workflows.enrolment import choose_face as choosing
from semblance.workflows.enrolment.enrol import enrol_photos
from semblance.workflows.enrolment.enrolment_report import EnrolReport, EnrolRow
from semblance.workflows.oversight.oversight import NodeSummary, describe_node
from semblance.workflows.records.erase_record import ErasureReceipt, erase_record
from semblance.workflows.records.list_records import list_opened_records
from semblance.workflows.records.read_record import find_record_id, read_photo, read_record

TERMS = RecordTerms(
    kind=RecordKind.BLUE,
    legal_basis="INTERPOL RPD, article 90",
    retain_until=date(2029, 1, 1),
    source=ImageSource("DE", "handed in by the family", date(2026, 2, 14)),
    neutral=True,
    circumstances=Circumstances(asked="Who is this person?"),
)


def catch_refusal(act: Callable[[], object]) -> RefusedByPolicy:
    """Return how the policy refuses an act; an act that is done fails the test."""
    with pytest.raises(RefusedByPolicy) as refused:
        act()
    return refused.value


def enrol(
    node: Node, items: Iterable[IntakeItem], terms: RecordTerms = TERMS, actor: Actor = EMIL, **options: Any
) -> EnrolReport:
    """Enrol the photos, published at once."""
    return enrol_photos(node, actor, items, terms=terms, **options)


def choose_face(node: Node, photo: PhotoId, ordinal: int) -> EnrolRow:
    """Choose a face of one of Emil's photos."""
    return choosing.choose_face(node, EMIL, photo, ordinal)


def erase(node: Node, number: str) -> ErasureReceipt:
    """Erase one of Emil's records."""
    return erase_record(node, EMIL, find_record_id(node, EMIL, number), reason="Erasure was asked for")


def look(node: Node) -> NodeSummary:
    """Return what Emil may know of."""
    return describe_node(node, EMIL)


def list_numbers(node: Node) -> list[str]:
    """Return the numbers of all records that Emil may read, in their order."""
    page = list_opened_records(node, EMIL, by_number=True, limit=1000)
    return [row.number for row in page.rows]


def list_photos(node: Node, number: str) -> tuple[StoredPhoto, ...]:
    """Return the photos of one of Emil's records."""
    return read_record(node, EMIL, find_record_id(node, EMIL, number)).photos


def read_bytes(node: Node, photo: PhotoId) -> bytes:
    """Return the bytes of a photo that Emil may see."""
    return read_photo(node, EMIL, photo).data


def find_id(node: Node, number: str) -> SubjectId:
    """Return the id of one of Emil's records."""
    return find_record_id(node, EMIL, number)
