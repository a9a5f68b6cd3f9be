"""Every command, on real photos."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from tests.cli.conftest import ASKED, REASON, TERMS

from semblance.cli.exit_codes import CHOICE_NEEDED, CODES, DONE, INCOMPLETE, INTERRUPTED, NO_FACE, REFUSED, USAGE

DOCUMENTS = Path(__file__).parents[2] / "docs"


def read(result: Result) -> Any:
    return json.loads(result.stdout)


def read_error(result: Result) -> Any:
    return json.loads(result.stderr)["error"]


def test_every_listed_command_has_help(run: Any) -> None:
    # what is said of a command may go on in the next line, further in
    listed = re.findall(r"^  (\S+)", run("--help").stdout.partition("Commands:")[2], re.MULTILINE)
    assert {"init", "enrol", "choose", "search", "show", "record", "serve", "demo"} <= set(listed)
    for name in listed:
        result = run(name, "--help")
        assert result.exit_code == 0
        assert "--json" in result.stdout or "Commands:" in result.stdout


@pytest.mark.parametrize(
    "name", ["init", "enrol", "choose", "case", "search", "show", "record", "calibrate", "serve", "demo"]
)
def test_every_command_has_a_page_that_names_its_options(run: Any, name: str) -> None:
    page = (DOCUMENTS / "commands" / f"{name}.md").read_text(encoding="utf-8")
    assert f"commands/{name}.md" in (DOCUMENTS / "cli.md").read_text(encoding="utf-8")
    for option in re.findall(r"--[a-z-]+", run(name, "--help").stdout):
        assert option in page or option in {"--help", "--home", "--json", "--person"}, option


def test_every_exit_code_is_documented() -> None:
    page = (DOCUMENTS / "cli.md").read_text(encoding="utf-8")
    for code in {*CODES.values(), DONE, USAGE, REFUSED, INCOMPLETE, CHOICE_NEEDED, NO_FACE, INTERRUPTED}:
        assert f"| {code} |" in page


def test_init_makes_a_node_once(run: Any, tmp_path: Path) -> None:
    made = read(run("init", "--name", "FR bureau", "--json"))
    assert (made["name"], made["administrators"]) == ("FR bureau", [])
    again = run("init")
    assert again.exit_code == 49
    assert "holds a node already" in again.stderr
    assert "Traceback" not in again.output


def test_a_folder_is_enrolled_and_everything_else_is_said(run: Any, home: Path, photos: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    result = run("enrol", photos, *TERMS, "--report", report)
    assert result.exit_code == 4
    document = json.loads(report.read_text(encoding="utf-8"))
    assert {row["subject"]: row["status"] for row in document["photos"]} == {
        "Cat": "no_face",
        "Collins": "enrolled",
        "Crew": "several_faces",
        "Hopper": "enrolled",
        "Letter": "unreadable",
    }
    for words in ("enrolled", "no face found", "several faces", "unreadable", "semblance choose"):
        assert words in result.stdout
    again = read(run("enrol", photos, *TERMS, "--json"))
    assert again["resumed"] == 5
    assert read(run("show", "node", "--json"))["references"] == 2


def test_an_operator_reads_which_setting_would_change_how_much(
    run: Any, home: Path, photos: Path, tmp_path: Path
) -> None:
    settings = home / "node.toml"
    low = settings.read_text(encoding="utf-8")
    settings.write_text(low.partition("[suitability]")[0], encoding="utf-8")
    result = run("enrol", photos, *TERMS)
    said = " ".join(result.stdout.split())
    assert "1 unsuitable: eyes too close together (1)." in said
    assert re.search(r"With [45]0 pixels between the eyes instead of 60, 1 of them would pass\.", said)
    assert f"The setting is suitability.inter_eye_distance in {tmp_path / 'home' / 'node.toml'}." in said
    (reason,) = read(run("enrol", photos, *TERMS, "--json"))["reasons"]
    assert (reason["photos"], reason["alone"], reason["lower_lines"][-1]["photos"]) == (1, 1, 1)
    settings.write_text(low, encoding="utf-8")
    assert read(run("enrol", photos, *TERMS, "--json"))["counts"]["enrolled"] == 2


def test_one_photo_with_its_subject_and_face(run: Any, home: Path, photos: Path) -> None:
    photo = photos / "Crew" / "both.jpg"
    result = run("enrol", photo, "--subject", "FR-7", "--face", "0", *TERMS, "--json")
    assert result.exit_code == 0
    assert read(result)["photos"][0]["subject"] == "FR-7"
    assert read(run("record", "show", "FR-7", "--json"))["photos"][0]["chosen"] == 0


def test_a_face_is_named_for_one_photo_only(run: Any, home: Path, photos: Path) -> None:
    result = run("enrol", photos, "--face", "0", *TERMS)
    assert result.exit_code == 2
    assert "single photo" in result.stderr


def test_a_manifest_with_faults_names_every_one(run: Any, home: Path, photos: Path) -> None:
    manifest = photos / "manifest.csv"
    manifest.write_text("subject,path\nCollins,Collins/portrait.png\nA,gone.jpg\nB,../outside.jpg\n")
    result = run("enrol", manifest, *TERMS)
    assert result.exit_code == 21
    assert "gone.jpg" in result.stderr
    assert "outside.jpg" in result.stderr
    error = read_error(run("enrol", manifest, *TERMS, "--json"))
    assert error["code"] == "intake.manifest"
    assert len(error["problems"]) == 2


def test_nothing_is_done_by_nobody(run: Any, home: Path, photos: Path) -> None:
    result = run("enrol", photos, *TERMS, by="nobody")
    assert result.exit_code == 41
    assert "semblance sign-in" in result.stderr
    refused = run("enrol", photos, *TERMS, by="alice")
    assert refused.exit_code == REFUSED
    assert "records-officer" in refused.stderr


def test_an_enrolment_says_on_what_basis(run: Any, home: Path, photos: Path) -> None:
    for missing in ("--kind", "--basis", "--retain-until", "--obtained", "--obtained-on"):
        at = TERMS.index(missing)
        result = run("enrol", photos, *TERMS[:at], *TERMS[at + 2 :])
        assert result.exit_code == USAGE
        assert missing in result.stderr
    faulty = [*TERMS, "--retain-until", "2020-01-01", "--obtained-on", "2099-01-01", "--basis", "-"]
    error = read_error(run("enrol", photos, *faulty, "--json"))
    assert error["code"] == "intake.record"
    assert [problem["values"]["field"] for problem in error["problems"]] == ["legal_basis", "retain_until", "source.on"]
    for restriction in (("--only", "FR", "--except", "BE"), ("--only", "France")):
        assert run("enrol", photos, *TERMS, *restriction).exit_code == 21


def test_choose_a_face(run: Any, filled: Path) -> None:
    (photo,) = read(run("show", "waiting", "--json"))["photos"]
    assert "semblance choose" in run("show", "waiting").stdout
    assert "both.jpg" in run("show", "photo", photo["photo"]).stdout
    assert run("choose", photo["photo"], "9").exit_code == 44
    chosen = run("choose", photo["photo"], "0")
    assert chosen.exit_code == 0
    assert "enrolled" in chosen.stdout
    assert run("choose", photo["photo"], "1").exit_code == 49
    assert read(run("show", "node", "--json"))["references"] == 3


def test_search_tells_no_name_before_two_people_looked(run: Any, filled: Path, case: str, photos: Path) -> None:
    result = run("search", photos / "Hopper" / "portrait.jpg", *ASKED)
    assert result.exit_code == 0
    assert "Every match is a lead, not an identity." in result.stdout
    assert "Two people examine them" in result.stdout
    assert "Hopper" not in result.stdout
    document = read(run("search", photos / "Hopper" / "portrait.jpg", *ASKED, "--limit", "1", "--json"))
    assert [(one["pseudonym"], one["number"], one["score"]) for one in document["candidates"]] == [("C-01", None, None)]
    shown = run("show", "search", document["search"])
    assert REASON in shown.stdout
    assert read(run("show", "search", document["search"], "--json")) == document
    assert document["search"] in run("show", "searches").stdout


def test_an_empty_gallery_is_an_answer(run: Any, case: str, photos: Path) -> None:
    result = run("search", photos / "Hopper" / "portrait.jpg", *ASKED)
    assert result.exit_code == 0
    assert "No candidates" in result.stdout
    assert read(run("show", "searches", "--json"))["searches"][0]["candidate_count"] == 0


def test_a_search_that_is_refused_says_so_and_is_recorded(run: Any, filled: Path, case: str, photos: Path) -> None:
    asked = (*ASKED[:-1], "x")
    result = run("search", photos / "Hopper" / "portrait.jpg", *asked)
    assert result.exit_code == 3
    assert result.stderr.startswith("Reason 'x' does not say why")
    assert result.stdout == ""
    error = read_error(run("search", photos / "Hopper" / "portrait.jpg", *asked, "--json"))
    assert (error["code"], error["rule"]) == ("policy.refused", "justification.reason")
    assert {row["outcome"] for row in read(run("show", "searches", "--json"))["searches"]} == {"refused"}


@pytest.mark.parametrize("missing", ["--case", "--reason"])
def test_a_search_asks_for_case_and_reason(run: Any, case: str, photos: Path, missing: str) -> None:
    at = ASKED.index(missing)
    result = run("search", photos / "Hopper" / "portrait.jpg", *ASKED[:at], *ASKED[at + 2 :])
    assert result.exit_code == 2
    assert missing in result.stderr


def test_a_search_names_one_thing_that_is_searched(run: Any, case: str, photos: Path) -> None:
    photo = photos / "Hopper" / "portrait.jpg"
    for arguments in ((), (photo, "--probe", "0" * 32), ("--probe", "0" * 32, "--case", case)):
        assert run("search", *arguments, "--reason", REASON).exit_code == 2
    assert run("search", "--probe", "0" * 32, "--reason", REASON).exit_code == 44
    assert run("search", photo, "--case", "nobody's", "--reason", REASON).exit_code == 44


def test_who_may_not_search_is_refused(run: Any, filled: Path, case: str, photos: Path) -> None:
    for name, code in (("carol", 3), ("dora", 3), ("ada", 3), ("emil", 3), ("mallory", 3)):
        assert run("search", photos / "Hopper" / "portrait.jpg", *ASKED, by=name).exit_code == code


def test_one_of_several_faces_must_be_chosen(run: Any, filled: Path, case: str, photos: Path) -> None:
    photo = photos / "Crew" / "both.jpg"
    result = run("search", photo, *ASKED)
    assert result.exit_code == 5
    (probe,) = re.findall(r"--probe (\w+) --face NUMBER", result.stderr)
    assert run("search", "--probe", probe, "--reason", REASON, "--face", "0").exit_code == 0
    assert run("search", photo, *ASKED, "--face", "0").exit_code == 0
    assert run("search", photo, *ASKED, "--face", "5").exit_code == 44


def test_no_face_no_photo_and_no_file_are_told_apart(run: Any, filled: Path, case: str, photos: Path) -> None:
    assert run("search", photos / "Cat" / "chelsea.png", *ASKED).exit_code == 6
    assert run("search", photos / "Letter" / "scan.jpg", *ASKED).exit_code == 20
    gone = run("search", photos / "gone.jpg", *ASKED)
    assert gone.exit_code == 20
    assert "gone.jpg" in gone.stderr


def test_more_than_fifty_candidates_are_never_shown(run: Any, case: str, photos: Path) -> None:
    assert run("search", photos / "Hopper" / "portrait.jpg", *ASKED, "--limit", "51").exit_code == 2


def test_show_lists(run: Any, filled: Path) -> None:
    assert "FR bureau" in run("show", "node").stdout
    assert "both.jpg" in run("show", "waiting").stdout


def test_usage_errors_speak_json_too(run: Any) -> None:
    result = run("search", "--json")
    assert result.exit_code == 2
    assert read_error(result)["code"] == "usage"


def test_without_a_node_it_says_how_to_make_one(run: Any, photos: Path) -> None:
    result = run("show", "node")
    assert result.exit_code == 11
    assert "semblance init" in result.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3", "example.org", ""])
def test_serve_binds_loopback_only(run: Any, home: Path, host: str) -> None:
    result = run("serve", "--host", host, "--port", "0")
    assert result.exit_code == 10
    assert "plain HTTP" in result.stderr


def test_nothing_that_is_held_reaches_the_terminal_as_a_command(run: Any, case: str, photos: Path) -> None:
    odd = photos / "Hopper" / "\x1b[2J\x9bportrait.jpg"
    (photos / "Hopper" / "portrait.jpg").rename(odd)
    (photos / "manifest.json").write_text(
        json.dumps([{"subject": "H", "path": f"Hopper/{odd.name}", "source": "\x1b]0;owned\x07 a \x1b[31mletter"}])
    )
    assert run("enrol", photos, *TERMS, by="emil").exit_code == 0
    (photo,) = read(run("record", "show", "H", "--json"))["photos"]
    shown = [
        run("show", "photo", photo["photo"]),
        run("record", "show", "H"),
        run("enrol", photos / "gone\x1b[2J.jpg", *TERMS),
        run("record", "show", "\x1b[2J"),
        run("enrol", odd, *TERMS, "--basis", "\x1b[31mlaw"),
        run("search", odd, *ASKED, "--face", "7", by="alice"),
        run("search", odd, "--case", case, "--reason", "\x1b[31m because of this"),
        run("show", "searches"),
        run("case", "show", case),
        run("case", "open", "\x1b[2J", "--purpose", "missing-person", "--category", "missing", "--aim", "\x1b[31m"),
        run("search", odd, "--case", "\x1b[31mcase", "--reason", REASON),
    ]
    for result in shown:
        assert "\x1b" not in result.output
        assert "\x9b" not in result.output
    assert r"\x1b[31mletter" in shown[0].stdout
