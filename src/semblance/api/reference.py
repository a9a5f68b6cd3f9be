"""A page that shows the OpenAPI document to people; nothing is loaded from elsewhere and no script runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a body or a document."""

    name: str
    kind: str
    required: bool
    words: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of an operation."""

    status: str
    words: str
    document: str | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API; ``body`` is the media type of what is sent, if anything is."""

    method: str
    path: str
    title: str
    words: tuple[str, ...]
    parameters: tuple[Field, ...]
    body: str | None
    fields: tuple[Field, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """The operations of one tag."""

    name: str
    words: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class DocumentShape:
    """A document that the API takes or answers with."""

    name: str
    words: str
    fields: tuple[Field, ...]


def render_reference(openapi: Mapping[str, Any], node: str) -> str:
    """Return the page for an OpenAPI document."""
    schemas: Mapping[str, Any] = openapi["components"]["schemas"]
    return _open_template().render(
        node=node,
        title=openapi["info"]["title"],
        version=openapi["info"]["version"],
        words=_split(openapi["info"]["description"]),
        sections=tuple(
            Section(
                tag["name"].capitalize(), tag["description"], tuple(_read_operations(openapi, tag["name"], schemas))
            )
            for tag in openapi["tags"]
        ),
        documents=tuple(
            DocumentShape(name, " ".join(str(schema.get("description", "")).split()), _read_fields(schema))
            for name, schema in sorted(schemas.items())
            if not name.startswith(("Body_", "HTTPValidation", "ValidationError"))
        ),
    )


@cache
def _open_template() -> Template:
    environment = Environment(
        loader=PackageLoader("semblance.api"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("reference.html")


def _read_operations(openapi: Mapping[str, Any], tag: str, schemas: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            if tag not in operation.get("tags", ()):
                continue
            media, schema = _read_body(operation, schemas)
            yield Operation(
                method=method.upper(),
                path=path,
                title=operation["summary"],
                words=_split(operation.get("description", "")),
                parameters=tuple(
                    Field(
                        parameter["name"],
                        f"{_name_kind(parameter['schema'])} in the {parameter['in']}",
                        bool(parameter.get("required")),
                        parameter.get("description", ""),
                    )
                    for parameter in operation.get("parameters", ())
                ),
                body=media,
                fields=_read_fields(schema),
                answers=tuple(
                    Answer(status, answer["description"], _find_document(answer))
                    for status, answer in sorted(operation["responses"].items())
                ),
            )


def _read_body(operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> tuple[str | None, Mapping[str, Any]]:
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        schema = content["schema"]
        return str(media), schemas[_name_reference(schema)] if "$ref" in schema else schema
    return None, {}


def _read_fields(schema: Mapping[str, Any]) -> tuple[Field, ...]:
    required = schema.get("required", ())
    return tuple(
        Field(name, _name_kind(part), name in required, part.get("description", ""))
        for name, part in schema.get("properties", {}).items()
    )


def _find_document(answer: Mapping[str, Any]) -> str | None:
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    for part in (schema, *schema.get("anyOf", ())):
        if "$ref" in part:
            return _name_reference(part)
    return None


def _name_reference(schema: Mapping[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _name_kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return _name_reference(schema)
    if "anyOf" in schema:
        return " or ".join(_name_kind(part) for part in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    if schema.get("contentMediaType") == "application/octet-stream" or schema.get("format") == "binary":
        return "file"
    if schema.get("type") == "array":
        return f"list of {_name_kind(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or schema.get("const") or "any")


def _split(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.split("\n\n") if part.strip())
