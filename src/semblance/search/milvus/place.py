"""Where a Milvus index lies, from the address that the settings give."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from semblance.errors import ConfigurationError

_FORM: Final = "milvus://HOST:PORT/COLLECTION, milvus+tls://… or milvus:///ABSOLUTE/PATH.db"
_PORT: Final = 19_530
_COLLECTION: Final = "semblance"


@dataclass(frozen=True, slots=True)
class MilvusPlace:
    """A collection on a Milvus cluster, or in a file of Milvus Lite; ``token`` is never shown."""

    uri: str
    collection: str = _COLLECTION
    token: str = field(default="", repr=False)

    @property
    def shown(self) -> str:
        """Return where it is, for sentences."""
        return f"{self.uri} ({self.collection})"


def parse_place(address: str) -> MilvusPlace:
    """Return the place that an address names; raises ConfigurationError where it names none."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise _refuse() from None
    if parts.scheme not in {"milvus", "milvus+tls"} or parts.query or parts.fragment:
        raise _refuse()
    if not parts.hostname:
        if parts.scheme != "milvus" or not parts.path.endswith(".db") or not Path(parts.path).is_absolute():
            raise _refuse()
        return MilvusPlace(unquote(parts.path))
    name = parts.path.strip("/")
    if name and not name.isidentifier():
        raise _refuse()
    scheme = "https" if parts.scheme == "milvus+tls" else "http"
    token = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}" if parts.username else ""
    return MilvusPlace(f"{scheme}://{parts.hostname}:{port or _PORT}", name or _COLLECTION, token)


def _refuse() -> ConfigurationError:
    return ConfigurationError(
        "operator.index.bad-address",
        "SEMBLANCE_INDEX is no address of an index. Write {form}, or take the variable away.",
        form=_FORM,
    )
