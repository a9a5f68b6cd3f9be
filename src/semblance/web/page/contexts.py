"""What several pages show alike: the frame around them, links, tasks, photos and faces, choices."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """A part of the navigation; ``key`` names it, ``href`` leads there."""

    key: str
    href: str
    words: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What the frame around every page shows; ``here`` is the part of the navigation that is open.

    ``person`` is empty where nobody is signed in; ``links`` are the parts that the person may open. ``languages`` are
    the codes and names of the other languages, and ``page`` is where the reader comes back to after choosing one.
    """

    node: str
    demonstration: bool
    here: str
    person: str = ""
    authority: str = ""
    links: tuple[Link, ...] = ()
    language: str = "en"
    languages: tuple[tuple[str, str], ...] = ()
    page: str = "/"


@dataclass(frozen=True, slots=True)
class TaskView:
    """Something that waits for the person; ``late`` is what must be hurried."""

    href: str
    words: str
    detail: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class MeasureView:
    """One quality component: its standard name, its name in words, its scalar as text, the bar and the own unit."""

    standard: str
    words: str
    scalar: int | None
    native: str


@dataclass(frozen=True, slots=True)
class FaceView:
    """A face in a photo: place in pixels, quality in words, shortfalls, all components."""

    ordinal: int
    left: float
    top: float
    width: float
    height: float
    picture: str
    verdict: str
    grade: str
    eyes: str
    shortfalls: tuple[str, ...]
    measures: tuple[MeasureView, ...]
    chosen: bool
    href: str | None = None


@dataclass(frozen=True, slots=True)
class PhotoView:
    """A photo as shown: its preview's address, its size in pixels, and the faces drawn on it."""

    picture: str
    alt: str
    width: int
    height: int
    faces: tuple[FaceView, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One entry of a list to choose from."""

    value: str
    words: str
    chosen: bool
