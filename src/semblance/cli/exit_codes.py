"""The one map from how an act ended to the exit code of the process; docs/cli.md lists them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from semblance import errors
from semblance.edge.statuses import lacks_room

DONE: Final = 0
UNEXPECTED: Final = 1
USAGE: Final = 2
REFUSED: Final = 3
INCOMPLETE: Final = 4
"""The act went through, but not all of it was what was asked for (a photo was not enrolled)."""
CHOICE_NEEDED: Final = 5
"""Several faces, and none was chosen."""
NO_FACE: Final = 6
INTERRUPTED: Final = 130

CODES: Final[Mapping[type[errors.SemblanceError], int]] = MappingProxyType(
    {
        errors.SemblanceError: UNEXPECTED,
        errors.ConfigurationError: 10,
        errors.NodeMissing: 11,
        errors.DependencyMissing: 12,
        errors.IntakeError: 20,
        errors.ManifestError: 21,
        errors.ModelError: 30,
        errors.PackMissing: 31,
        errors.DigestMismatch: 32,
        errors.DownloadFailed: 33,
        errors.PolicyError: 40,
        errors.RefusedByPolicy: REFUSED,
        errors.NotSignedIn: 41,
        errors.NotFound: 44,
        errors.Conflict: 49,
        errors.PackConflict: 50,
        errors.StoreError: 60,
        errors.StoreFull: 61,
        errors.VerificationError: 70,
        errors.PeerError: 80,
    }
)


def find_exit_code(error: errors.SemblanceError) -> int:
    """Return the exit code of the error: that of its own class, or else of the nearest class above it."""
    if lacks_room(error):
        return CODES[errors.StoreFull]
    return next(CODES[kind] for kind in type(error).__mro__ if kind in CODES)
