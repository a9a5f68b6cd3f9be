"""Authorities, people and what lets them in. No password, code or secret stands here as it is."""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.base import KEY, Day, Moment, StoredText, metadata

authority: Final = sa.Table(
    "authority",
    metadata,
    sa.Column("code", KEY, primary_key=True),
    sa.Column("name", StoredText, nullable=False),
    sa.Column("contact", StoredText, nullable=False),
    sa.Column("public_key", StoredText),
    sa.Column("admitted", sa.Boolean, nullable=False),
    # where its own systems are told of leads on its records; its people by the contact, where that is an address
    sa.Column("webhook", StoredText),
)

person: Final = sa.Table(
    "person",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    sa.Column("name", KEY, nullable=False, unique=True),
    sa.Column("authority", KEY, sa.ForeignKey("authority.code"), nullable=False),
    # Argon2id; NULL where somebody signs in at another body's provider only
    sa.Column("password", StoredText),
    sa.Column("must_change", sa.Boolean, nullable=False),
    sa.Column("trained_on", Day),
    sa.Column("added_at", Moment, nullable=False),
    sa.Column("disabled_at", Moment),
    sa.Column("locked_at", Moment),
    # set when an older copy of the store is accepted, until two people confirm the account
    sa.Column("doubted_at", Moment),
    # the secret of the second factor, sealed with a key of the person's own
    sa.Column("key_id", StoredText, nullable=False),
    sa.Column("totp", sa.LargeBinary),
    # one that is shown to its owner, and not confirmed with a code yet
    sa.Column("totp_new", sa.LargeBinary),
    sa.Column("totp_step", sa.BigInteger, nullable=False),
    sa.Column("wrong_tries", sa.Integer, nullable=False),
    sa.Column("wrong_codes", sa.Integer, nullable=False),
    sa.Column("paused_until", Moment),
    # the same of browsers that signed in before, and of whoever gave the second factor first
    sa.Column("known_tries", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("known_codes", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("known_paused_until", Moment),
    # counted up when no browser that signed in before shall be known any more
    sa.Column("device_epoch", sa.Integer, nullable=False, server_default=sa.text("0")),
)

role_grant: Final = sa.Table(
    "role_grant",
    metadata,
    sa.Column("person_id", StoredText, sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("role", StoredText, primary_key=True),
    sa.Column("until", Day, nullable=False),
    # where an older version joined it with a role that is kept apart: until when that goes
    sa.Column("joined_until", Day),
)

recovery_code: Final = sa.Table(
    "recovery_code",
    metadata,
    sa.Column("digest", StoredText, primary_key=True),
    sa.Column("person_id", StoredText, sa.ForeignKey("person.id"), nullable=False, index=True),
)

session: Final = sa.Table(
    "session",
    metadata,
    sa.Column("digest", StoredText, primary_key=True),
    sa.Column("person_id", StoredText, sa.ForeignKey("person.id"), nullable=False, index=True),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
    sa.Column("vouched", sa.Boolean, nullable=False),
    # how often the person's sessions had been ended when it was begun
    sa.Column("generation", sa.Integer, nullable=False),
    # over everything else in the row
    sa.Column("mac", sa.LargeBinary, nullable=False),
)

token: Final = sa.Table(
    "token",
    metadata,
    sa.Column("id", StoredText, primary_key=True),
    sa.Column("digest", StoredText, nullable=False, unique=True),
    sa.Column("person_id", StoredText, sa.ForeignKey("person.id"), nullable=False, index=True),
    sa.Column("label", StoredText, nullable=False),
    sa.Column("start", StoredText, nullable=False),
    # a JSON list of actions, sorted
    sa.Column("scope", StoredText, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("revoked_at", Moment),
)

# accounts at an OpenID Connect provider, linked by an administrator
outside_account: Final = sa.Table(
    "outside_account",
    metadata,
    sa.Column("issuer", StoredText, primary_key=True),
    sa.Column("subject", StoredText, primary_key=True),
    sa.Column("person_id", StoredText, sa.ForeignKey("person.id"), nullable=False, index=True),
)

# sign-ins under way at a provider; each is used once, and forgotten after some minutes
outside_sign_in: Final = sa.Table(
    "outside_sign_in",
    metadata,
    sa.Column("digest", StoredText, primary_key=True),
    sa.Column("nonce", StoredText, nullable=False),
    sa.Column("verifier", StoredText, nullable=False),
    sa.Column("onward", StoredText, nullable=False),
    sa.Column("started_at", Moment, nullable=False),
)
