"""``semblance models``: list, pull, verify and use, as an administrator sees them."""

import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from semblance.bootstrap.config import read_settings

Run = Callable[..., Result]
NAME = "bureau"
DETECTOR = "centerface.onnx"


@pytest.fixture
def own_models(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a models folder of this test alone, in which `embedded` is ready."""
    folder = tmp_path / "models"
    shutil.copytree(models, folder, dirs_exist_ok=True)
    monkeypatch.setenv("SEMBLANCE_MODELS", str(folder))
    return folder


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Let nothing connect anywhere; what was tried is listed."""
    tried: list[object] = []

    def refuse(self: socket.socket, address: object) -> None:
        tried.append(address)
        raise OSError("nothing may be fetched here")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    return tried


def _read(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def _error(result: Result) -> Any:
    return json.loads(result.stderr.splitlines()[-1])["error"]


def test_list_shows_every_pack_before_there_is_a_node(run: Run, own_models: Path, offline: list[object]) -> None:
    answer = _read(run("models", "list", "--json"))
    assert answer["models"] == str(own_models)
    assert {pack["name"]: (pack["usable"], pack["in_use"]) for pack in answer["packs"]} == {
        "embedded": (True, False),
        "open": (False, False),
    }
    for pack in answer["packs"]:
        assert all(file["licence"] and file["training_data"] for file in pack["files"])
    told = run("models", "list")
    assert told.exit_code == 0
    assert "embedded" in told.output
    assert "files missing" in told.output
    assert offline == []


def test_list_tells_which_pack_the_node_uses(run: Run, own_models: Path, home: Path) -> None:
    packs = {pack["name"]: pack for pack in _read(run("models", "list", "--json"))["packs"]}
    assert packs["embedded"]["in_use"]
    assert not packs["open"]["in_use"]
    assert "in use" in run("models", "list").output


def test_a_pack_of_ones_own_is_pulled_verified_and_used(
    run: Run, own_models: Path, own_folder: Path, home: Path, offline: list[object]
) -> None:
    pulled = _read(run("models", "pull", NAME, "--from", own_folder, "--json"))
    assert (pulled["usable"], pulled["in_use"]) == (True, False)
    verified = _read(run("models", "verify", NAME, "--json"))
    assert verified["digest"] == pulled["digest"]
    before = (home / "node.toml").read_text()
    used = _read(run("models", "use", NAME, "--json"))
    assert used["in_use"]
    assert (home / "node.toml").read_text() == before.replace('pack = "embedded"', f'pack = "{NAME}"')
    assert read_settings(home).node.pack == NAME
    assert offline == []


def test_a_pack_is_pulled_from_its_publisher(run: Run, published_pack: Path, publisher: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("SEMBLANCE_MODELS", str(published_pack))
    publisher.cut_after = 500_000
    broken = run("models", "pull", NAME, "--json")
    assert broken.exit_code == 33
    assert _error(broken)["code"] == "model.download-failed"
    publisher.cut_after = None
    told = run("models", "pull", NAME)
    assert told.exit_code == 0, told.output
    assert "ready" in told.output
    assert publisher.ranges == ["bytes=500000-"]


def test_wrong_bytes_end_with_a_code_and_a_sentence(
    run: Run, published_pack: Path, publisher: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEMBLANCE_MODELS", str(published_pack))
    publisher.content[DETECTOR] = publisher.content[DETECTOR][::-1]
    result = run("models", "pull", NAME)
    assert result.exit_code == 32
    assert DETECTOR in result.stderr
    assert "Traceback" not in result.output


def test_a_wrong_file_is_found_by_verify(run: Run, own_models: Path, own_folder: Path) -> None:
    run("models", "pull", NAME, "--from", own_folder)
    (own_models / NAME / DETECTOR).write_bytes(b"other bytes")
    result = run("models", "verify", NAME, "--json")
    assert result.exit_code == 32
    assert _error(result)["code"] == "model.digest-mismatch"
    (listed,) = (pack for pack in _read(run("models", "list", "--json"))["packs"] if pack["name"] == NAME)
    assert not listed["usable"]
    assert [file["state"] for file in listed["files"] if file["name"] == DETECTOR] == ["wrong-digest"]


@pytest.mark.parametrize("command", ["pull", "verify"])
def test_an_unknown_pack_is_named(run: Run, own_models: Path, command: str) -> None:
    result = run("models", command, "closed", "--json")
    assert result.exit_code == 31
    assert _error(result)["code"] == "model.pack-missing"
    assert "embedded" in _error(result)["message"]


def test_a_folder_that_is_none_is_named(run: Run, own_models: Path, tmp_path: Path) -> None:
    result = run("models", "pull", "open", "--from", tmp_path / "nowhere")
    assert result.exit_code == 20
    assert "is not a folder" in result.stderr


def test_a_filled_gallery_keeps_its_pack(run: Run, filled: Path, own_models: Path, own_folder: Path) -> None:
    run("models", "pull", NAME, "--from", own_folder)
    before = (filled / "node.toml").read_bytes()
    refused = run("models", "use", NAME, "--json")
    assert refused.exit_code == 50
    assert _error(refused)["code"] == "conflict.pack"
    assert "embedded" in _error(refused)["message"]
    assert (filled / "node.toml").read_bytes() == before
    assert _read(run("models", "use", "embedded", "--json"))["in_use"]
    assert (filled / "node.toml").read_bytes() == before
    for number in ("Collins", "Hopper", "Crew"):
        run("record", "erase", number, "--reason", "no longer held", "--yes", by="emil")
    assert _read(run("models", "use", NAME, "--json"))["in_use"]


def test_use_needs_a_node_and_its_files(run: Run, own_models: Path, tmp_path: Path) -> None:
    assert run("models", "use", "embedded").exit_code == 11
    assert run("init", "--name", "FR bureau").exit_code == 0
    before = (tmp_path / "home" / "node.toml").read_bytes()
    missing = run("models", "use", "open")
    assert missing.exit_code == 31
    assert "semblance models pull open" in missing.stderr
    assert (tmp_path / "home" / "node.toml").read_bytes() == before


HANDWRITTEN = {
    "comments": '# ours\nname = "FR"   # the bureau\n\n  pack="embedded"  # see the decision of 1 March\n# end\n',
    "no pack": 'name = "FR"\n\n[suitability]\n# pack = "open"\nyaw = 20\n',
    "a quoted key": '"name" = "FR"\n"pack" = "embedded"\n',
    "a single-quoted key": "name = 'FR'\n'pack' = 'embedded'\n",
    "no last newline": 'pack = "embedded"\nname = "FR"',
    "a line separator in the name": 'name = "FR\u2028bureau"\npack = "embedded"\n',
    "carriage returns": 'name = "FR"\r\npack = "embedded"\r\n',
    "a text over several lines": 'name = "FR"\nmodels = """\\\n  models"""\n[serve]\nport = 0\n',
}


@pytest.mark.parametrize("written", HANDWRITTEN.values(), ids=HANDWRITTEN.keys())
def test_a_file_written_by_hand_says_the_same_but_for_the_pack(
    run: Run, own_models: Path, own_folder: Path, home: Path, written: str
) -> None:
    run("models", "pull", NAME, "--from", own_folder)
    path = home / "node.toml"
    path.write_bytes(written.encode())
    before = read_settings(home).node
    result = run("models", "use", NAME)
    assert result.exit_code == 0, result.output
    after = read_settings(home).node
    assert after.pack == NAME
    assert after.model_copy(update={"pack": before.pack}) == before
    kept = [line.strip() for line in path.read_bytes().decode().split("\n")]
    assert [line.strip() for line in written.split("\n") if "pack" not in line and line.strip() not in kept] == []


def test_a_file_that_cannot_be_changed_line_by_line_is_left_as_it_is(
    run: Run, own_models: Path, own_folder: Path, home: Path
) -> None:
    run("models", "pull", NAME, "--from", own_folder)
    path = home / "node.toml"
    written = b'name = """FR\npack = here"""\npack = "embedded"\n'
    path.write_bytes(written)
    result = run("models", "use", NAME, "--json")
    assert result.exit_code == 10
    assert f'pack = "{NAME}"' in _error(result)["message"]
    assert path.read_bytes() == written
