"""What the law sees of a record: its kind, its owner, who may not see it, its state and its last day."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from semblance.terms.ids import AuthorityCode


class RecordKind(StrEnum):
    """Kinds of record: INTERPOL's notices and diffusions, unidentified persons, and the samples of a demonstration."""

    RED = "red"
    BLUE = "blue"
    YELLOW = "yellow"
    BLACK = "black"
    GREEN = "green"
    UN = "un"
    DIFFUSION = "diffusion"
    UNIDENTIFIED = "unidentified"
    SAMPLE = "sample"


NAMELESS: Final = frozenset({RecordKind.UNIDENTIFIED, RecordKind.BLACK})
"""Kinds of people whom nobody could name: records of these alone are linked with each other."""


class RecordState(StrEnum):
    """Where a record stands; only an active one can be a candidate.

    ``blocked`` is the state while it is disputed. ``withdrawn`` is the owner's act, ``expired`` that of time.
    """

    DRAFT = "draft"
    ACTIVE = "active"
    BLOCKED = "blocked"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Sex(StrEnum):
    """Sex as an authority recorded it (ISO/IEC 5218); never read from a face."""

    FEMALE = "female"
    MALE = "male"
    NOT_KNOWN = "not known"


class RestrictionMode(StrEnum):
    """Whether the authorities that a restriction names are the only ones that see the record, or those that do not."""

    NONE = "none"
    ONLY = "only"
    EXCEPT = "except"


@dataclass(frozen=True, slots=True)
class Restriction:
    """Which authorities may see a record; its owner always may. ``NONE`` names nobody and lets every authority."""

    mode: RestrictionMode = RestrictionMode.NONE
    authorities: frozenset[AuthorityCode] = frozenset()

    def lets(self, authority: AuthorityCode) -> bool:
        """Return whether an authority that does not own the record may see it."""
        if self.mode is RestrictionMode.NONE:
            return True
        return (authority in self.authorities) == (self.mode is RestrictionMode.ONLY)


UNRESTRICTED: Final = Restriction()
"""Every authority may see the record."""


@dataclass(frozen=True, slots=True)
class RecordStanding:
    """What decides who may do what with a record: whose it is, where it stands, and who else may see it.

    Lists ask the policy once for all records of one standing, however many there are; what is added here multiplies
    what they ask.
    """

    owner: AuthorityCode
    state: RecordState
    restriction: Restriction = UNRESTRICTED

    def is_visible_to(self, authority: AuthorityCode) -> bool:
        """Return whether the authority may know that the record exists: its owner, and whom the restriction lets.

        A draft is its owner's alone.
        """
        return authority == self.owner or (self.state is not RecordState.DRAFT and self.restriction.lets(authority))


@dataclass(frozen=True, slots=True)
class RecordFacts(RecordStanding):
    """All that the law needs to know of a record, and nothing that names anybody.

    ``retain_until`` is the last day on which the record may be held.
    """

    kind: RecordKind = field(kw_only=True)
    retain_until: date = field(kw_only=True)
