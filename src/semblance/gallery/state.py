"""What a gallery is at one moment."""

from dataclasses import dataclass

from semblance.terms.ids import PackDigest


@dataclass(frozen=True, slots=True)
class GalleryState:
    """Counts and version of the gallery.

    ``version`` rises by one with every reference that is added or removed. ``pack`` is the digest of the pack that
    made all templates, None before the first.
    """

    version: int
    pack: PackDigest | None
    subjects: int
    references: int
