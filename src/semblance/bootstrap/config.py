"""The settings of a node and of this process: the only place that reads ``node.toml`` and the environment."""

import difflib
import ipaddress
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self
from urllib.parse import urlsplit

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from semblance.errors import ConfigurationError, NodeMissing
from semblance.exchange.delivery.webhook import Network, is_never_called
from semblance.gallery.suitability import SuitabilityLine
from semblance.people.account_rules import DEFAULT_RULES, AccountRules
from semblance.search.milvus.place import MilvusPlace, parse_place
from semblance.terms.text import is_mail_address

SETTINGS_FILE: Final = "node.toml"
_NAME: Final = "semblance"


class Environment(BaseSettings):
    """What this process's environment says to Semblance; a variable that is set but empty counts as unset."""

    model_config = SettingsConfigDict(env_prefix="SEMBLANCE_", env_ignore_empty=True, frozen=True)

    home: Path | None = Field(default=None, description="the node's home folder")
    store: str | None = Field(default=None, description="the store's URL, instead of the setting `store`")
    index: str | None = Field(
        default=None, description="the address of a Milvus index that is searched instead of this machine's memory"
    )
    models: Path | None = Field(
        default=None, description="the folder of the model packs, instead of the setting `models`"
    )
    token: str | None = Field(
        default=None, description="an API token; commands act as its owner, whoever is signed in", repr=False
    )
    password: str | None = Field(
        default=None, description="the password, where a command would ask for one", repr=False
    )
    oidc_secret: str | None = Field(
        default=None,
        description="the client's secret, instead of the file that `oidc.client_secret_file` names",
        repr=False,
    )


VARIABLES: Final = tuple(f"SEMBLANCE_{name.upper()}" for name in Environment.model_fields)
"""Every environment variable that Semblance gives a meaning to."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ServeSettings(_Section):
    """How the pages and the API are served."""

    port: int = Field(default=8710, ge=0, le=65535, description="The port; 0 takes any free one.")
    upload_megabytes: int = Field(
        default=40, ge=1, le=1024, description="The largest photo that may be uploaded, in megabytes."
    )


class KeySettings(_Section):
    """Where the keys come from that seal what is held of people."""

    node_key: str = Field(
        default="file:node.key",
        description="The key that wraps all others: file:PATH, env:NAME or command:PROGRAM (for a KMS or HSM).",
    )
    keyring: str = Field(
        default="sqlite:///keyring.sqlite",
        description="The database of the keys, apart from the store. A relative SQLite path starts at the home folder.",
    )


class OidcSettings(_Section):
    """An OpenID Connect provider that people may sign in at instead."""

    issuer: str = Field(default="", description="The provider's issuer, an https address; empty means none.")
    client_id: str = Field(default="", description="What the provider calls this node.")
    client_secret_file: str = Field(
        default="", description="A file with the client's secret; a relative path starts at the home folder."
    )
    title: str = Field(default="your organisation", max_length=80, description="What the sign-in page calls it.")


class MailSettings(_Section):
    """The server that takes the node's e-mail."""

    host: str = Field(
        default="",
        max_length=253,
        pattern=r"^[A-Za-z0-9.:-]*$",
        description="The SMTP server; empty means that no e-mail is sent.",
    )
    port: int = Field(default=587, ge=1, le=65535, description="Its port: 587 for starttls, 465 for tls.")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How the way to it is encrypted; none is for a server on this machine only."
    )
    user: str = Field(default="", max_length=200, description="Who the node signs in as there; empty means no sign-in.")
    password_file: str = Field(
        default="", description="A file with the password; a relative path starts at the home folder."
    )
    sender: str = Field(default="", description="The address that the node's mail comes from.")
    timeout: float = Field(
        default=10.0, gt=0, le=120, description="For so many seconds each answer of the server is waited for."
    )

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.host and not is_mail_address(self.sender):
            raise ValueError("`mail.sender` is not one plain e-mail address, which mail needs to come from")
        if self.host and self.security == "none" and not _is_loopback(self.host):
            raise ValueError('`mail.security` may be "none" only where `mail.host` is this machine (127.0.0.1)')
        if bool(self.user) != bool(self.password_file):
            raise ValueError("`mail.user` and `mail.password_file` go together; set both, or neither")
        return self


class WebhookSettings(_Section):
    """The calls that tell other authorities' systems."""

    secret_file: str = Field(
        default="",
        description="A file with the secret that signs the calls; empty means that none are made. A relative path "
        "starts at the home folder.",
    )
    timeout: float = Field(default=10.0, gt=0, le=120, description="A call may last for so many seconds.")
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = Field(
        default=(), description="The private networks that may be called."
    )

    @field_validator("networks")
    @classmethod
    def _require_receivers(cls, networks: tuple[Network, ...]) -> tuple[Network, ...]:
        for network in networks:
            if network.is_global or is_never_called(network.network_address):
                raise ValueError(f"{network} is no private network; write one such as 10.20.0.0/16 or fd12:3456::/32")
        return networks


