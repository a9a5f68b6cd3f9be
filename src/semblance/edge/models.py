"""Documents about model packs and their migration."""

from pydantic import Field

from semblance.edge.document import Document
from semblance.workflows.models.migrate_templates import MigrationReport
from semblance.workflows.models.models import PackStatus
from semblance.workflows.models.shadow_run import ShadowReport, ShadowRow


class PackFileDocument(Document):
    """One file of a model pack; ``state`` is present, missing or wrong-digest."""

    name: str
    sha256: str
    state: str
    licence: str
    training_data: str


class PackDocument(Document):
    """A model pack on this machine."""

    name: str
    version: str
    title: str
    digest: str = Field(description="What templates are bound to; templates of different digests are never compared.")
    metric: str
    dimension: int
    usable: bool
    in_use: bool
    files: tuple[PackFileDocument, ...]

    @classmethod
    def of(cls, status: PackStatus, own: str | None) -> "PackDocument":
        """Return the document of a pack; ``own`` is the name of the node's."""
        pack = status.manifest
        files = tuple(
            PackFileDocument(
                name=file.file.name,
                sha256=file.file.sha256,
                state=file.state,
                licence=file.file.licence,
                training_data=file.file.training_data,
            )
            for file in status.files
        )
        return cls(
            name=pack.name,
            version=pack.version,
            title=pack.title,
            digest=pack.digest,
            metric=pack.metric,
            dimension=pack.dimension,
            usable=status.usable,
            in_use=pack.name == own,
            files=files,
        )


class MigrationDocument(Document):
    """How far a gallery has templates of another pack."""

    pack: str
    made_now: int
    references: int
    made: int
    faults: dict[str, int] = Field(description="Why references have no template of the pack, and how many.")
    wanting: int = Field(description="References that were not looked at yet.")
    interrupted: bool

    @classmethod
    def of(cls, report: MigrationReport) -> "MigrationDocument":
        """Return the document of a migration run."""
        return cls(
            pack=report.pack_name,
            made_now=report.made,
            references=report.coverage.references,
            made=report.coverage.made,
            faults={str(why): count for why, count in report.faults.items()},
            wanting=report.coverage.wanting,
            interrupted=report.interrupted,
        )


class ShadowDocument(Document):
    """What another pack would change in past searches."""

    pack: str
    repeated: int
    same_first: int
    unchanged: int
    skipped: dict[str, int]
    searches: tuple[ShadowRow, ...]
    interrupted: bool

    @classmethod
    def of(cls, report: ShadowReport) -> "ShadowDocument":
        """Return the document of a shadow run."""
        return cls(
            pack=report.pack_name,
            repeated=len(report.rows),
            same_first=report.same_first,
            unchanged=report.unchanged,
            skipped={str(why): count for why, count in report.skipped.items()},
            searches=report.rows,
            interrupted=report.interrupted,
        )
