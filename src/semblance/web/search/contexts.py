"""What the pages of a probe's preparation and of its search are given beside the photo."""

from dataclasses import dataclass

from semblance.web.page.contexts import FaceView, Frame, Option, PhotoView
from semblance.web.search.result_contexts import Entries


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version of a probe that can be searched: the original, or a prepared one with its steps in words."""

    href: str
    words: str
    steps: tuple[str, ...]
    chosen: bool
    edit_href: str | None = None


@dataclass(frozen=True, slots=True)
class JoinableView:
    """Another photo of the case, and the faces in it of which one may be searched together with this one."""

    name: str
    href: str
    faces: tuple[tuple[str, bool, FaceView], ...]


@dataclass(frozen=True, slots=True)
class NarrowingView:
    """The choices of the filters of a search; ``open``: something was written into them."""

    kinds: tuple[Option, ...]
    sexes: tuple[Option, ...]
    open: bool


@dataclass(frozen=True, slots=True)
class PreparePage:
    """Preparing a probe: the picture, its size in pixels, and where it begins; ``steps`` is JSON."""

    frame: Frame
    probe: str
    name: str
    case: str
    case_href: str
    width: int
    height: int
    steps: str
    words: tuple[str, ...]
    faces: tuple[int, ...]
    cap: int
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class ProbePage:
    """The probe with the faces found in it, and the form that asks why it is searched.

    ``prepared`` is the prepared version that is looked at, empty for the original.
    """

    frame: Frame
    probe: str
    case: str
    case_href: str
    purpose: str
    kinds: str
    authorisation: str
    name: str
    photo: PhotoView
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    entries: Entries
    limits: tuple[int, ...]
    versions: tuple[VersionView, ...]
    prepared: str
    prepare_href: str | None
    joinable: tuple[JoinableView, ...]
    narrowing: NarrowingView
    problem: str | None = None
    problem_field: str = ""
