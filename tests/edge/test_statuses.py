"""Every error has a status, and every kind of its own kind."""

import errno
from collections.abc import Iterator

import pytest

from semblance.cli.exit_codes import CODES, find_exit_code
from semblance.edge.statuses import find_status
from semblance.errors import (
    DamagedImage,
    ImageTooLarge,
    NodeMissing,
    NotFound,
    PackConflict,
    RequestProblem,
    SemblanceError,
    StoreFull,
)
from semblance.messages.message import Message


def _list_kinds(kind: type[SemblanceError] = SemblanceError) -> Iterator[type[SemblanceError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _list_kinds(below)


@pytest.mark.parametrize("kind", list(_list_kinds()))
def test_every_error_has_a_status_and_an_exit_code(kind: type[SemblanceError]) -> None:
    # some are made from more than a message; only their kind counts here
    error = RequestProblem(422, "x", Message("x", "x")) if kind is RequestProblem else kind.__new__(kind)
    assert 400 <= find_status(error) <= 599
    assert 1 <= find_exit_code(error) <= 125


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("test.x", ""), 404),
        (ImageTooLarge("test.error", ""), 413),
        (DamagedImage("test.error", ""), 422),
        (PackConflict("test.x", ""), 409),
        (StoreFull("test.error", ""), 507),
        (NodeMissing("test.error", ""), 503),
    ],
)
def test_statuses(error: SemblanceError, status: int) -> None:
    assert find_status(error) == status


def test_families_are_told_apart_by_exit_code() -> None:
    families = [kind for kind in CODES if kind.__base__ is SemblanceError]
    assert len({CODES[kind] for kind in families}) == len(families)


def test_whatever_finds_a_disk_full_ends_as_a_full_store_does() -> None:
    error = NodeMissing("test.error", "")
    # as `raise … from None` leaves it
    error.__context__, error.__suppress_context__ = OSError(errno.ENOSPC, "No space left on device"), True
    assert find_status(error) == 507
    assert find_exit_code(error) == 61
    assert find_exit_code(NodeMissing("test.error", "")) == 11