class NodeSettings(_Section):
    """Everything that may stand in ``node.toml``."""

    name: str = Field(
        min_length=1, max_length=80, description="What the node is called, on its pages and in its records."
    )
    authority: str = Field(
        default="unnamed",
        min_length=1,
        max_length=80,
        description="The authority whose people act on this node, as its ledger calls it: a country code, say.",
    )
    pack: str = Field(default="embedded", min_length=1, description="The model pack that makes the templates.")
    store: str = Field(
        default="sqlite:///semblance.sqlite",
        description="The store's URL. A relative SQLite path starts at the node's home folder.",
    )
    models: str = Field(default="", description="The folder of the model packs; empty means the cache folder.")
    address: str = Field(
        default="",
        max_length=400,
        description="Where people reach the pages, for links in notifications: an https address; empty means no links.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="What is worth a line in the operations log."
    )
    suitability: SuitabilityLine = Field(
        default=SuitabilityLine(), description="What a photo must reach to become a reference."
    )
    serve: ServeSettings = Field(default_factory=ServeSettings, description="How the pages and the API are served.")
    keys: KeySettings = Field(
        default_factory=KeySettings, description="Where the keys come from that seal what is held of people."
    )
    accounts: AccountRules = Field(default=DEFAULT_RULES, description="What is asked of accounts.")
    oidc: OidcSettings = Field(
        default_factory=OidcSettings, description="An OpenID Connect provider that people may sign in at instead."
    )
    mail: MailSettings = Field(default_factory=MailSettings, description="The server that takes the node's e-mail.")
    webhook: WebhookSettings = Field(
        default_factory=WebhookSettings, description="The calls that tell other authorities' systems."
    )

    @field_validator("address")
    @classmethod
    def _require_safe_address(cls, address: str) -> str:
        if not address:
            return address
        try:
            parts = urlsplit(address)
            plain = parts.username is None and not parts.query and not parts.fragment and parts.port != 0
        except ValueError:
            raise ValueError("it is no address; write one such as https://semblance.example") from None
        host = parts.hostname or ""
        safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))
        if not (host and safe and plain and address.isascii() and address.isprintable() and " " not in address):
            raise ValueError("it is no plain https address; write one such as https://semblance.example")
        return address


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one node with this process's environment applied; paths are absolute."""

    home: Path
    node: NodeSettings
    store_url: str
    keyring_url: str
    models: Path
    index: MilvusPlace | None = None


def default_home() -> Path:
    """Return ``SEMBLANCE_HOME``, or else ``semblance/node`` in the user's data folder."""
    named = Environment().home
    return platformdirs.user_data_path(_NAME) / "node" if named is None else named.expanduser().absolute()


def default_demo_home() -> Path:
    """Return ``semblance/demo`` in the user's data folder; never ``SEMBLANCE_HOME``, which may be a node at work."""
    return platformdirs.user_data_path(_NAME) / "demo"


def default_models() -> Path:
    """Return ``SEMBLANCE_MODELS``, or else ``semblance/models`` in the user's cache folder."""
    named = Environment().models
    return platformdirs.user_cache_path(_NAME) / "models" if named is None else named.expanduser().absolute()


def default_evaluations() -> Path:
    """Return ``semblance/evaluations`` in the user's cache folder."""
    return platformdirs.user_cache_path(_NAME) / "evaluations"


def copy_environment(**changes: str) -> dict[str, str]:
    """Return the environment for a program that this one starts, with some variables set otherwise."""
    return {**os.environ, **changes}


def let_threads_rest() -> None:
    """Keep the threads of OpenMP, where it is loaded later, from spinning after their work, unless somebody said so."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def default_token() -> str | None:
    """Return ``SEMBLANCE_TOKEN``, or None where it is unset or blank."""
    return (Environment().token or "").strip() or None


def default_password() -> str | None:
    """Return ``SEMBLANCE_PASSWORD``, or None where it is unset or empty."""
    return Environment().password


def read_key_variable(name: str) -> str | None:
    """Return the environment variable that ``keys.node_key`` names, or None where it is unset or empty."""
    return os.environ.get(name, "") or None


def state_folder() -> Path:
    """Return ``semblance`` in the user's state folder."""
    return platformdirs.user_state_path(_NAME)


def read_client_secret(settings: Settings) -> str | None:
    """Return the secret of the node at its OpenID Connect provider, or None where it has none (a public client)."""
    named = Environment().oidc_secret
    if named is not None or not settings.node.oidc.client_secret_file:
        return named
    return read_secret_file(settings, settings.node.oidc.client_secret_file, "oidc.client_secret_file") or None


