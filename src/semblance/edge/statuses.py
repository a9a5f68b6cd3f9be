"""The one map from Semblance's errors to HTTP statuses."""

import errno
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from semblance import errors

REFUSED: Final = 403
"""How a refusal by policy travels over HTTP."""

NUMBER_CAP: Final = 2**63 - 1
"""The largest number that a database can be asked about."""

STATUSES: Final[Mapping[type[errors.SemblanceError], int]] = MappingProxyType(
    {
        errors.SemblanceError: 500,
        errors.ConfigurationError: 503,
        errors.IntakeError: 422,
        errors.UnsupportedImage: 415,
        errors.ImageTooLarge: 413,
        errors.UnsupportedVideo: 415,
        errors.VideoTooLarge: 413,
        errors.ModelError: 503,
        errors.PolicyError: 403,
        errors.NotSignedIn: 401,
        errors.NotFound: 404,
        errors.Conflict: 409,
        errors.StoreError: 503,
        errors.StoreFull: 507,
        errors.VerificationError: 422,
        errors.LedgerBroken: 503,
        errors.PeerError: 502,
        errors.Busy: 503,
        errors.TooManyTries: 429,
    }
)


def find_status(error: errors.SemblanceError) -> int:
    """Return the HTTP status of the error: that of its own class, or else of the nearest class above it."""
    if isinstance(error, errors.RequestProblem):
        return error.status
    if lacks_room(error):
        return STATUSES[errors.StoreFull]
    for kind in type(error).__mro__:
        if kind in STATUSES:
            return STATUSES[kind]
    return 500


def lacks_room(error: BaseException) -> bool:
    """Return whether an error arose because a disk is full, whatever was to be written there."""
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, OSError) and link.errno in {errno.ENOSPC, errno.EDQUOT}:
            return True
        link = link.__cause__ or link.__context__
    return False


def list_headers(error: errors.SemblanceError) -> dict[str, str]:
    """Return the headers that go with an error: when to ask again, where that helps."""
    return {"Retry-After": str(error.seconds)} if isinstance(error, errors.Busy) else {}
