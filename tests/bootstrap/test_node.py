"""Making and opening nodes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from semblance.bootstrap.config import VARIABLES, read_settings
from semblance.bootstrap.lazy_extractor import LazyExtractor
from semblance.bootstrap.node import create_node, run_node
from semblance.errors import ConfigurationError, Conflict, PackMissing, StoreError, StoreFull
from semblance.faces.extractor import Extractor
from semblance.store import probes
from semblance.store.probes import StoredProbe
from semblance.terms.ids import ProbeId, Sha256, make_id
from semblance.terms.purpose import Purpose
from semblance.terms.samples import PhotoFacts
from semblance.workflows.show import describe_node


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)


def test_a_new_node_is_empty_and_nobody_elses_to_read(tmp_path: Path) -> None:
    home = tmp_path / "fr" / "node"
    settings = create_node(home, name="FR bureau", purposes=("missing-person",))
    assert settings == read_settings(home)
    assert settings.node.purposes == ("missing-person",)
    assert home.stat().st_mode & 0o077 == 0
    with run_node(home) as node:
        summary = describe_node(node)
    assert (summary.name, summary.subjects, summary.searches) == ("FR bureau", 0, 0)


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
    assert not (tmp_path / "node" / "node.toml").exists()


def test_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="Name another folder"):
        create_node(tmp_path / "file" / "node")


def test_what_has_expired_goes_when_a_node_starts_without_any_model(tmp_path: Path) -> None:
    create_node(tmp_path, pack="no-such-pack", purposes=("missing-person",))
    past = datetime.now(UTC) - timedelta(hours=2)
    facts = PhotoFacts(Sha256("0" * 64), "image/jpeg", 10, 10, 5)
    with run_node(tmp_path) as node:
        assert node.purposes == (Purpose.MISSING_PERSON,)
        with node.store.writing() as tx:
            for name, age in (("old.jpg", 2), ("new.jpg", 0)):
                expires = past + timedelta(hours=3 - age)
                probe = StoredProbe(ProbeId(make_id()), name, facts, (), past, "alice", expires)
                probes.add_probe(tx, probe, name.encode())
    with run_node(tmp_path) as node, node.store.reading() as tx:
        assert not probes.has_expired(tx, now=node.clock())
        assert probes.count_probes(tx, now=past) == 1


def test_a_store_that_cannot_forget_is_opened_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_node: object) -> int:
        raise StoreFull("There is no room left.")

    create_node(tmp_path)
    monkeypatch.setattr("semblance.bootstrap.node.purge_expired", fail)
    with run_node(tmp_path) as node:
        assert describe_node(node).subjects == 0
    assert "store.full" in capsys.readouterr().err


def test_an_unknown_pack_is_said_when_it_is_first_needed(tmp_path: Path) -> None:
    create_node(tmp_path, pack="no-such-pack")
    with run_node(tmp_path) as node:
        assert describe_node(node).subjects == 0
        with pytest.raises(PackMissing):
            _ = node.extractor.digest


def test_the_pack_is_loaded_once_and_a_failed_load_is_tried_again() -> None:
    calls: list[int] = []

    def fail() -> Extractor:
        calls.append(1)
        raise PackMissing("not here")

    lazy = LazyExtractor(fail)
    for _ in range(2):
        with pytest.raises(PackMissing):
            lazy.load()
    assert len(calls) == 2
