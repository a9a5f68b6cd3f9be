"""The tables of the gallery, of probes and of searches as they are now; ``migrations`` says how a database got there.

The other subjects' tables stand in modules of their own beside this one.
"""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.base import Moment, StoredText, metadata
from semblance.store.schema.case import authorisation, case_file
from semblance.store.schema.clip import covered_clip, covered_clip_piece
from semblance.store.schema.examination import examination_candidate, lead, sitting_candidate
from semblance.store.schema.following import followed_file, track_face
from semblance.store.schema.job import job
from semblance.store.schema.ledger import ledger_opening, ledger_touched
from semblance.store.schema.link import answered_pair, record_link
from semblance.store.schema.reconciliation import found_pair, pair_opinion
from semblance.store.schema.record import record, record_version
from semblance.store.schema.request import request
from semblance.store.schema.standing import standing_found, standing_search
from semblance.store.schema.submission import submission, submission_chunk, submission_file
from semblance.store.schema.workbench import preparation, search_probe

gallery_state: Final = sa.Table(
    "gallery_state",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("pack", StoredText),
    sa.Column("pack_name", StoredText),
    sa.Column("metric", StoredText),
    sa.Column("dimension", sa.Integer),
)

gallery_change: Final = sa.Table(
    "gallery_change",
    metadata,
    sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", StoredText, nullable=False),
    sa.Column("reference_id", StoredText, nullable=False),
)

subject: Final = sa.Table(
    "subject",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    # what is searched by: a keyed digest of owner and number; the number itself stands sealed in the record
    sa.Column("blind", StoredText, nullable=False, unique=True),
    sa.Column("key_id", StoredText, nullable=False),
    sa.Column("owner", StoredText, nullable=False),
    sa.Column("created_at", Moment, nullable=False, index=True),
    sa.Column("created_by", StoredText, nullable=False),
)

# photos that were refused leave an outcome without a subject; it is sealed by the key that the subject would have
subject_seal: Final = sa.Table(
    "subject_seal",
    metadata,
    sa.Column("blind", StoredText, primary_key=True),
    sa.Column("key_id", StoredText, nullable=False),
)

photo: Final = sa.Table(
    "photo",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    sa.Column("subject_id", StoredText, sa.ForeignKey("subject.id"), nullable=False),
    # a keyed digest of the bytes
    sa.Column("blind", StoredText, nullable=False, index=True),
    sa.Column("status", StoredText, nullable=False),
    sa.Column("enrolled_at", Moment, nullable=False),
    sa.Column("enrolled_by", StoredText, nullable=False),
    # name, reasons, facts, captured, source: JSON, sealed
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("subject_id", "blind"),
    sa.Index("ix_photo_status", "status", "enrolled_at", "id"),
)

