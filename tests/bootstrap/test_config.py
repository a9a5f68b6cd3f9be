"""Settings: read in one place, every key known and documented."""

import re
from pathlib import Path

import pytest

from semblance.bootstrap.config import (
    VARIABLES,
    NodeSettings,
    default_demo_home,
    default_evaluations,
    default_home,
    default_models,
    default_token,
    list_keys,
    parse_settings,
    read_settings,
)
from semblance.errors import ConfigurationError, NodeMissing

DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"
SOURCES = Path(__file__).parents[2] / "src" / "semblance"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in (*VARIABLES, "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)


def _write(home: Path, text: str) -> Path:
    home.mkdir(exist_ok=True)
    (home / "node.toml").write_text(text, encoding="utf-8")
    return home


@pytest.mark.parametrize("key", list(list_keys()))
def test_every_setting_is_documented(key: str) -> None:
    assert f"`{key}`" in DOCUMENT.read_text(encoding="utf-8")


@pytest.mark.parametrize("section", ["suitability", "serve", "accounts"])
def test_documented_defaults_are_the_defaults(section: str) -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    defaults = parse_settings('name = "FR"', source="node.toml").model_dump()[section]
    for key, default in defaults.items():
        assert f"| `{section}.{key}` | `{default}` |" in document


@pytest.mark.parametrize("variable", list(VARIABLES))
def test_every_variable_is_documented(variable: str) -> None:
    assert f"`{variable}`" in DOCUMENT.read_text(encoding="utf-8")


def test_the_environment_is_read_in_one_place() -> None:
    readers = {
        path
        for path in SOURCES.rglob("*.py")
        if re.search(r"os\.environ|BaseSettings", path.read_text(encoding="utf-8"))
    }
    # the process that decodes is given what it needs to be started, and nothing else
    assert readers == {SOURCES / "bootstrap" / "config.py", SOURCES / "faces" / "sandbox" / "process.py"}


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ('name = "FR"\npak = "open"', "`pack`"),
        ('name = "FR"\n[suitability]\ninter_eye = 40', "`suitability.inter_eye_distance`"),
        ('name = "FR"\nport = 80', "`serve.port`"),
        ('name = "FR"\nzzzz = 1', "docs/settings.md"),
    ],
)
def test_an_unknown_key_names_the_nearest_known_one(text: str, advice: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_settings(text, source="/home/fr/node.toml")
    assert "/home/fr/node.toml" in str(caught.value)
    assert advice in str(caught.value)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("name = ", "not valid TOML"),
        ("", "`name`"),
        ('name = ""', "`name`"),
        ('name = "FR"\n[serve]\nport = 99999', "`serve.port`"),
        ('name = "FR"\n[suitability]\nunified = 101', "`suitability.unified`"),
        ('name = "FR"\nlog_level = "loud"', "`log_level`"),
        ('name = "FR"\n[mail]\nhost = "mx.example"', "`mail.sender`"),
        ('name = "FR"\n[mail]\nhost = "mx.example"\nsender = "a@b.example\\nBcc: x@y.example"', "`mail.sender`"),
        ('name = "FR"\n[mail]\nhost = "mx.example"\nsender = "a@b.example"\nsecurity = "none"', "127.0.0.1"),
        ('name = "FR"\n[mail]\nhost = "127.0.0.1"\nsender = "a@b.example"\nuser = "node"', "`mail.password_file`"),
        ('name = "FR"\n[mail]\nhost = "mx.example\\nx"', "`mail.host`"),
        ('name = "FR"\n[mail]\ntimeout = 0', "`mail.timeout`"),
        ('name = "FR"\n[webhook]\ntimeout = -1', "`webhook.timeout`"),
        ('name = "FR"\naddress = "http://semblance.example"', "`address`"),
        ('name = "FR"\naddress = "https://semblance.example/\\nX"', "`address`"),
        ('name = "FR"\naddress = "https://[::1"', "`address`"),
        ('name = "FR"\npurposes = []', "`purposes`"),
        ('name = "FR"\npurposes = ["wanted-persons"]', "`purposes"),
    ],
)
def test_a_wrong_value_is_named(text: str, named: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_settings(text, source="node.toml")
    assert named in str(caught.value)


def test_a_folder_without_a_node_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NodeMissing, match="semblance init"):
        read_settings(tmp_path)


def test_relative_paths_start_at_the_home_folder(tmp_path: Path) -> None:
    home = _write(tmp_path / "node", 'name = "FR"\nmodels = "packs"')
    settings = read_settings(home)
    assert settings.store_url == f"sqlite:///{home / 'semblance.sqlite'}"
    assert settings.models == home / "packs"


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = _write(tmp_path / "node", 'name = "FR"\nmodels = "packs"\nstore = "sqlite:///other.sqlite"')
    monkeypatch.setenv("SEMBLANCE_STORE", "postgresql://db/semblance")
    monkeypatch.setenv("SEMBLANCE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("SEMBLANCE_TOKEN", " semblance_x ")
    settings = read_settings(home)
    assert settings.store_url == "postgresql://db/semblance"
    assert settings.models == tmp_path / "models"
    assert default_token() == "semblance_x"


def test_default_folders_follow_the_base_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert default_home() == tmp_path / "data" / "semblance" / "node"
    assert default_models() == tmp_path / "cache" / "semblance" / "models"
    assert default_evaluations() == tmp_path / "cache" / "semblance" / "evaluations"
    monkeypatch.setenv("SEMBLANCE_HOME", str(tmp_path / "mine"))
    assert default_home() == tmp_path / "mine"
    # a demonstration never lands in a node at work
    assert default_demo_home() == tmp_path / "data" / "semblance" / "demo"


def test_every_setting_says_what_it_means() -> None:
    assert all(field.description for field in NodeSettings.model_fields.values())
