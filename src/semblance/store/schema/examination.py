"""Examinations of what searches found: the candidates under pseudonyms, who reviewed them, and what they thought.

What is written in an opinion is sealed under the search's own key; what an owner releases, under the subject's.
"""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.base import KEY, Moment, StoredText, metadata

examination: Final = sa.Table(
    "examination",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    sa.Column("search_id", StoredText, sa.ForeignKey("search.id"), nullable=False, unique=True),
    sa.Column("case_id", StoredText, sa.ForeignKey("case_file.id"), nullable=False, index=True),
    sa.Column("authority", StoredText, nullable=False),
    sa.Column("state", StoredText, nullable=False, index=True),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("concluded_at", Moment),
    sa.Index("ix_examination_authority", "authority", "state", "opened_at", "id"),
)

# lure: a known non-mate, which stands in no search's own list
examination_candidate: Final = sa.Table(
    "examination_candidate",
    metadata,
    sa.Column("examination_id", StoredText, sa.ForeignKey("examination.id"), primary_key=True),
    sa.Column("pseudonym", KEY, primary_key=True),
    sa.Column("subject_id", StoredText, nullable=False, index=True),
    sa.Column("reference_id", StoredText, nullable=False),
    sa.Column("lure", sa.Boolean, nullable=False),
)

# a review: one person's pass over the candidates; nobody reviews the same ones twice
sitting: Final = sa.Table(
    "sitting",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    sa.Column("examination_id", StoredText, sa.ForeignKey("examination.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("person", StoredText, nullable=False, index=True),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("closed_at", Moment, index=True),
    # the pseudonyms in the order in which this person is shown them: JSON
    sa.Column("ordering", StoredText, nullable=False),
    sa.Index("ix_sitting_number", "examination_id", "number", unique=True),
    sa.Index("ix_sitting_examiner", "examination_id", "person", unique=True),
)

sitting_candidate: Final = sa.Table(
    "sitting_candidate",
    metadata,
    sa.Column("sitting_id", StoredText, sa.ForeignKey("sitting.id"), primary_key=True),
    sa.Column("pseudonym", KEY, primary_key=True),
    sa.Column("seen_at", Moment),
    # counts what was saved, so that two tabs do not overwrite each other
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("conclusion", StoredText),
    sa.Column("decided_at", Moment),
    # reason, checklist, marks, view: JSON
    sa.Column("sealed", sa.LargeBinary),
)

lead: Final = sa.Table(
    "lead",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    sa.Column("examination_id", StoredText, sa.ForeignKey("examination.id"), nullable=False),
    sa.Column("pseudonym", StoredText, nullable=False),
    sa.Column("subject_id", StoredText, nullable=False, index=True),
    # who searched, and whose record it is
    sa.Column("authority", StoredText, nullable=False),
    sa.Column("owner", StoredText, nullable=False),
    sa.Column("state", StoredText, nullable=False, index=True),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("due_at", Moment, nullable=False, index=True),
    sa.Column("reminded_at", Moment),
    sa.Column("decided_at", Moment),
    sa.Column("decided_by", StoredText),
    # the owner's reason and checklist, under the search's key: JSON
    sa.Column("sealed", sa.LargeBinary),
    # what was released, to whom, under the subject's key: JSON
    sa.Column("released", sa.LargeBinary),
    sa.Index("ix_lead_pseudonym", "examination_id", "pseudonym", unique=True),
    sa.Index("ix_lead_authority", "authority", "state", "due_at", "id"),
    sa.Index("ix_lead_owner", "owner", "state", "due_at", "id"),
)

report_made: Final = sa.Table(
    "report_made",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    sa.Column("examination_id", StoredText, sa.ForeignKey("examination.id"), nullable=False, index=True),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("made_by", StoredText, nullable=False),
    sa.Column("sha256", StoredText, nullable=False),
    sa.Column("entry", sa.BigInteger, nullable=False),
)
