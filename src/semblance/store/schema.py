"""The tables as they are now; ``migrations`` says how a database got there."""

from typing import Final

import sqlalchemy as sa

HEAD: Final = "0001"
"""The revision that this program writes; a test holds it equal to the last migration."""

metadata: Final = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# keys are ordered by code point in both databases, so that pages of a list come in the same order
_KEY: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

gallery_state: Final = sa.Table(
    "gallery_state",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("pack", sa.Text),
    sa.Column("pack_name", sa.Text),
    sa.Column("metric", sa.Text),
    sa.Column("dimension", sa.Integer),
)

gallery_change: Final = sa.Table(
    "gallery_change",
    metadata,
    sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("reference_id", sa.Text, nullable=False),
)

subject: Final = sa.Table(
    "subject",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("key", _KEY, nullable=False, unique=True),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
)

photo: Final = sa.Table(
    "photo",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("subject_id", sa.Text, sa.ForeignKey("subject.id"), nullable=False),
    sa.Column("sha256", sa.Text, nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False, index=True),
    sa.Column("reasons", sa.Text, nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("captured", sa.Text),
    sa.Column("source", sa.Text),
    sa.Column("enrolled_at", sa.Text, nullable=False),
    sa.Column("enrolled_by", sa.Text, nullable=False),
    sa.UniqueConstraint("subject_id", "sha256"),
)

photo_bytes: Final = sa.Table(
    "photo_bytes",
    metadata,
    sa.Column("photo_id", sa.Text, sa.ForeignKey("photo.id"), primary_key=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

face: Final = sa.Table(
    "face",
    metadata,
    sa.Column("photo_id", sa.Text, sa.ForeignKey("photo.id"), primary_key=True),
    sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sample", sa.Text, nullable=False),
)

reference: Final = sa.Table(
    "reference",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("sequence", sa.BigInteger, nullable=False, unique=True),
    sa.Column("subject_id", sa.Text, sa.ForeignKey("subject.id"), nullable=False, index=True),
    sa.Column("photo_id", sa.Text, nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("pack", sa.Text, nullable=False),
    sa.Column("metric", sa.Text, nullable=False),
    sa.Column("dimension", sa.Integer, nullable=False),
    sa.Column("template", sa.LargeBinary, nullable=False),
    sa.ForeignKeyConstraint(["photo_id", "ordinal"], ["face.photo_id", "face.ordinal"]),
    # a reference is one face in one photo, and no second face of that photo
    sa.UniqueConstraint("photo_id"),
)

intake_outcome: Final = sa.Table(
    "intake_outcome",
    metadata,
    # digest of the next three: together they may be longer than an index entry is allowed to be
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("subject_key", _KEY, nullable=False, index=True),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("reasons", sa.Text, nullable=False),
    sa.Column("photo_id", sa.Text),
    sa.Column("judged_under", sa.Text, nullable=False),
)

probe: Final = sa.Table(
    "probe",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("faces", sa.Text, nullable=False),
    sa.Column("submitted_at", sa.Text, nullable=False),
    sa.Column("submitted_by", sa.Text, nullable=False),
    sa.Column("expires_at", sa.Text, nullable=False, index=True),
)

probe_bytes: Final = sa.Table(
    "probe_bytes",
    metadata,
    sa.Column("probe_id", sa.Text, sa.ForeignKey("probe.id"), primary_key=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

search: Final = sa.Table(
    "search",
    metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("case_name", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("probe_id", sa.Text, nullable=False),
    sa.Column("probe_sha256", sa.Text, nullable=False),
    sa.Column("probe_name", sa.Text, nullable=False),
    sa.Column("face", sa.Integer),
    sa.Column("face_box", sa.Text),
    sa.Column("pack", sa.Text),
    sa.Column("gallery_subjects", sa.BigInteger, nullable=False),
    sa.Column("gallery_references", sa.BigInteger, nullable=False),
    sa.Column("gallery_version", sa.BigInteger, nullable=False),
    sa.Column("candidate_limit", sa.Integer, nullable=False),
    sa.Column("rule", sa.Text),
    sa.Column("refusal", sa.Text),
    sqlite_autoincrement=True,
)

search_candidate: Final = sa.Table(
    "search_candidate",
    metadata,
    sa.Column("search_id", sa.Text, sa.ForeignKey("search.id"), primary_key=True),
    sa.Column("rank", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("subject_id", sa.Text, nullable=False),
    sa.Column("reference_id", sa.Text, nullable=False),
    sa.Column("score", sa.Double, nullable=False),
)

deletion: Final = sa.Table(
    "deletion",
    metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("subject_id", sa.Text),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("photos", sa.Integer, nullable=False),
    sa.Column("faces", sa.Integer, nullable=False),
    sa.Column("references_removed", sa.Integer, nullable=False),
    sa.Column("outcomes", sa.Integer, nullable=False),
    sqlite_autoincrement=True,
)

PERSONAL_TABLES: Final = (subject, photo, photo_bytes, face, reference, intake_outcome, probe, probe_bytes)
"""The tables that hold what was made of people's photos."""
