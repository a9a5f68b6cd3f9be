"""A folder of photos, a node's home, and the command line in this process."""

import json
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image
from tests.accounts import add_cast, open_session_of
from tests.cast import CAST
from tests.model_fixtures import own_folder, own_manifest, published_pack, publisher, write_manifest  # noqa: F401 - fixtures are found by their names here

from semblance.bootstrap.config import VARIABLES
from semblance.bootstrap.node import run_node
from semblance.cli.acting import keep_session
from semblance.cli.main import cli
from semblance.faces.extraction import PackExtractor
from semblance.faces.packs import opening

Run = Callable[..., Result]

TERMS = (
    *("--kind", "blue", "--asked", "Who is this person?", "--basis", "INTERPOL RPD, article 88"),
    *("--retain-until", "2030-01-01"),
    *("--obtained", "handed in by the family", "--obtained-on", "2026-02-14", "--neutral", "yes"),
)
"""What is said once of all photos that the tests enrol."""


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return one folder of model packs for all tests, so that the pack is made ready once."""
    return tmp_path_factory.mktemp("models")


def _move_into(folder: Path, models: Path, patch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        patch.delenv(variable, raising=False)
    patch.setenv("SEMBLANCE_MODELS", str(models))
    patch.setenv("SEMBLANCE_HOME", str(folder / "home"))
    patch.setenv("XDG_DATA_HOME", str(folder / "data"))
    patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    patch.setenv("XDG_STATE_HOME", str(folder / "state"))


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, models: Path) -> None:
    _move_into(tmp_path, models, monkeypatch)


@pytest.fixture(scope="session", autouse=True)
def _load_models_once(models: Path) -> Iterator[None]:
    """Let all commands in this process share the models of the pack `embedded`, as one that goes on would."""
    load = opening.open_extractor
    load_once = cache(load)

    def open_extractor(name: str, *, models: Path) -> PackExtractor:
        return (load_once if (name, models) == ("embedded", shared) else load)(name, models=models)

    shared = models
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "open_extractor", open_extractor)
        yield


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Return what runs a command; ``by`` names who of the cast is signed in, and stays so for the commands after it."""

    def run(*arguments: object, by: str | None = None, **options: Any) -> Result:
        if by is not None:
            monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state" / by))
        return CliRunner().invoke(cli, [str(argument) for argument in arguments], **options)

    return run


def sign_in_cast(home: Path, states: Path) -> None:
    """Give the cast accounts on the node, and everybody a session as `semblance sign-in` leaves it."""
    with run_node(home) as node, pytest.MonkeyPatch.context() as patch:
        add_cast(node)
        for actor in CAST:
            patch.setenv("XDG_STATE_HOME", str(states / actor.name))
            keep_session(home, open_session_of(node, actor.name))


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Path:
    """Return the home of a new node with the cast's accounts, for tests to copy."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        _move_into(folder, models, patch)
        assert CliRunner().invoke(cli, ["init", "--name", "FR bureau", "--authority", "FR"]).exit_code == 0
        with (folder / "home" / "node.toml").open("a") as file:
            file.write("[suitability]\ninter_eye_distance = 40\n")
        sign_in_cast(folder / "home", folder / "state")
    return folder / "home"


@pytest.fixture(scope="session")
def filled_home(
    made_home: Path, tmp_path_factory: pytest.TempPathFactory, models: Path, astronaut_path: Path, hopper_path: Path
) -> Path:
    """Return the home of a node in which the folder of photos is enrolled, for tests to copy."""
    folder = tmp_path_factory.mktemp("filled")
    shutil.copytree(made_home, folder / "home")
    with pytest.MonkeyPatch.context() as patch:
        _move_into(folder, models, patch)
        sign_in_cast(folder / "home", folder / "state")
        patch.setenv("XDG_STATE_HOME", str(folder / "state" / "emil"))
        photos = _write_photos(folder, astronaut_path, hopper_path)
        CliRunner().invoke(cli, ["enrol", str(photos), *TERMS])
    return folder / "home"


@pytest.fixture
def photos(tmp_path: Path, astronaut_path: Path, hopper_path: Path) -> Path:
    """Return a folder with two portraits, a photo of two faces, a cat, and a file that is no photo."""
    return _write_photos(tmp_path, astronaut_path, hopper_path)


def _write_photos(into: Path, astronaut_path: Path, hopper_path: Path) -> Path:
    folder = into / "photos"
    for subject in ("Collins", "Hopper", "Crew", "Cat", "Letter"):
        (folder / subject).mkdir(parents=True)
    shutil.copy(astronaut_path, folder / "Collins" / "portrait.png")
    shutil.copy(hopper_path, folder / "Hopper" / "portrait.jpg")
    shutil.copy(astronaut_path.parent / "chelsea.png", folder / "Cat" / "chelsea.png")
    canvas = Image.new("RGB", (1024, 600), "grey")
    canvas.paste(Image.open(astronaut_path).convert("RGB"), (0, 0))
    canvas.paste(Image.open(hopper_path).convert("RGB"), (512, 0))
    canvas.save(folder / "Crew" / "both.jpg", quality=92)
    (folder / "Letter" / "scan.jpg").write_bytes(b"Dear Sir or Madam,")
    return folder


@pytest.fixture
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the home of a new node whose line lets the small sample portraits pass.

    Everybody of the cast has an account and is signed in; Emil's session is the one that commands find first.
    """
    made: Path = request.getfixturevalue("filled_home" if "filled" in request.fixturenames else "made_home")
    shutil.copytree(made, tmp_path / "home")
    # sessions of their own: those of the original may have run out
    sign_in_cast(tmp_path / "home", tmp_path / "state")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state" / "emil"))
    return tmp_path / "home"


@pytest.fixture
def filled(home: Path, photos: Path) -> Path:
    """Return the home of a node in which the folder is enrolled."""
    assert photos.is_dir()
    return home


REASON = "Photo found on the phone of the missing person."
ASKED = ("--case", "2026-114", "--reason", REASON)
"""What Alice says of a search in the case below."""


@pytest.fixture
def case(run: Run, home: Path) -> str:
    """Return the number of a case that Alice opened; she is signed in for the commands after it."""
    number = "2026-114"
    said = ("--purpose", "missing-person", "--category", "missing", "--aim", "to find her", "--link", "report 4711")
    assert run("case", "open", number, *said, by="alice").exit_code == 0
    return number


def read(result: Result) -> Any:
    """Return the JSON document that a command printed."""
    return json.loads(result.stdout)
