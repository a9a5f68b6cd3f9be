"""Calls that nobody wrote: drawn from the OpenAPI document, with ids that the node gave out, and spoilt in places."""

import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

TEXTS: Final = (
    "", " ", ".", "..", "../../etc/passwd", "%2e%2e%2f", "a\0b", "\x1b[31m", "\u202egnp.exe", "'; DROP TABLE photo; --",
    "%", "_", "\\", "<script>alert(1)</script>", "{{7*7}}", "{x}", "№ 北京 👤", "e\u0301", "\ud800", "null", "-1", "0",
    "1e9", "9" * 30, "9" * 5000, "x" * 20_000, "true", "[]", "alice", "FR", "DE", "DE/Collins",
)  # fmt: skip
DAYS: Final = ("2027-01-31", "0001-01-01", "9999-12-31", "2026-02-30", "2026-06-01", "today")
NUMBERS: Final = (0, 1, 2, 3, 50, 500, -1, 2**31, 2**63 - 1, 2**63, 10**30)
BODIES: Final = (
    b"", b"{", b"null", b"\xff\xfe", b"[" * 5000, b'{"a": NaN}', b"--x\r\n", b"a=1&b=%ff", b'"\\ud800"', b"[]",
)  # fmt: skip
KINDS: Final = ("application/json", "text/plain", "application/xml", "multipart/form-data", "x" * 300, "")
SPARED: Final = ("/disable", "/exclude", "/proposals/", "/roles/")
"""What would shut out the cast; those calls are about nobody."""


@dataclass(frozen=True)
class Call:
    """One call, and the operation that it is of."""

    method: str
    path: str
    operation: Mapping[str, Any]
    address: str
    body: dict[str, Any] = field(repr=False)


class CallMaker:
    """Draws calls; what answers hold is taken up by ``learn``."""

    def __init__(self, openapi: Mapping[str, Any], seed: int, *, known: list[str], photos: list[bytes]) -> None:
        self._chance = random.Random(seed)
        self._schemas = openapi["components"]["schemas"]
        self._operations = [
            (method.upper(), path, operation)
            for path, methods in openapi["paths"].items()
            for method, operation in methods.items()
        ]
        self._known = known
        self._photos = photos

    def learn(self, answer: str) -> None:
        """Take up the ids that an answer holds."""
        for found in re.findall(r'"([0-9a-f]{32})"', answer)[:20]:
            if found not in self._known:
                self._known.append(found)
        del self._known[: max(0, len(self._known) - 300)]

    def draw(self) -> Call:
        """Return the next call."""
        method, path, operation = self._chance.choice(self._operations)
        if re.search(r"ledger/(verification|bundle)", path) and self._chance.random() < 0.9:
            return self.draw()
        spared = any(part in path for part in SPARED)
        address = re.sub(r"\{[^}]+\}", lambda _: quote(self._draw_id(spared=spared), safe=""), path)
        asked = [
            f"{each['name']}={quote(str(self._draw_value(each['schema'])).encode('utf-8', 'surrogatepass'), safe='')}"
            for each in operation.get("parameters", ())
            if each["in"] == "query" and self._chance.random() < 0.5
        ]
        whole = f"{address}?{'&'.join(asked)}" if asked else address
        return Call(method, path, operation, whole, self._draw_body(operation))

    def _draw_id(self, *, spared: bool) -> str:
        if spared:
            return self._chance.choice(("mallory", "XX", "nobody", "administrator", "x" * 300))
        drawn = self._chance.choice(self._known) if self._chance.random() < 0.8 else self._chance.choice(TEXTS)
        # an empty part of a path, or dots, would name another operation
        return drawn if drawn.strip("./ \ud800") else "0"

    def _draw_body(self, operation: Mapping[str, Any]) -> dict[str, Any]:
        content = operation.get("requestBody", {}).get("content", {})
        if not content:
            return {}
        if self._chance.random() < 0.1:
            return self._draw_wrong_body()
        ((kind, described),) = content.items()
        values = self._draw_value(described["schema"])
        if kind == "application/json":
            return {"content": json.dumps(values).encode(), "headers": {"content-type": kind}}
        fields = {name: _write(part) for name, part in values.items()} if isinstance(values, dict) else {}
        fields.pop("photo", None)
        name = self._chance.choice(("a.jpg", "№.png", "x" * 400))
        return {"data": fields, "files": {"photo": (name, self._draw_photo())}}

    def _draw_wrong_body(self) -> dict[str, Any]:
        return {"content": self._chance.choice(BODIES), "headers": {"content-type": self._chance.choice(KINDS)}}

    def _draw_photo(self) -> bytes:
        whole = bytearray(self._chance.choice(self._photos))
        match self._chance.randrange(4):
            case 0:
                del whole[self._chance.randrange(len(whole)) :]
            case 1:
                for _ in range(8):
                    whole[self._chance.randrange(len(whole))] = self._chance.randrange(256)
            case 2:
                return self._chance.choice((b"", b"no photo", b"\xff\xd8\xff", b"GIF89a", b"<svg/>"))
        return bytes(whole)

    def _draw_value(self, schema: Mapping[str, Any], depth: int = 0) -> Any:
        if self._chance.random() < 0.04:
            return self._draw_anything()
        if "$ref" in schema:
            return self._draw_value(self._schemas[schema["$ref"].rpartition("/")[2]], depth)
        if "anyOf" in schema:
            return self._draw_value(self._chance.choice(schema["anyOf"]), depth)
        if "const" in schema or "enum" in schema:
            return schema["const"] if "const" in schema else self._chance.choice(schema["enum"])
        match schema.get("type"):
            case "object":
                return self._draw_object(schema, depth + 1)
            case "array":
                return [self._draw_value(schema.get("items", {}), depth + 1) for _ in range(self._chance.randrange(3))]
            case "integer" | "number":
                return self._chance.choice(NUMBERS)
            case "boolean":
                return self._chance.random() < 0.5
            case "null":
                return None
            case "string":
                return self._draw_text(schema)
        return self._draw_anything()

    def _draw_text(self, schema: Mapping[str, Any]) -> str:
        if schema.get("format") in {"date", "date-time"}:
            return self._chance.choice(DAYS)
        which = self._chance.random()
        if which < 0.3:
            return self._chance.choice(self._known)
        return self._chance.choice(TEXTS) if which < 0.6 else "A reason that says something"

    def _draw_object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        needed = schema.get("required", ())
        made = {
            name: self._draw_value(part, depth)
            for name, part in schema.get("properties", {}).items()
            if self._chance.random() < (0.97 if name in needed else 0.4)
        }
        if schema.get("examples") and self._chance.random() < 0.5:
            made = {**schema["examples"][0], **dict(self._chance.sample(sorted(made.items(), key=str), len(made) // 2))}
        if schema.get("additionalProperties") and depth < 4:
            made |= {self._chance.choice(TEXTS): self._draw_anything() for _ in range(self._chance.randrange(3))}
        return made

    def _draw_anything(self) -> Any:
        return self._chance.choice((None, True, -1, 10**30, 1.5, [], {}, [1], {"a": [{}]}, *TEXTS))


def _write(value: Any) -> str:
    return str(value).encode("utf-8", "replace").decode()
