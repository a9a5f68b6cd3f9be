"""What an older copy of the database holds again although its key is destroyed: it is to be erased once more."""

from typing import Any

import sqlalchemy as sa

from semblance.store.engine import Transaction
from semblance.store.schema.case import case_file
from semblance.store.schema.gallery import probe, search, subject, subject_seal
from semblance.store.schema.request import request
from semblance.store.vault import list_destroyed
from semblance.terms.ids import CaseId, ProbeId, RequestId, SearchId, SubjectId


def find_subjects(tx: Transaction) -> tuple[SubjectId, ...]:
    """Return the subjects whose key is destroyed."""
    return tuple(map(SubjectId, _find(tx, sa.select(subject.c.id, subject.c.key_id))))


def find_intakes(tx: Transaction) -> tuple[str, ...]:
    """Return the keyed digests of numbers under which only refused photos were remembered, whose key is destroyed."""
    held = sa.exists().where(subject.c.blind == subject_seal.c.blind)
    return _find(tx, sa.select(subject_seal.c.blind, subject_seal.c.key_id).where(~held))


def find_cases(tx: Transaction) -> tuple[CaseId, ...]:
    """Return the cases whose key is destroyed and of which something sealed is held still."""
    asked = sa.select(case_file.c.id, case_file.c.key_id).where(case_file.c.sealed.is_not(None))
    return tuple(map(CaseId, _find(tx, asked)))


def find_probes(tx: Transaction) -> tuple[ProbeId, ...]:
    """Return the probes whose key is destroyed."""
    return tuple(map(ProbeId, _find(tx, sa.select(probe.c.id, probe.c.key_id))))


def find_searches(tx: Transaction) -> tuple[SearchId, ...]:
    """Return the searches whose key is destroyed and of which something sealed is held still."""
    asked = sa.select(search.c.id, search.c.key_id).where(search.c.sealed.is_not(None))
    return tuple(map(SearchId, _find(tx, asked)))


def find_requests(tx: Transaction) -> tuple[RequestId, ...]:
    """Return the requests whose key is destroyed and of which something sealed is held still."""
    asked = sa.select(request.c.id, request.c.key_id).where(request.c.sealed.is_not(None))
    return tuple(map(RequestId, _find(tx, asked)))


def _find(tx: Transaction, asked: sa.Select[Any]) -> tuple[str, ...]:
    destroyed = list_destroyed(tx)
    return tuple(sorted(row[0] for row in tx.connection.execute(asked) if row.key_id in destroyed))