photo_bytes: Final = sa.Table(
    "photo_bytes",
    metadata,
    sa.Column("photo_id", StoredText, sa.ForeignKey("photo.id"), primary_key=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

face: Final = sa.Table(
    "face",
    metadata,
    sa.Column("photo_id", StoredText, sa.ForeignKey("photo.id"), primary_key=True),
    sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sample", sa.LargeBinary, nullable=False),
)

reference: Final = sa.Table(
    "reference",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    sa.Column("sequence", sa.BigInteger, nullable=False, unique=True),
    sa.Column("subject_id", StoredText, sa.ForeignKey("subject.id"), nullable=False, index=True),
    sa.Column("photo_id", StoredText, nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("pack", StoredText, nullable=False),
    sa.Column("metric", StoredText, nullable=False),
    sa.Column("dimension", sa.Integer, nullable=False),
    sa.Column("template", sa.LargeBinary, nullable=False),
    sa.ForeignKeyConstraint(["photo_id", "ordinal"], ["face.photo_id", "face.ordinal"]),
    # a reference is one face in one photo, and no second face of that photo
    sa.UniqueConstraint("photo_id"),
)

intake_outcome: Final = sa.Table(
    "intake_outcome",
    metadata,
    # a keyed digest of owner, number, name and bytes
    sa.Column("id", StoredText, primary_key=True),
    sa.Column("subject_blind", StoredText, nullable=False, index=True),
    sa.Column("status", StoredText, nullable=False),
    sa.Column("photo_id", StoredText, index=True),
    sa.Column("judged_under", StoredText, nullable=False),
    sa.Column("reasons", sa.LargeBinary, nullable=False),
)

probe: Final = sa.Table(
    "probe",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    sa.Column("case_id", StoredText, sa.ForeignKey("case_file.id"), nullable=False, index=True),
    sa.Column("key_id", StoredText, nullable=False),
    sa.Column("submitted_at", Moment, nullable=False),
    sa.Column("submitted_by", StoredText, nullable=False),
    sa.Column("expires_at", Moment, nullable=False, index=True),
    # name, facts, faces: JSON, sealed
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    # whose record the photo was handed in from; NULL for a photo of nobody known here
    sa.Column("origin_id", StoredText, index=True),
)

probe_bytes: Final = sa.Table(
    "probe_bytes",
    metadata,
    sa.Column("probe_id", StoredText, sa.ForeignKey("probe.id"), primary_key=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
    # of a track: its frames, cut around the face
    sa.Column("frames", sa.LargeBinary),
)

search: Final = sa.Table(
    "search",
    metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("id", StoredText, nullable=False, unique=True),
    sa.Column("case_id", StoredText, sa.ForeignKey("case_file.id"), nullable=False, index=True),
    # seals what opens the search's entry in the ledger, too
    sa.Column("key_id", StoredText, nullable=False),
    sa.Column("authority", StoredText, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("person", StoredText, nullable=False),
    sa.Column("purpose", StoredText, nullable=False),
    sa.Column("outcome", StoredText, nullable=False),
    sa.Column("probe_id", StoredText, nullable=False, index=True),
    sa.Column("pack", StoredText),
    sa.Column("gallery_subjects", sa.BigInteger, nullable=False),
    sa.Column("gallery_references", sa.BigInteger, nullable=False),
    sa.Column("gallery_version", sa.BigInteger, nullable=False),
    sa.Column("candidate_limit", sa.Integer, nullable=False),
    sa.Column("rule", StoredText),
    # case number, reason, probe, face, refusal: JSON, sealed; empty after its time
    sa.Column("sealed", sa.LargeBinary),
    # whose record the first probe was handed in from
    sa.Column("origin_id", StoredText, index=True),
    sa.Index("ix_search_authority_at", "authority", "at"),
    sa.Index("ix_search_authority", "authority", "number"),
    sqlite_autoincrement=True,
)

search_candidate: Final = sa.Table(
    "search_candidate",
    metadata,
    sa.Column("search_id", StoredText, sa.ForeignKey("search.id"), primary_key=True),
    sa.Column("rank", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("subject_id", StoredText, nullable=False),
    sa.Column("reference_id", StoredText, nullable=False),
    sa.Column("score", sa.Double, nullable=False),
)

deletion: Final = sa.Table(
    "deletion",
    metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("subject_id", StoredText),
    sa.Column("at", Moment, nullable=False),
    sa.Column("person", StoredText, nullable=False),
    # the entry of the ledger that proves it, and says why
    sa.Column("entry", sa.BigInteger, nullable=False),
    sa.Column("photos", sa.Integer, nullable=False),
    sa.Column("faces", sa.Integer, nullable=False),
    sa.Column("references_removed", sa.Integer, nullable=False),
    sa.Column("outcomes", sa.Integer, nullable=False),
    sqlite_autoincrement=True,
)

# the same references, as another pack sees them; without a template the fault says why there is none
other_template: Final = sa.Table(
    "other_template",
    metadata,
    sa.Column("reference_id", StoredText, sa.ForeignKey("reference.id"), primary_key=True),
    sa.Column("pack", StoredText, primary_key=True),
    sa.Column("metric", StoredText, nullable=False),
    sa.Column("dimension", sa.BigInteger, nullable=False),
    sa.Column("template", sa.LargeBinary),
    sa.Column("fault", StoredText),
    # counts are taken from it alone: rows with templates are long
    sa.Index("ix_other_template_pack", "pack", "fault"),
)

PERSONAL_TABLES: Final = (
    subject,
    subject_seal,
    record,
    record_version,
    photo,
    photo_bytes,
    face,
    reference,
    other_template,
    intake_outcome,
    probe,
    probe_bytes,
    case_file,
    authorisation,
    search,
    search_candidate,
    examination_candidate,
    sitting_candidate,
    lead,
    preparation,
    search_probe,
    standing_search,
    standing_found,
    found_pair,
    pair_opinion,
    request,
    submission,
    submission_file,
    submission_chunk,
    followed_file,
    track_face,
    covered_clip,
    covered_clip_piece,
    job,
    record_link,
    answered_pair,
    ledger_opening,
    ledger_touched,
)
"""The tables that hold what was made of people's photos."""
