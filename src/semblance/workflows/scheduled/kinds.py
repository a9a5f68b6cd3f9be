"""Every kind of job that this program does; ``workflows.jobs.kind`` says how one is added."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from semblance.workflows.following.follow_video import FOLLOW_VIDEO
from semblance.workflows.jobs.kind import JobKind
from semblance.workflows.oversight.verify_job import VERIFY_LEDGER
from semblance.workflows.redaction.cover_clip import COVER_CLIP

_ALL: Final = (VERIFY_LEDGER, FOLLOW_VIDEO, COVER_CLIP)

KINDS: Final[Mapping[str, JobKind]] = MappingProxyType({kind.name: kind for kind in _ALL})
"""By name: the page says a job's title by it, and a worker takes jobs of these kinds only."""
