"""The whole schema: records held under law, their keys apart, and the ledger that nothing changes."""

from typing import Final

from alembic import op

from semblance.store.migrations.guards import guard_ledger
from semblance.store.migrations.tables import counter, create, data, flag, key, long, measure, text, whole

revision: Final = "0010"
down_revision: Final = None


def upgrade() -> None:
    """Bring the tables, and the triggers that refuse to change or remove what stands in the ledger."""
    _make_tables()
    op.execute("INSERT INTO gallery_state (id, version) VALUES (1, 0)")
    guard_ledger()


def _make_tables() -> None:
    create(
        "authority",
        [*key("code"), *text("name contact"), *text("public_key", null=True), *flag("admitted")],
        primary=("code",),
    )
    create(
        "case_file",
        [
            *text("id blind key_id authority purpose category state opened_at opened_by last_act_at"),
            *data("sealed", null=True),
        ],
        primary=("id",),
        unique=[("blind",)],
        index=("authority", "last_act_at", "opened_at", "state"),
    )
    create(
        "deletion",
        [
            *counter("number"),
            *text("subject_id", null=True),
            *text("at person"),
            *long("entry"),
            *whole("photos faces references_removed outcomes"),
        ],
        primary=("number",),
    )
    create("doomed_key", [*text("id proof")], primary=("id",))
    create("gallery_change", [*long("version"), *text("kind reference_id")], primary=("version",))
    create(
        "gallery_state",
        [*whole("id"), *long("version"), *text("pack pack_name metric", null=True), *whole("dimension", null=True)],
        primary=("id",),
    )
    create(
        "intake_outcome",
        [*text("id subject_blind status"), *text("photo_id", null=True), *text("judged_under"), *data("reasons")],
        primary=("id",),
        index=("photo_id", "subject_blind"),
    )
    create("ledger_checkpoint", [*long("size"), *text("note")], primary=("size",))
    create("ledger_entry", [*long("number"), *data("data")], primary=("number",))
    create("ledger_node", [*whole("level"), *long("position"), *data("hash")], primary=("level", "position"))
    create(
        "ledger_opening",
        [*long("number"), *text("label key_id"), *data("sealed")],
        primary=("number", "label"),
        index=("key_id",),
    )
    create("ledger_touched", [*text("blind"), *long("number")], primary=("blind", "number"))
    create("outside_sign_in", [*text("digest nonce verifier onward started_at")], primary=("digest",))
    create("policy_version", [*whole("number"), *text("at person authority reason digest text")], primary=("number",))
    create(
        "reminder",
        [*text("kind about due_on owner at"), *long("entry")],
        primary=("kind", "about", "due_on"),
        index=("owner",),
    )
    create(
        "request",
        [
            *text("id key_id kind state authority received_on due_on taken_at taken_by"),
            *text("decided_at decided_by", null=True),
            *long("told_in", null=True),
            *data("sealed", null=True),
        ],
        primary=("id",),
        index=("decided_at", "due_on", "state"),
    )
    create(
        "subject",
        [*text("id blind key_id owner created_at created_by")],
        primary=("id",),
        unique=[("blind",)],
        index=("created_at",),
    )
    create("subject_seal", [*text("blind key_id")], primary=("blind",))
    create(
        "verification",
        [*counter("number"), *text("at person"), *long("entries", null=True), *text("fault", null=True)],
        primary=("number",),
    )
    create(
        "authorisation",
        [
            *text("id case_id probe_id authority requested_at requested_by"),
            *text("due_at", null=True),
            *text("state"),
            *text("decided_at decided_by", null=True),
            *data("reason", null=True),
        ],
        primary=("id",),
        unique=[("probe_id",)],
        foreign={("case_id",): ("case_file.id",)},
        index=("authority", "case_id", "due_at", "state"),
    )
    create(
        "person",
        [
            *text("id"),
            *key("name authority"),
            *text("password", null=True),
            *flag("must_change"),
            *text("trained_on", null=True),
            *text("added_at"),
            *text("disabled_at locked_at", null=True),
            *text("key_id"),
            *data("totp totp_new", null=True),
            *long("totp_step"),
            *whole("wrong_tries wrong_codes"),
            *text("paused_until", null=True),
        ],
        primary=("id",),
        unique=[("name",)],
        foreign={("authority",): ("authority.code",)},
    )
    create(
        "photo",
        [*text("id subject_id blind status enrolled_at enrolled_by"), *data("sealed")],
        primary=("id",),
        unique=[("subject_id", "blind")],
        foreign={("subject_id",): ("subject.id",)},
        index=("blind", "status"),
    )
    create(
        "probe",
        [*text("id case_id key_id submitted_at submitted_by expires_at"), *data("sealed")],
        primary=("id",),
        foreign={("case_id",): ("case_file.id",)},
        index=("case_id", "expires_at"),
    )
    create(
        "record",
        [
            *text("subject_id kind owner state retain_until restriction restricted"),
            *whole("version"),
            *text("changed_at"),
            *data("heading sealed"),
        ],
        primary=("subject_id",),
        foreign={("subject_id",): ("subject.id",)},
        index=("kind", "owner", "retain_until", "state"),
    )
    create(
        "record_version",
        [*text("subject_id"), *whole("version"), *text("at person authority"), *data("sealed")],
        primary=("subject_id", "version"),
        foreign={("subject_id",): ("subject.id",)},
    )
    create(
        "request_record",
        [
            *text("request_id subject_id"),
            *whole("version"),
            *flag("blocked"),
            *whole("corrected", null=True),
            *long("erased_in", null=True),
        ],
        primary=("request_id", "subject_id"),
        foreign={("request_id",): ("request.id",)},
        index=("subject_id",),
    )
    create(
        "search",
        [
            *counter("number"),
            *text("id case_id key_id authority at person purpose outcome probe_id"),
            *text("pack", null=True),
            *long("gallery_subjects gallery_references gallery_version"),
            *whole("candidate_limit"),
            *text("rule", null=True),
            *data("sealed", null=True),
        ],
        primary=("number",),
        unique=[("id",)],
        foreign={("case_id",): ("case_file.id",)},
        index=("case_id", "probe_id"),
    )
    op.create_index("ix_search_authority_at", "search", ["authority", "at"])
    create(
        "face",
        [*text("photo_id"), *whole("ordinal"), *data("sample")],
        primary=("photo_id", "ordinal"),
        foreign={("photo_id",): ("photo.id",)},
    )
    create(
        "outside_account",
        [*text("issuer subject person_id")],
        primary=("issuer", "subject"),
        foreign={("person_id",): ("person.id",)},
        index=("person_id",),
    )
    create(
        "photo_bytes",
        [*text("photo_id"), *data("data")],
        primary=("photo_id",),
        foreign={("photo_id",): ("photo.id",)},
    )
    create(
        "probe_bytes",
        [*text("probe_id"), *data("data")],
        primary=("probe_id",),
        foreign={("probe_id",): ("probe.id",)},
    )
    create(
        "recovery_code",
        [*text("digest person_id")],
        primary=("digest",),
        foreign={("person_id",): ("person.id",)},
        index=("person_id",),
    )
    create(
        "role_grant",
        [*text("person_id role until")],
        primary=("person_id", "role"),
        foreign={("person_id",): ("person.id",)},
    )
    create(
        "search_candidate",
        [*text("search_id"), *whole("rank"), *text("subject_id reference_id"), *measure("score")],
        primary=("search_id", "rank"),
        foreign={("search_id",): ("search.id",)},
    )
    create(
        "session",
        [*text("digest person_id started_at seen_at"), *flag("vouched")],
        primary=("digest",),
        foreign={("person_id",): ("person.id",)},
        index=("person_id",),
    )
    create(
        "token",
        [*text("id digest person_id label start scope made_at expires_at"), *text("revoked_at", null=True)],
        primary=("id",),
        unique=[("digest",)],
        foreign={("person_id",): ("person.id",)},
        index=("person_id",),
    )
    create(
        "reference",
        [
            *text("id"),
            *long("sequence"),
            *text("subject_id photo_id"),
            *whole("ordinal"),
            *text("pack metric"),
            *whole("dimension"),
            *data("template"),
        ],
        primary=("id",),
        unique=[("photo_id",), ("sequence",)],
        foreign={("photo_id", "ordinal"): ("face.photo_id", "face.ordinal"), ("subject_id",): ("subject.id",)},
        index=("subject_id",),
    )
