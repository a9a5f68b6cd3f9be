"""`semblance calibrate`, on real photos."""

from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import TERMS, read

from semblance.cli.exit_codes import REFUSED, USAGE


@pytest.fixture
def london(run: Any, home: Path, test_data: Path) -> Path:
    """Return the home of a node that holds 47 people."""
    assert run("enrol", test_data / "london", *TERMS, by="emil").exit_code == 0
    return home


def test_a_gallery_is_calibrated_and_the_calibration_listed(run: Any, london: Path) -> None:
    asked = ("calibrate", "--purpose", "missing-person")
    done = run(*asked, "--trials", "40", by="carol")
    assert done.exit_code == 0, done.stderr
    for words in ("Stored 40 scores, and nothing that names anybody", "the 46 others", "10% of the 47 photos"):
        assert words in done.stdout
    made = read(run(*asked, "--json"))
    assert (made["interrupted"], made["resumed"], made["calibration"]["trials"]) == (False, 0, 47)
    listed = read(run("calibrate", "list", "--json"))["calibrations"]
    assert [one["asked"] for one in listed] == [47, 40]
    assert "scores" not in listed[0]
    table = run("calibrate", "list", by="ada").stdout
    assert "finished" in table
    assert "missing-person" in table


def test_too_few_people_and_people_who_may_not(run: Any, filled: Path) -> None:
    asked = ("calibrate", "--purpose", "missing-person")
    few = run(*asked, by="carol")
    assert few.exit_code == 49
    assert "opens 2 people to missing-person. Enrol more first. Nothing was stored." in few.stderr
    assert "There is no calibration" in run("calibrate", "list").stdout
    assert run(*asked, by="alice").exit_code == REFUSED
    assert run("calibrate", "list").exit_code == REFUSED


def test_a_call_without_a_purpose_says_what_to_name(run: Any) -> None:
    result = run("calibrate")
    assert result.exit_code == USAGE
    assert "--purpose" in result.stderr
