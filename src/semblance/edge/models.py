"""Documents about model packs, their migration and their measurement."""

from pydantic import Field

from semblance.edge.document import Document
from semblance.workflows.models.migrate_templates import MigrationReport
from semblance.workflows.models.shadow_run import ShadowReport


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


class PacksDocument(Document):
    """All known model packs."""

    models: str
    packs: tuple[PackDocument, ...]


class IndexCheckDocument(Document):
    """How an index that is elsewhere compares with the store; all zero where it is in memory."""

    elsewhere: bool
    references: int = 0
    missing: int = 0
    stray: int = 0
    stale: int = 0
    repaired: bool = False


class MigrationDocument(Document):
    """How far a gallery has templates of another pack."""

    pack: str
    made_now: int
    references: int
    made: int
    faults: dict[str, int] = Field(description="Why references have no template of the pack, and how many.")
    wanting: int = Field(description="References that were not looked at yet.")
    interrupted: bool


class ForgottenDocument(Document):
    """How many references' templates of other packs were deleted."""

    templates: int


class MovedDocument(Document):
    """Where a candidate of a concluded examination stands with each pack; null is not in the list."""

    pseudonym: str
    before: int | None
    after: int | None
    lead: bool


class ShadowRowDocument(Document):
    """What another pack would change in one past search."""

    search: str
    first: bool = Field(description="Whether both packs put the same record first.")
    moved: int
    entered: int
    left: int
    examined: tuple[MovedDocument, ...]


class ShadowDocument(Document):
    """What another pack would change in past searches."""

    pack: str
    repeated: int
    same_first: int
    unchanged: int
    skipped: dict[str, int]
    searches: tuple[ShadowRowDocument, ...]
    interrupted: bool


class BenchContenderDocument(Document):
    """One way to make templates, measured; ``ratio`` is against face_recognition, where it was measured too."""

    name: str
    photos_per_second: float = Field(description="Median over the rounds, from file to template, all cores.")
    rounds: tuple[float, ...]
    ratio: float | None
    templates: int
    peak_bytes: int
    start_seconds: float
    stages: dict[str, float] = Field(description="Mean milliseconds a photo on one thread.")


class EncoderCheckDocument(Document):
    """The rebuilt encoder held against dlib's own."""

    chips: int
    largest_difference: float
    dlib_milliseconds: float
    rebuilt_milliseconds: float
    ratio: float


class BenchDocument(Document):
    """What ``semblance bench`` measured."""

    photos: int
    contenders: tuple[BenchContenderDocument, ...]
    encoder: EncoderCheckDocument | None


def describe_migration(report: MigrationReport) -> MigrationDocument:
    """Return the document of a migration run."""
    return MigrationDocument(
        pack=report.pack_name,
        made_now=report.made,
        references=report.coverage.references,
        made=report.coverage.made,
        faults=report.faults,
        wanting=report.coverage.wanting,
        interrupted=report.interrupted,
    )


def describe_shadow(report: ShadowReport) -> ShadowDocument:
    """Return the document of a shadow run."""
    return ShadowDocument(
        pack=report.pack_name,
        repeated=len(report.rows),
        same_first=report.same_first,
        unchanged=report.unchanged,
        skipped=report.skipped,
        searches=tuple(
            ShadowRowDocument(
                search=row.search,
                first=row.first,
                moved=row.moved,
                entered=row.entered,
                left=row.left,
                examined=tuple(
                    MovedDocument(pseudonym=one.pseudonym, before=one.before, after=one.after, lead=one.lead)
                    for one in row.examined
                ),
            )
            for row in report.rows
        ),
        interrupted=report.interrupted,
    )
