"""The examiner's workbench: prepared probes, examinations, leads, reports, calibrations, notices to be sent."""

from typing import Final

from alembic import op

from semblance.store.migrations.tables import create, data, flag, key, long, text, whole

revision: Final = "0011"
down_revision: Final = "0010"


def upgrade() -> None:
    """Bring the tables; searches made before have the one probe that they name, and no examination."""
    _make_examinations()
    _make_workbench()
    op.add_column("authority", *text("webhook", null=True))
    op.execute("INSERT INTO search_probe (search_id, probe_id) SELECT id, probe_id FROM search")


def _make_examinations() -> None:
    create(
        "examination",
        [*text("id search_id case_id authority state opened_at"), *text("concluded_at", null=True)],
        primary=("id",),
        unique=[("search_id",)],
        foreign={("search_id",): ("search.id",), ("case_id",): ("case_file.id",)},
        index=("authority", "case_id", "state"),
    )
    create(
        "examination_candidate",
        [*text("examination_id"), *key("pseudonym"), *text("subject_id reference_id"), *flag("lure")],
        primary=("examination_id", "pseudonym"),
        foreign={("examination_id",): ("examination.id",)},
        index=("subject_id",),
    )
    create(
        "sitting",
        [
            *text("id examination_id"),
            *whole("number"),
            *text("person opened_at"),
            *text("closed_at", null=True),
            *text("ordering"),
        ],
        primary=("id",),
        foreign={("examination_id",): ("examination.id",)},
        index=("closed_at", "person"),
    )
    op.create_index("ix_sitting_number", "sitting", ["examination_id", "number"], unique=True)
    op.create_index("ix_sitting_examiner", "sitting", ["examination_id", "person"], unique=True)
    create(
        "sitting_candidate",
        [
            *text("sitting_id"),
            *key("pseudonym"),
            *text("seen_at", null=True),
            *whole("version"),
            *text("conclusion decided_at", null=True),
            *data("sealed", null=True),
        ],
        primary=("sitting_id", "pseudonym"),
        foreign={("sitting_id",): ("sitting.id",)},
    )
    create(
        "lead",
        [
            *text("id examination_id pseudonym subject_id authority owner state made_at due_at"),
            *text("reminded_at decided_at decided_by", null=True),
            *data("sealed released", null=True),
        ],
        primary=("id",),
        foreign={("examination_id",): ("examination.id",)},
        index=("authority", "due_at", "owner", "state", "subject_id"),
    )
    op.create_index("ix_lead_pseudonym", "lead", ["examination_id", "pseudonym"], unique=True)
    create(
        "report_made",
        [*text("id examination_id made_at made_by sha256"), *long("entry")],
        primary=("id",),
        foreign={("examination_id",): ("examination.id",)},
        index=("examination_id",),
    )


def _make_workbench() -> None:
    create(
        "preparation",
        [*text("id probe_id"), *whole("number"), *text("made_at made_by"), *data("sealed")],
        primary=("id",),
        foreign={("probe_id",): ("probe.id",)},
        index=("probe_id",),
    )
    op.create_index("ix_preparation_number", "preparation", ["probe_id", "number"], unique=True)
    create(
        "search_probe",
        [*text("search_id probe_id")],
        primary=("search_id", "probe_id"),
        foreign={("search_id",): ("search.id",)},
        index=("probe_id",),
    )
    create(
        "calibration",
        [
            *text("id started_at"),
            *text("finished_at", null=True),
            *text("person authority pack purpose"),
            *long("gallery_version subjects reference_count"),
            *whole("asked"),
            *long("seed"),
            *data("scores"),
        ],
        primary=("id",),
        index=("pack",),
    )
    create(
        "outgoing_notice",
        [
            *text("id kind about authority channel made_at due_at"),
            *whole("tries"),
            *text("deadline sent_at given_up_at failure", null=True),
        ],
        primary=("id",),
        index=("about", "due_at"),
    )
