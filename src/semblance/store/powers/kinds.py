"""Whose powers are sealed, and which rows each seal covers: declared once, for writing, reading and verifying."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from semblance.store.schema.case import authorisation, case_file
from semblance.store.schema.clip import covered_clip
from semblance.store.schema.examination import examination, examination_candidate, lead, sitting, sitting_candidate
from semblance.store.schema.gallery import probe, search, search_candidate, subject
from semblance.store.schema.job import VOLATILE, job
from semblance.store.schema.link import answered_pair, record_link
from semblance.store.schema.node import policy_version
from semblance.store.schema.people import authority, outside_account, person, recovery_code, role_grant, token
from semblance.store.schema.power import session_end
from semblance.store.schema.proposal import account_hand, proposal
from semblance.store.schema.reconciliation import found_pair, pair_opinion
from semblance.store.schema.record import audience, record
from semblance.store.schema.request import request, request_record
from semblance.store.schema.standing import standing_found, standing_search
from semblance.store.schema.submission import submission, submission_file
from semblance.store.schema.workbench import search_probe


class PowerKind(StrEnum):
    """What has a seal of its own."""

    AUTHORITY = "authority"
    PERSON = "person"
    RECORD = "record"
    CASE = "case"
    PROBE = "probe"
    SEARCH = "search"
    EXAMINATION = "examination"
    REVIEW = "review"
    LEAD = "lead"
    LINK = "link"
    PAIR = "pair"
    REQUEST = "request"
    POLICY = "policy"
    PROPOSAL = "proposal"
    SUBMISSION = "submission"
    SUBMISSION_FILE = "submission-file"
    CLIP = "clip"
    STANDING = "standing"
    JOB = "job"
    RECONCILIATION = "reconciliation"


NODE: Final = "node"
"""Whose the policy is: of it there is one, in several versions."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the rows under a seal; ``holder`` is the column that says whose they are, None where all are the node's.

    A column is written by its name, and one that is NULL not at all: a column that a later step adds must be NULL in
    rows that were sealed before it.
    """

    name: str
    source: sa.FromClause
    holder: sa.Column[Any] | None
    columns: tuple[sa.ColumnElement[Any], ...]


def _cover(table: sa.Table, holder: sa.Column[Any] | None) -> Part:
    return Part(table.name, table, holder, tuple(table.c))


_RECORD: Final = Part(
    "record",
    subject.join(record).join(audience),
    subject.c.id,
    (
        *(subject.c.blind, subject.c.key_id, subject.c.owner, subject.c.created_by),
        # what is sealed in it says its version, and is held against these columns where it is opened
        *(record.c.version, record.c.kind, record.c.state, record.c.retain_until, record.c.created_at),
        *(record.c.changed_at, audience.c.restriction, audience.c.restricted, audience.c.owner.label("audience")),
    ),
)

PARTS: Final[Mapping[PowerKind, tuple[Part, ...]]] = {
    PowerKind.AUTHORITY: (_cover(authority, authority.c.code),),
    PowerKind.PERSON: (
        _cover(person, person.c.id),
        _cover(role_grant, role_grant.c.person_id),
        _cover(recovery_code, recovery_code.c.person_id),
        _cover(outside_account, outside_account.c.person_id),
        _cover(token, token.c.person_id),
        _cover(session_end, session_end.c.person_id),
        _cover(account_hand, account_hand.c.person_id),
    ),
    PowerKind.RECORD: (_RECORD,),
    PowerKind.CASE: (_cover(case_file, case_file.c.id), _cover(authorisation, authorisation.c.case_id)),
    PowerKind.PROBE: (_cover(probe, probe.c.id),),
    PowerKind.SEARCH: (
        _cover(search, search.c.id),
        _cover(search_candidate, search_candidate.c.search_id),
        _cover(search_probe, search_probe.c.search_id),
        # while candidates are examined, nobody sees their names and ranks
        _cover(examination, examination.c.search_id),
    ),
    PowerKind.EXAMINATION: (
        _cover(examination, examination.c.id),
        _cover(examination_candidate, examination_candidate.c.examination_id),
        _cover(sitting, sitting.c.examination_id),
    ),
    PowerKind.REVIEW: (_cover(sitting_candidate, sitting_candidate.c.sitting_id),),
    PowerKind.LEAD: (_cover(lead, lead.c.id),),
    PowerKind.LINK: (_cover(record_link, record_link.c.id),),
    # whoever hides one has two records compared again, and whoever makes one keeps them from it
    PowerKind.PAIR: (_cover(answered_pair, answered_pair.c.id),),
    PowerKind.REQUEST: (_cover(request, request.c.id), _cover(request_record, request_record.c.request_id)),
    PowerKind.POLICY: (_cover(policy_version, None),),
    PowerKind.PROPOSAL: (_cover(proposal, proposal.c.number),),
    PowerKind.SUBMISSION: (_cover(submission, submission.c.id),),
    PowerKind.SUBMISSION_FILE: (_cover(submission_file, submission_file.c.id),),
    PowerKind.CLIP: (_cover(covered_clip, covered_clip.c.id),),
    PowerKind.STANDING: (
        _cover(standing_search, standing_search.c.id),
        _cover(standing_found, standing_found.c.standing_id),
    ),
    PowerKind.JOB: (Part("job", job, job.c.id, tuple(column for column in job.c if column not in VOLATILE)),),
    PowerKind.RECONCILIATION: (_cover(found_pair, found_pair.c.id), _cover(pair_opinion, pair_opinion.c.pair_id)),
}


def write_holder(holder: sa.Column[Any] | None) -> sa.ColumnElement[str]:
    """Return whose a row is as seals say it: always a text."""
    if holder is None:
        return sa.literal(NODE)
    return sa.cast(holder, sa.Text) if isinstance(holder.type, sa.Integer) else holder


def _find_holders() -> dict[sa.FromClause, tuple[tuple[PowerKind, sa.Column[Any] | None], ...]]:
    found: dict[sa.FromClause, tuple[tuple[PowerKind, sa.Column[Any] | None], ...]] = {
        subject: ((PowerKind.RECORD, subject.c.id),),
        record: ((PowerKind.RECORD, record.c.subject_id),),
    }
    for kind, parts in PARTS.items():
        for part in parts:
            found[part.source] = (*found.get(part.source, ()), (kind, part.holder))
    return found


HOLDERS: Final = _find_holders()
"""Of each table with such rows: the kinds of seals over them, each with the column that says whose a row is."""
