"""A ledger that was changed under a running server: it takes no acts, says so everywhere, and goes on when mended."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.site_fixtures import Served

HEALTH = "/api/v1/health"


@pytest.fixture
def broken(site: Served) -> Iterator[Path]:
    """Return where the witness is put that was taken away."""
    witness, away = site.settings.home / "ledger-checkpoint", site.settings.home / "away"
    witness.rename(away)
    yield away
    away.rename(witness)


def test_acts_pages_and_health_say_that_the_ledger_is_broken(site: Served, broken: Path) -> None:
    with site.open_client("dora") as dora, site.open_client() as stranger:
        for answer in (stranger.get(HEALTH), dora.get("/api/v1/ledger"), dora.get("/api/v1/records")):
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "verification.ledger-broken"), (
                answer.text
            )
            assert str(site.settings.home) not in answer.text
        page = dora.get("/ledger")
        assert page.status_code == 503
        assert "ledger-checkpoint" in page.text
        assert dora.get("/api/v1/node").status_code == 200


def test_what_was_put_right_is_gone_on_with(site: Served, broken: Path) -> None:
    witness = site.settings.home / "ledger-checkpoint"
    with site.open_client("dora") as dora:
        assert dora.get(HEALTH).status_code == 503
        shutil.copyfile(broken, witness)
        assert dora.get(HEALTH).json()["status"] == "ok"
        assert dora.get("/api/v1/ledger").status_code == 200
        shutil.copyfile(witness, broken)
