"""A page that shows the OpenAPI document to people; nothing is loaded from elsewhere and no script runs."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

Schema = Mapping[str, Any]


def render_reference(openapi: Mapping[str, Any], node: str) -> str:
    """Return the page for an OpenAPI document."""
    return _open_template().render(node=node, schemas=openapi["components"]["schemas"], **openapi)


@cache
def _open_template() -> Template:
    environment = Environment(
        loader=PackageLoader("semblance.api"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"kind": _name_kind, "paragraphs": _split, "document": _find_document, "referred": _name}
    return environment.get_template("reference.html")


def _find_document(answer: Mapping[str, Any]) -> str | None:
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return next((_name(part) for part in (schema, *schema.get("anyOf", ())) if "$ref" in part), None)


def _name(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _name_kind(schema: Schema) -> str:
    if "$ref" in schema:
        return _name(schema)
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
