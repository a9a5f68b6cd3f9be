"""The one map from Semblance's errors to HTTP statuses, and the way out for a refusal."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeVar

from semblance import errors
from semblance.errors import RefusedByPolicy
from semblance.terms.permission import Refusal

REFUSED: Final = 403
"""A refusal is a value, not an error; this is how it travels over HTTP."""

NUMBER_CAP: Final = 2**63 - 1
"""The largest number that a database can be asked about."""

STATUSES: Final[Mapping[type[errors.SemblanceError], int]] = MappingProxyType(
    {
        errors.SemblanceError: 500,
        errors.ConfigurationError: 503,
        errors.IntakeError: 422,
        errors.UnsupportedImage: 415,
        errors.ImageTooLarge: 413,
        errors.ModelError: 503,
        errors.PolicyError: 403,
        errors.NotSignedIn: 401,
        errors.NotFound: 404,
        errors.Conflict: 409,
        errors.StoreError: 503,
        errors.StoreFull: 507,
        errors.VerificationError: 422,
        errors.PeerError: 502,
    }
)


def find_status(error: errors.SemblanceError) -> int:
    """Return the HTTP status of the error: that of its own class, or else of the nearest class above it."""
    if isinstance(error, errors.RequestProblem):
        return error.status
    for kind in type(error).__mro__:
        if kind in STATUSES:
            return STATUSES[kind]
    return 500


T = TypeVar("T")


def accept(answer: T | Refusal) -> T:
    """Return the answer; raises RefusedByPolicy with the rule and the sentence where it is a refusal."""
    if isinstance(answer, Refusal):
        raise RefusedByPolicy(answer.rule, answer.message, answer.field)
    return answer
