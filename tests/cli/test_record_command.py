"""Records from the command line, from the draft to the erasure."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.cli.conftest import REASON, TERMS, read

from semblance.cli.exit_codes import REFUSED, USAGE
from semblance.faces import extraction

MISSING = ("--purpose", "missing-person", "--category", "missing", "--aim", "to find her", "--link", "report 4711")

DRAFT = {
    "kind": "red",
    "number": "2026/17",
    "legal_basis": "INTERPOL RPD, article 82",
    "retain_until": "2030-01-01",
    "personal": {"family_name": "Moreau", "given_names": "Zoë", "nationalities": ["FR"]},
    "circumstances": {"warrants": [{"country": "DE", "charge": "Raub"}]},
}


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """Return the file of a draft without fault."""
    path = tmp_path / "draft.json"
    path.write_text(json.dumps(DRAFT), encoding="utf-8")
    return path


def read_error(result: Any) -> Any:
    return json.loads(result.stderr)["error"]


def test_from_the_draft_to_the_erasure(run: Any, home: Path, photos: Path, draft: Path, tmp_path: Path) -> None:
    made = run("record", "create", draft, "--reason", "the warrant came in")
    assert made.exit_code == 0, made.stderr
    assert "'2026/17' of DE is draft, version 1, held until 2030-01-01." in made.stdout
    assert run("enrol", photos / "Hopper", "--subject", "2026/17", *TERMS).exit_code == 0
    published = read(run("record", "publish", "2026/17", "--neutral", "yes", "--reason", "checked", "--json"))
    assert (published["state"], published["answer"]["person"]) == ("active", "emil")
    shown = run("record", "show", "2026/17")
    for words in ("Red notice", "location and arrest", "Moreau", "Zoë", "Raub", "portrait.jpg", "handed in by"):
        assert words in shown.stdout
    edited = tmp_path / "edited.json"
    document = json.loads(run("record", "show", "2026/17", "--draft").stdout)
    assert document["personal"] == DRAFT["personal"]
    document["personal"]["aliases"] = ["Z."]
    edited.write_text(json.dumps(document), encoding="utf-8")
    asked = ("record", "edit", "2026/17", edited, "--version", "2", "--reason", "an alias became known")
    assert run(*asked).exit_code == 0
    late = run(*asked)
    assert late.exit_code == 49
    assert "at version 3" in late.stderr
    said = run("record", "history", "2026/17").stdout
    assert "an alias became known" in said
    assert "personal.aliases" in said
    assert [one["version"] for one in read(run("record", "history", "2026/17", "--json"))["versions"]] == [3, 2, 1]
    until = ("--retain-until", "2029-01-01", "--reason", "reviewed")
    assert read(run("record", "extend", "2026/17", *until, "--json"))["draft"]["retain_until"] == "2029-01-01"
    blocked = run("record", "dispute", "DE:2026/17", "--reason", "it is her sister", by="dora")
    assert "is blocked" in blocked.stdout
    assert "is active" in run("record", "decide", "DE:2026/17", "--upheld", "no", "--reason", "no").stdout
    file = tmp_path / "record.zip"
    assert run("record", "export", "2026/17", file, "--reason", "asked for by the court", by="emil").exit_code == 0
    with zipfile.ZipFile(file) as archive:
        assert json.loads(archive.read("record.json"))["record"]["draft"]["personal"]["aliases"] == ["Z."]
    assert run("record", "export", "2026/17", file, "--reason", "again").exit_code == 20
    assert "withdrawn" in run("record", "withdraw", "2026/17", "--reason", "she was found").stdout
    erase = ("record", "erase", "2026/17", "--reason", "her order was lifted")
    assert run(*erase, input="n\n").exit_code == 1
    assert run("record", "show", "2026/17").exit_code == 0
    receipt = read(run(*erase, "--yes", "--json"))
    assert (receipt["photos"], receipt["references"], receipt["person"]) == (1, 1, "emil")
    assert run("record", "show", "2026/17").exit_code == 44
    assert run(*erase, "--yes").exit_code == 44


def test_lists(run: Any, filled: Path, draft: Path) -> None:
    assert "Collins" in run("record", "list").stdout
    first = run("record", "list", "--by-number", "--limit", "1")
    assert "Collins" in first.stdout
    after = first.stdout.split("--after ")[1].strip()
    assert "Crew" in run("record", "list", "--by-number", "--after", after).stdout
    assert [row["number"] for row in read(run("record", "list", "--text", "opper", "--json"))["records"]] == ["Hopper"]
    assert read(run("record", "list", "--state", "draft", "--json"))["total"] == 0
    assert read(run("record", "list", "--kind", "blue", "--owner", "DE", "--json"))["total"] == 3
    assert run("record", "list", "--kind", "purple").exit_code == USAGE


def test_what_a_draft_says_wrongly_is_named(run: Any, home: Path, tmp_path: Path) -> None:
    def create(text: str) -> Any:
        path = tmp_path / "faulty.json"
        path.write_text(text, encoding="utf-8")
        return run("record", "create", path, "--reason", "the warrant came in", "--json")

    assert create("{").exit_code == 21
    assert create("[1]").exit_code == 21
    forbidden = read_error(create(json.dumps({**DRAFT, "religion": "x", "hight": 170})))
    assert any("religion" in problem["text"] for problem in forbidden["problems"])
    assert any("hight" in problem["text"] for problem in forbidden["problems"])
    past = read_error(create(json.dumps({**DRAFT, "legal_basis": "", "retain_until": "2020-01-01"})))
    assert [problem["values"]["field"] for problem in past["problems"]] == ["legal_basis", "retain_until"]
    unknown = read_error(create(json.dumps({**DRAFT, "kind": "purple"})))
    assert [problem["values"]["field"] for problem in unknown["problems"]] == ["kind"]
    assert run("record", "create", tmp_path / "gone.json", "--reason", "x y").exit_code == 20
    assert read(run("record", "list", "--json"))["total"] == 0


def test_refusals_end_with_their_own_code(run: Any, home: Path, draft: Path) -> None:
    refused = run("record", "create", draft, "--reason", "the warrant came in", by="alice")
    assert refused.exit_code == REFUSED
    assert "records-officer" in refused.stderr
    assert run("record", "create", draft, "--reason", "the warrant came in", by="emil").exit_code == 0
    not_neutral = run("record", "publish", "2026/17", "--neutral", "no", "--reason", "it is about an opinion")
    assert not_neutral.exit_code == REFUSED
    assert "article 3" in not_neutral.stderr
    assert read(run("record", "show", "2026/17", "--json"))["record"]["state"] == "draft"


def test_what_an_older_version_took_as_it_lies_is_listed_and_a_person_turns_a_probe(
    run: Any, home: Path, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lying = tmp_path / "lying.png"
    with Image.open(photos / "Hopper" / "portrait.jpg") as portrait:
        portrait.rotate(180).save(lying)
    with monkeypatch.context() as older:
        older.setattr(extraction, "is_clear", lambda *_: True)
        settings = home / "node.toml"
        loose = "inter_eye_distance = 5\nyaw = 180\npitch = 180\nroll = 180\nunified = 0\nsharpness = 0"
        settings.write_text(settings.read_text().replace("inter_eye_distance = 40", loose))
        done = run("enrol", lying, "--subject", "A", *TERMS, by="emil")
        assert done.exit_code == 0, done.output
        run("enrol", photos / "Hopper" / "portrait.jpg", "--subject", "B", *TERMS)
        assert run("case", "open", "9", *MISSING, by="alice").exit_code == 0
        asked = ("search", lying, "--case", "9", "--reason", REASON)
        searched = read(run(*asked, "--turn", "180", "--json"))
        assert [str(step["text"]) for step in searched["prepared"]] == ["turn by 180°"]
        both = run("search", "--probe", "x", "--prepared", "y", "--turn", "90", "--reason", REASON)
        assert (both.exit_code, "leave --turn out" in both.stderr) == (USAGE, True)
    listed = run("record", "turned", by="emil")
    assert listed.exit_code == 0, listed.output
    assert "180° clockwise" in listed.stdout
    assert "2 references looked at; 1 do not stand upright." in listed.stdout
    found = read(run("record", "turned", "--json"))
    assert [(row["number"], row["name"], row["turn"]) for row in found["found"]] == [("A", "lying.png", 180)]
    assert read(run("record", "turned", "--after", found["after"], "--json"))["looked"] == 0


def test_bodies_are_filled_in_from_a_table_all_or_none(run: Any, home: Path, draft: Path, tmp_path: Path) -> None:
    event = {"event_date": "2026-02-20", "event_country": "FR"}
    document = DRAFT | {"kind": "black", "number": "B/1", "personal": {}, "circumstances": event}
    draft.write_text(json.dumps(document), encoding="utf-8")
    assert run("record", "create", draft, "--reason", REASON).exit_code == 0
    template = run("record", "body-template").stdout
    table = tmp_path / "bodies.csv"
    table.write_text(template.replace("# example", "B/1") + "B/2,,,\n", encoding="utf-8")
    refused = run("record", "fill-bodies", table, "--reason", REASON)
    assert refused.exit_code == 21
    assert "B/2: your authority holds no record of this number" in refused.stderr
    table.write_text(template.replace("# example", "B/1"), encoding="utf-8")
    assert "'B/1' is at version 2." in run("record", "fill-bodies", table, "--reason", REASON).stdout
    said = json.loads(run("record", "show", "B/1", "--draft").stdout)["description"]
    assert (said["hair"], said["teeth"][0]) == (["brown", "grey"], {"number": 16, "state": "filled"})
