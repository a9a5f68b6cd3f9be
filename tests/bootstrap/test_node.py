"""Making and opening nodes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.cast import EMIL, FR
from tests.workflows.searching import open_case

from semblance.bootstrap.config import VARIABLES, read_settings
from semblance.bootstrap.node import create_node, open_node, run_node
from semblance.bootstrap.packs import LazyExtractor
from semblance.errors import ConfigurationError, Conflict, KeyDestroyed, PackMissing, StoreError, StoreFull
from semblance.faces.extractor import Extractor
from semblance.store import cases, probes
from semblance.store.probes import StoredProbe
from semblance.store.rows import read_key
from semblance.store.schema.case import case_file
from semblance.terms.ids import ProbeId, Sha256, make_id
from semblance.terms.samples import PhotoFacts
from semblance.workflows.oversight.oversight import describe_node


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)


def test_a_new_node_is_empty_and_nobody_elses_to_read(tmp_path: Path) -> None:
    home = tmp_path / "fr" / "node"
    settings = create_node(home, name="FR bureau", authority="FR", second_factor="offered")
    assert settings == read_settings(home)
    assert (settings.node.authority, settings.node.accounts.second_factor) == ("FR", "offered")
    assert home.stat().st_mode & 0o077 == 0
    for name in ("node.key", "keyring.sqlite", "semblance.sqlite"):
        assert (home / name).stat().st_mode & 0o777 == 0o600, name
    with run_node(home) as node:
        summary = describe_node(node, EMIL)
    assert (summary.name, summary.records, summary.searches) == ("FR bureau", 0, 0)


@pytest.mark.parametrize("name", ['Bureau "Nord"', "back\\slash", "tab\tand\nline", "Zürich 北京", "del\x7f"])
def test_any_name_survives_the_settings_file(name: str, tmp_path: Path) -> None:
    assert create_node(tmp_path / "node", name=name).node.name == name
    assert read_settings(tmp_path / "node").node.name == name


def test_a_node_is_never_made_over_another(tmp_path: Path) -> None:
    create_node(tmp_path, name="first")
    with pytest.raises(Conflict, match="holds a node already"):
        create_node(tmp_path, name="second")
    assert read_settings(tmp_path).node.name == "first"


def test_nothing_is_left_where_the_store_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        create_node(tmp_path / "node", store="sqlite:////nowhere/at/all/semblance.sqlite")
    assert list((tmp_path / "node").iterdir()) == []


def test_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="Name another folder"):
        create_node(tmp_path / "file" / "node")


def test_what_has_expired_goes_when_a_node_starts_without_any_model(tmp_path: Path) -> None:
    create_node(tmp_path, pack="no-such-pack")
    past = datetime.now(UTC) - timedelta(hours=2)
    facts = PhotoFacts(Sha256("0" * 64), "image/jpeg", 10, 10, 5)
    with run_node(tmp_path) as node:
        case = open_case(node)
        with node.store.writing() as tx:
            for name, age in (("old.jpg", 2), ("new.jpg", 0)):
                expires = past + timedelta(hours=3 - age)
                probe = StoredProbe(ProbeId(make_id()), case.id, name, facts, (), past, "alice", expires)
                probes.add_probe(tx, probe, name.encode())
    with run_node(tmp_path) as node, node.store.reading() as tx:
        assert probes.find_expired(tx, now=node.clock(), limit=9) == ()
        assert len(probes.find_of_case(tx, case.id)) == 1


def test_a_store_that_cannot_forget_is_opened_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_node: object) -> int:
        raise StoreFull("test.error", "There is no room left.")

    create_node(tmp_path)
    monkeypatch.setattr("semblance.bootstrap.node.purge_expired", fail)
    with run_node(tmp_path) as node:
        assert describe_node(node, EMIL).records == 0
    assert "store.full" in capsys.readouterr().err


def test_an_unknown_pack_is_said_when_it_is_first_needed(tmp_path: Path) -> None:
    create_node(tmp_path, pack="no-such-pack")
    with run_node(tmp_path) as node:
        assert describe_node(node, EMIL).records == 0
        with pytest.raises(PackMissing):
            _ = node.extractor.digest


def test_the_pack_is_loaded_once_and_a_failed_load_is_tried_again() -> None:
    calls: list[int] = []

    def fail() -> Extractor:
        calls.append(1)
        raise PackMissing("test.error", "not here")

    lazy = LazyExtractor(fail)
    for _ in range(2):
        with pytest.raises(PackMissing):
            lazy.load()
    assert len(calls) == 2


def read_files(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(home.iterdir()) if path.is_file()}


def hold_something(home: Path) -> None:
    with run_node(home) as node:
        open_case(node)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("node.key", None),
        ("node.key", b""),
        ("node.key", b"zz" * 32),
        ("node.key", b"ab" * 31),
        ("node.key", b"ab" * 32),
        ("node.key", b"\xff\xfe" * 32),
        ("keyring.sqlite", None),
        ("keyring.sqlite", b""),
    ],
)
def test_a_lost_wrong_or_damaged_key_or_keyring_starts_nothing_and_changes_nothing(
    tmp_path: Path, name: str, wrong: bytes | None
) -> None:
    create_node(tmp_path)
    hold_something(tmp_path)
    kept = (tmp_path / name).read_bytes()
    if wrong is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(wrong)
    before = read_files(tmp_path)
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="nothing was started or changed"):
            open_node(tmp_path)
        assert read_files(tmp_path) == before
    (tmp_path / name).write_bytes(kept)
    hold_something(tmp_path)


def test_a_damaged_keyring_starts_nothing(tmp_path: Path) -> None:
    create_node(tmp_path)
    (tmp_path / "keyring.sqlite").write_bytes(b"no database, but as long as one might be " * 99)
    with pytest.raises(StoreError, match="restore it from a copy"):
        open_node(tmp_path)


def test_an_older_copy_of_the_keyring_starts_nothing(tmp_path: Path) -> None:
    create_node(tmp_path)
    older = (tmp_path / "keyring.sqlite").read_bytes()
    hold_something(tmp_path)
    newest = (tmp_path / "keyring.sqlite").read_bytes()
    (tmp_path / "keyring.sqlite").write_bytes(older)
    with pytest.raises(ConfigurationError, match="older than the store"):
        open_node(tmp_path)
    (tmp_path / "keyring.sqlite").write_bytes(newest)
    hold_something(tmp_path)


def test_an_older_copy_of_the_keyring_brings_no_erased_key_back(tmp_path: Path) -> None:
    create_node(tmp_path)
    hold_something(tmp_path)
    older = (tmp_path / "keyring.sqlite").read_bytes()
    with run_node(tmp_path) as node, node.store.writing() as tx:
        (case,) = cases.list_cases(tx, FR, state=None, before=None, limit=9)
        key = read_key(tx, case_file, case.id)
        cases.erase_case(tx, case.id)
    (tmp_path / "keyring.sqlite").write_bytes(older)
    with run_node(tmp_path) as node:
        assert node.store.keyring is not None
        with pytest.raises(KeyDestroyed):
            node.store.keyring.find(key)


def test_the_keyring_is_never_in_the_store(tmp_path: Path) -> None:
    settings = '[keys]\nkeyring = "sqlite:///./semblance.sqlite"\n'
    create_node(tmp_path / "node")
    with (tmp_path / "node" / "node.toml").open("a") as file:
        file.write(settings)
    with pytest.raises(ConfigurationError, match="names the store itself"):
        open_node(tmp_path / "node")


def test_a_node_is_made_with_the_key_and_keyring_that_are_there(tmp_path: Path) -> None:
    create_node(tmp_path)
    kept = read_files(tmp_path)
    (tmp_path / "node.toml").unlink()
    create_node(tmp_path)
    assert read_files(tmp_path)["node.key"] == kept["node.key"]
    assert read_files(tmp_path)["keyring.sqlite"] == kept["keyring.sqlite"]
    # no new key is made beside a keyring that another one wraps
    for name in ("node.toml", "node.key"):
        (tmp_path / name).unlink()
    before = read_files(tmp_path)
    with pytest.raises(ConfigurationError, match="missing"):
        create_node(tmp_path)
    assert read_files(tmp_path) == before


def test_two_programs_make_a_node_at_once_and_one_does(tmp_path: Path) -> None:
    def make(name: str) -> str | None:
        try:
            return create_node(tmp_path / "node", name=name).node.name
        except Conflict:
            return None

    with ThreadPoolExecutor(4) as pool:
        made = [name for name in pool.map(make, "abcd") if name is not None]
    assert len(made) == 1
    hold_something(tmp_path / "node")
