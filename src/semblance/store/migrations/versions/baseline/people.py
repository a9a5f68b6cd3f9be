"""Authorities, people, and what lets them in."""

import sqlalchemy as sa
from alembic import op

from semblance.store.migrations.versions.baseline.columns import KEY


def make_tables() -> None:
    """Make the tables as the baseline has them."""
    op.create_table(
        "authority",
        sa.Column("code", KEY, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("contact", sa.Text, nullable=False),
        sa.Column("public_key", sa.Text),
        sa.Column("admitted", sa.Boolean, nullable=False),
        sa.Column("webhook", sa.Text),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", KEY, nullable=False, unique=True),
        sa.Column("authority", KEY, sa.ForeignKey("authority.code"), nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("must_change", sa.Boolean, nullable=False),
        sa.Column("trained_on", sa.Text),
        sa.Column("added_at", sa.Text, nullable=False),
        sa.Column("disabled_at", sa.Text),
        sa.Column("locked_at", sa.Text),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("totp", sa.LargeBinary),
        sa.Column("totp_new", sa.LargeBinary),
        sa.Column("totp_step", sa.BigInteger, nullable=False),
        sa.Column("wrong_tries", sa.Integer, nullable=False),
        sa.Column("wrong_codes", sa.Integer, nullable=False),
        sa.Column("paused_until", sa.Text),
    )
    op.create_table(
        "role_grant",
        sa.Column("person_id", sa.Text, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("role", sa.Text, primary_key=True),
        sa.Column("until", sa.Text, nullable=False),
    )
    op.create_table(
        "recovery_code",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("person_id", sa.Text, sa.ForeignKey("person.id"), nullable=False, index=True),
    )
    op.create_table(
        "session",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("person_id", sa.Text, sa.ForeignKey("person.id"), nullable=False, index=True),
        sa.Column("started_at", sa.Text, nullable=False),
        sa.Column("seen_at", sa.Text, nullable=False),
        sa.Column("vouched", sa.Boolean, nullable=False),
    )
    op.create_table(
        "token",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        sa.Column("person_id", sa.Text, sa.ForeignKey("person.id"), nullable=False, index=True),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("start", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("made_at", sa.Text, nullable=False),
        sa.Column("expires_at", sa.Text, nullable=False),
        sa.Column("revoked_at", sa.Text),
    )
    op.create_table(
        "outside_account",
        sa.Column("issuer", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("person_id", sa.Text, sa.ForeignKey("person.id"), nullable=False, index=True),
    )
    op.create_table(
        "outside_sign_in",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("verifier", sa.Text, nullable=False),
        sa.Column("onward", sa.Text, nullable=False),
        sa.Column("started_at", sa.Text, nullable=False),
    )
