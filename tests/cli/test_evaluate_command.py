"""The command from end to end: real photos, the pack that needs no download."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from semblance.cli.main import cli
from semblance.faces.degrade import make_changed_copy


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, astronaut_path: Path, hopper_path: Path) -> Path:
    """Return a set of two subjects, one probe of each, and a probe that is no photo."""
    home = tmp_path_factory.mktemp("portraits")
    rows = ["subject,path,role,sex"]
    for subject, path in (("collins", astronaut_path), ("hopper", hopper_path)):
        data = path.read_bytes()
        (home / f"{subject}.png").write_bytes(data)
        (home / f"{subject}-changed.jpg").write_bytes(make_changed_copy(data, name=path.name))
        rows += [f"{subject},{subject}.png,reference,F", f"{subject},{subject}-changed.jpg,probe,F"]
    (home / "note.jpg").write_bytes(b"this is no photo")
    rows.append("nobody,note.jpg,probe,F")
    (home / "manifest.csv").write_text("\n".join(rows), encoding="utf-8")
    return home


def run(folder: Path, *more: str) -> Result:
    return CliRunner().invoke(cli, ["evaluate", str(folder), "--home", str(folder / "no node"), *more])


def test_a_person_reads_rates_limits_and_failures(folder: Path, tmp_path: Path) -> None:
    result = run(folder, "--label", "sex", "--cache", str(tmp_path / "cache"), "--out", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    said = " ".join(result.output.split())
    assert "2 subjects, 2 references; 2 mated and 1 non-mated probes" in said
    assert "not within rank 1 0.0 % (0 of 2; 0.0 to 65.8 %)" in said
    assert "note.jpg (probe), embedded:" in said
    assert "What this sample does not support" in said
    assert said.endswith("Every match is a lead, not an identity.")
    assert (tmp_path / "out" / "report.html").is_file()


def test_templates_are_kept_for_the_next_run_unless_told_otherwise(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "cache" / "semblance" / "evaluations"
    assert run(folder, "--no-cache", "--json").exit_code == 0
    assert not kept.exists()
    first = json.loads(run(folder, "--json").stdout)
    entries = {path: path.stat().st_mtime_ns for path in kept.rglob("*") if path.is_file()}
    assert len(entries) == 5
    assert all(path.stat().st_mode & 0o077 == 0 for path in (kept, *kept.rglob("*")))
    second = json.loads(run(folder, "--json").stdout)
    assert {path: path.stat().st_mtime_ns for path in kept.rglob("*") if path.is_file()} == entries
    assert second["packs"][0]["rank_misses"] == first["packs"][0]["rank_misses"]


def test_an_evaluation_goes_on_where_nothing_can_be_kept(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"a file where a folder belongs")
    result = run(folder, "--json")
    assert result.exit_code == 0
    assert "This run keeps no templates" in result.stderr
    assert run(folder, "--cache", str(tmp_path / "cache" / "named")).exit_code == 20
    assert run(folder, "--cache", str(tmp_path / "other"), "--no-cache").exit_code == 2


def test_a_program_reads_one_json_document(folder: Path) -> None:
    result = run(folder, "--json")
    assert result.exit_code == 0, result.output
    content = json.loads(result.stdout)
    assert content["schema"] == "semblance.evaluation/1"
    assert [pack["name"] for pack in content["packs"]] == ["embedded"]
    assert content["packs"][0]["rank_misses"][0]["miss"]["count"] == 0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--label", "age"), "its labels are: sex"),
        (("--pack", "unheard-of"), "unheard-of"),
        (("--out", "{folder}/note.jpg"), "note.jpg"),
        (("--fpir", "5"), "5"),
    ],
)
def test_wrong_asks_end_with_a_sentence(folder: Path, more: tuple[str, ...], said: str) -> None:
    result = run(folder, *(word.format(folder=folder) for word in more))
    assert result.exit_code not in {0, 1}
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.exit_code == 20
    assert "manifest.csv" in result.output
