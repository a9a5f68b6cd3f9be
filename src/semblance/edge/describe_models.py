"""From migrations between model packs to documents for programs."""

from semblance.edge import documents as d
from semblance.workflows.migrate_templates import MigrationReport
from semblance.workflows.shadow_run import ShadowReport


def describe_migration(report: MigrationReport) -> d.MigrationDocument:
    """Return the document of a migration run."""
    return d.MigrationDocument(
        pack=report.pack_name,
        made_now=report.made,
        references=report.coverage.references,
        made=report.coverage.made,
        faults=report.faults,
        wanting=report.coverage.wanting,
        interrupted=report.interrupted,
    )


def describe_shadow(report: ShadowReport) -> d.ShadowDocument:
    """Return the document of a shadow run."""
    return d.ShadowDocument(
        pack=report.pack_name,
        repeated=len(report.rows),
        same_first=report.same_first,
        unchanged=report.unchanged,
        skipped=report.skipped,
        searches=tuple(
            d.ShadowRowDocument(
                search=row.search,
                first=row.first,
                moved=row.moved,
                entered=row.entered,
                left=row.left,
                examined=tuple(
                    d.MovedDocument(pseudonym=one.pseudonym, before=one.before, after=one.after, lead=one.lead)
                    for one in row.examined
                ),
            )
            for row in report.rows
        ),
        interrupted=report.interrupted,
    )
