"""Documents about what a node runs by: its policy, its model packs and their migration, its keys."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import AliasPath, BeforeValidator, Field

from semblance.edge.document import Document, taken_from
from semblance.messages.message import Message
from semblance.store.policies import StoredPolicy
from semblance.workflows.models.models import PackStatus
from semblance.workflows.models.shadow_run import ShadowRow


class PolicyDocument(Document):
    """The policy in force; number 0 is the one that Semblance ships."""

    number: int
    title: str = taken_from("title", "policy", "title")
    digest: str = taken_from("digest", "policy", "digest")
    since: datetime | None
    person: str | None
    reason: str | None
    text: str = taken_from("text", "policy", "text", description="The policy file, TOML.")


class PolicyVersionsDocument(Document):
    """All versions that were brought into force, newest first."""

    versions: tuple[StoredPolicy, ...]


class KeysDocument(Document):
    """The keys of a node, none of them opened; ``node_key`` is a fingerprint of the one that wraps the others."""

    keys: int
    destroyed: int
    node_key: str
    source: str = Field(description="Where the node key comes from: file, env or command.")
    made_at: datetime
    rotated_at: datetime | None
    rotation_under_way: bool


def _say(counts: Mapping[Message, int]) -> dict[str, int]:
    return {str(why): count for why, count in counts.items()}


Reasons = Annotated[dict[str, int], BeforeValidator(_say)]
"""How many there are of each reason, in a sentence."""


class PackFileDocument(Document):
    """One file of a model pack; ``state`` is present, missing or wrong-digest."""

    name: str = taken_from("name", "file", "name")
    sha256: str = taken_from("sha256", "file", "sha256")
    state: str
    licence: str = taken_from("licence", "file", "licence")
    training_data: str = taken_from("training_data", "file", "training_data")


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
        return cls.from_value(pack, usable=status.usable, in_use=pack.name == own, files=status.files)


class MigrationDocument(Document):
    """How far a gallery has templates of another pack."""

    pack: str = taken_from("pack", "pack_name")
    made_now: int = taken_from("made_now", "made")
    references: int = taken_from("references", "coverage", "references")
    made: int = Field(validation_alias=AliasPath("coverage", "made"))
    faults: Reasons = Field(description="Why references have no template of the pack, and how many.")
    wanting: int = taken_from("wanting", "coverage", "wanting", description="References that were not looked at yet.")
    interrupted: bool


class ShadowDocument(Document):
    """What another pack would change in past searches."""

    pack: str = taken_from("pack", "pack_name")
    repeated: Annotated[int, BeforeValidator(len)] = taken_from("repeated", "rows")
    same_first: int
    unchanged: int
    skipped: Reasons
    searches: tuple[ShadowRow, ...] = taken_from("searches", "rows")
    interrupted: bool
