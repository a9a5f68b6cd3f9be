"""Cases, authorisations and the policy on the command line, as the cast."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from tests.cli.conftest import ASKED, REASON

Run = Callable[..., Result]

WANTED = ("--purpose", "wanted-person", "--category", "suspect", "--aim", "to arrest him", "--offence", "robbery")
WHY = ("--reason", "The suspicion is well founded")


def read(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def wanted(run: Run, home: Path) -> str:
    """Return the number of a wanted person's case that Alice opened; she is signed in."""
    assert run("case", "open", "2026-9", *WANTED, by="alice").exit_code == 0
    return "2026-9"


def test_a_case_from_its_opening_to_its_end(run: Run, filled: Path, case: str, photos: Path) -> None:
    assert read(run("search", photos / "Hopper" / "portrait.jpg", *ASKED, "--json"))["case"] == case
    listed = run("case", "list").stdout
    assert case in listed
    assert "missing-person" in listed
    shown = run("case", "show", case).stdout
    for word in ("to find her", "report 4711", "portrait.jpg", "answered"):
        assert word in shown
    detail = read(run("case", "show", case, "--json"))
    assert (len(detail["probes"]), len(detail["searches"])) == (1, 1)
    assert "Closed 2026-114" in run("case", "close", case, "--reason", "She is home again").stdout
    assert run("case", "close", case, "--reason", "She is home again").exit_code == 49
    closed = run("search", photos / "Hopper" / "portrait.jpg", *ASKED)
    assert (closed.exit_code, "closed" in closed.stderr) == (49, True)
    assert read(run("case", "list", "--state", "open", "--json"))["cases"] == []


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("open", "N-1", "--purpose", "fishing", "--category", "missing", "--aim", "to know"), 2, "fishing"),
        (("open", "N-1", "--purpose", "missing-person", "--category", "missing", "--aim", "to know"), 3, "link"),
        (("open", "2026-114", *WANTED), 49, "already"),
        (("open", " ", *WANTED), 3, "number"),
        (("show", "nobody's"), 44, "semblance case list"),
        (("close", "nobody's", "--reason", "It is over"), 44, "semblance case list"),
        (("list", "--after", "nobody's"), 44, "semblance case list"),
        (("close", "2026-114", "--reason", "-"), 40, "Say why"),
    ],
)
def test_bad_input_ends_in_a_sentence(run: Run, case: str, arguments: tuple[str, ...], code: int, said: str) -> None:
    result = run("case", *arguments)
    assert (result.exit_code, said in result.stderr) == (code, True), result.output


def test_another_authority_sees_no_case_of_it(run: Run, case: str) -> None:
    assert run("case", "show", case, by="dora").exit_code == 0
    assert run("case", "show", case, by="emil").exit_code in {3, 44}
    assert run("case", "list", by="mallory").exit_code == 3


def test_a_search_is_authorised_within_its_time(run: Run, filled: Path, wanted: str, photos: Path) -> None:
    photo = photos / "Hopper" / "portrait.jpg"
    assert run("search", photo, "--case", wanted, "--reason", REASON).exit_code == 0
    (waiting,) = read(run("authorisation", "list", "--json", by="carol"))["authorisations"]
    assert (waiting["state"], waiting["case"]) == ("waiting", wanted)
    assert re.search(r"4[78]\.\d hours", run("authorisation", "list").stdout)
    own = run("authorisation", "grant", waiting["id"], *WHY, by="alice")
    assert (own.exit_code, "supervisor" in own.stderr) == (3, True)
    granted = run("authorisation", "grant", waiting["id"], *WHY, by="carol")
    assert (granted.exit_code, wanted in granted.stdout) == (0, True)
    twice = run("authorisation", "grant", waiting["id"], *WHY)
    assert (twice.exit_code, "decided already" in twice.stderr) == (49, True)
    assert "Nothing waits" in run("authorisation", "list").stdout
    assert "granted" in run("authorisation", "list", "--decided").stdout