def read_secret_file(settings: Settings, named: str, key: str) -> str:
    """Return what stands in the file that the setting ``key`` names; raises ConfigurationError where it is no text."""
    path = settings.home / Path(named).expanduser()
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(
            "operator.settings.secret-unreadable",
            "{path}, which `{key}` names, cannot be read; check its path and permissions.",
            path=path,
            key=key,
        ) from None


def read_settings(home: Path) -> Settings:
    """Read ``node.toml`` in the home folder and apply the environment.

    Raises NodeMissing where there is no such file, ConfigurationError where a key is unknown or a value is wrong;
    the sentence names the file, the key, and the nearest known key.
    """
    home = home.expanduser().absolute()
    path = home / SETTINGS_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        raise NodeMissing(
            "operator.node.missing",
            "There is no node in {home}. Make one with `semblance init`, or name another folder with --home.",
            home=home,
        ) from None
    except OSError as error:
        raise ConfigurationError(
            "operator.settings.unreadable",
            "{path} cannot be read ({why}). Check its permissions.",
            path=path,
            why=error.strerror or error,
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            "operator.settings.no-utf-8",
            "{path} is damaged, or in another encoding: byte {start} is not UTF-8. Restore it, or save it as UTF-8.",
            path=path,
            start=error.start,
        ) from None
    return apply_environment(home, parse_settings(text, source=str(path)))


def parse_settings(text: str, *, source: str) -> NodeSettings:
    """Parse the text of a ``node.toml``; ``source`` is what errors call it."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            "operator.settings.no-toml",
            "{source} is not valid TOML: {error}. Correct that line.",
            source=source,
            error=error,
        ) from None
    _refuse_unknown_keys(table, NodeSettings, source=source, prefix="")
    try:
        return NodeSettings.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        fault = first["msg"].removeprefix("Value error, ")
        raise ConfigurationError(
            "operator.settings.bad-value",
            "{source}: `{key}` is wrong: {fault}. docs/settings.md says what it may be.",
            source=source,
            key=key,
            fault=fault,
        ) from None


def apply_environment(home: Path, node: NodeSettings) -> Settings:
    """Join a node's own settings with the environment, which wins where it speaks."""
    environment = Environment()
    models = default_models()
    if node.models and environment.models is None:
        models = home / Path(node.models).expanduser()
    return Settings(
        home=home,
        node=node,
        store_url=_anchor_sqlite(environment.store or node.store, home),
        keyring_url=_anchor_sqlite(node.keys.keyring, home),
        models=models,
        index=None if environment.index is None else parse_place(environment.index),
    )


def list_keys(section: object = NodeSettings, prefix: str = "") -> Iterator[str]:
    """Yield every key that ``node.toml`` may have, sections with their dotted path."""
    for name, kind in (_list_parts(section) or {}).items():
        if _list_parts(kind) is None:
            yield f"{prefix}{name}"
        else:
            yield from list_keys(kind, f"{prefix}{name}.")


def _list_parts(section: object) -> dict[str, object] | None:
    """Return what may stand in a section by its key, or None for what is no section."""
    if isinstance(section, type) and issubclass(section, BaseModel):
        return {name: field.annotation for name, field in section.model_fields.items()}
    return {field.name: field.type for field in fields(section)} if is_dataclass(section) else None


def _refuse_unknown_keys(table: Mapping[str, Any], section: object, *, source: str, prefix: str) -> None:
    parts = _list_parts(section) or {}
    for key, value in table.items():
        if key not in parts:
            known = list(list_keys())
            near = [name for name in known if name.rpartition(".")[2] == key]
            near = near or difflib.get_close_matches(f"{prefix}{key}", known, n=1, cutoff=0.5)
            if near:
                raise ConfigurationError(
                    "operator.settings.misspelt-key",
                    "{source}: the key `{key}` is unknown. Is {near:or} meant?",
                    source=source,
                    key=f"{prefix}{key}",
                    near=[f"`{name}`" for name in near],
                )
            raise ConfigurationError(
                "operator.settings.unknown-key",
                "{source}: the key `{key}` is unknown. docs/settings.md lists the known keys.",
                source=source,
                key=f"{prefix}{key}",
            )
        if isinstance(value, Mapping) and _list_parts(parts[key]) is not None:
            _refuse_unknown_keys(value, parts[key], source=source, prefix=f"{prefix}{key}.")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _anchor_sqlite(url: str, home: Path) -> str:
    scheme, separator, path = url.partition(":///")
    if not separator or not scheme.startswith("sqlite") or not path or path.startswith((":memory:", "file:")):
        return url
    return f"{scheme}:///{home / path}"
