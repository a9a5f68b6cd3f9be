"""What the page of a probe is given beside the photo: what was written into the form, and its choices."""

from dataclasses import dataclass

from semblance.web.page.contexts import FaceView, Option


@dataclass(frozen=True, slots=True)
class Entries:
    """What was written into the form, so that nothing must be written twice.

    ``also`` are faces of other photos, each as the form names it.
    """

    reason: str = ""
    limit: int = 20
    also: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    youngest: str = ""
    oldest: str = ""
    sex: str = ""
    nationality: str = ""
    again: str = ""


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
class TrackView:
    """Where in a video a probe comes from: the track, and the frames that are searched together, by time.

    ``frames`` are each a time, its address, empty where it may not be opened, and the frame's name.
    """

    video: str
    number: int
    href: str
    frames: tuple[tuple[str, str, str], ...]