def test_a_refused_search_is_erased(run: Run, filled: Path, wanted: str, photos: Path) -> None:
    searched = read(run("search", photos / "Hopper" / "portrait.jpg", "--case", wanted, "--reason", REASON, "--json"))
    (waiting,) = read(run("authorisation", "list", "--json", by="carol"))["authorisations"]
    refused = run("authorisation", "refuse", waiting["id"], "--reason", "Nothing points to him")
    assert "1 probes, 1 searches" in refused.stdout
    assert "of the ledger proves it" in refused.stdout
    assert read(run("show", "search", searched["search"], "--json", by="alice"))["erased"]
    assert run("search", "--probe", waiting["probe"], "--reason", REASON).exit_code == 44
    assert run("authorisation", "grant", "0" * 32, *WHY, by="carol").exit_code == 44


def test_the_policy_is_read_checked_and_replaced(run: Run, filled: Path, wanted: str, photos: Path) -> None:
    file = photos / "policy.toml"
    shipped = run("policy", "show", "--shipped").stdout
    assert run("policy", "show", by="dora").stdout.strip() == shipped.strip()
    file.write_text(shipped.replace("authorisation-hours = 48", "authorisation-hours = 0"))
    assert "is a policy" in run("policy", "check", file).stdout
    why = ("--reason", "The court wants it before")
    assert run("policy", "replace", file, *why, by="carol").exit_code == 3
    assert read(run("policy", "replace", file, *why, "--json", by="dora"))["number"] == 1
    assert "The court wants it before" in run("policy", "versions").stdout
    assert run("policy", "replace", file, *why).exit_code == 49
    # now the search waits for its authorisation, and says how to ask for it
    photo = photos / "Hopper" / "portrait.jpg"
    early = run("search", photo, "--case", wanted, "--reason", REASON, by="alice")
    assert early.exit_code == 3
    (probe,) = re.findall(r"semblance authorisation request (\w+)", early.stderr)
    asked = read(run("authorisation", "request", probe, "--json"))
    assert (asked["state"], asked["due_at"]) == ("waiting", None)
    assert run("authorisation", "grant", asked["id"], *WHY, by="carol").exit_code == 0
    assert run("search", "--probe", probe, "--reason", REASON, by="alice").exit_code == 0


@pytest.mark.parametrize(
    ("text", "said"), [(b"title = 'x'", "retention"), (b"title = ", "is not valid TOML"), (b"\xff\xfe", "UTF-8")]
)
def test_a_faulty_policy_file_is_named(run: Run, home: Path, tmp_path: Path, text: bytes, said: str) -> None:
    file = tmp_path / "policy.toml"
    file.write_bytes(text)
    for arguments in (("check", file), ("replace", file, "--reason", "It is better so")):
        result = run("policy", *arguments, by="dora")
        assert result.exit_code in {10, 20}
        assert said in result.stderr
    assert run("policy", "check", tmp_path / "gone.toml").exit_code == 20


def test_a_search_with_another_photo_and_filters(run: Run, filled: Path, case: str, photos: Path) -> None:
    first, second = (
        read(run("search", photos / "Hopper" / "portrait.jpg", *ASKED, "--json"))["probe"] for _ in range(2)
    )
    again = ("search", "--probe", first, "--reason", REASON)
    found = read(run(*again, "--also", f"{second}:0", "--sex", "female", "--age-to", "99", "--json"))
    assert [one["probe"] for one in found["also"]] == [second]
    assert [words["id"] for words in found["narrowed"]] == ["narrowing.to", "narrowing.sex-recorded"]
    said = run(*again, "--also", second, "--nationality", "FR").stdout
    assert "Searched together with: portrait.jpg, face 0" in said
    assert "Narrowed to: nationality: FR" in said
    for arguments, code, words in (
        (("--also", f"{second}:x"), 2, "PROBE:FACE"),
        (("--also", first), 49, "named twice"),
        (("--nationality", "france"), 20, "country code"),
        (("--age-from", "40", "--age-to", "30"), 20, "swap"),
        (("--prepared", "none"), 44, "no prepared version"),
        (("--kind", "red"), 3, "records of red"),
    ):
        refused = run(*again, *arguments)
        assert (refused.exit_code, words in refused.stderr) == (code, True), refused.output
    held = run("search", photos / "Hopper" / "portrait.jpg", *ASKED, "--prepared", "none")
    assert held.exit_code == 2
