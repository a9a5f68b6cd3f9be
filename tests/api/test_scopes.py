"""Every route asks the token that is used whether it allows what the route does, before it looks for anything."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
from tests.accounts_site import Visited, visited  # noqa: F401 - fixtures are found by their names here
from tests.cast import DORA

from semblance.api.app import make_api
from semblance.terms.permission import Action
from semblance.workflows.accounts.own_account import make_token

OPEN = {"/api", "/api/openapi.json", "/api/v1/health", "/api/v1/me"}
"""What asks for nothing: what the API is, whether the node works, and whose the token is."""

SCOPE = frozenset({Action.KEY_ROTATE})
"""What no route does."""

DRAFT = {"kind": "blue", "number": "1", "legal_basis": "A law", "retain_until": "2999-01-01"}

_TEXTS = {"date": "2026-03-01", "date-time": "2026-03-01T09:00:00Z", "binary": "photo"}


def fill(schema: dict[str, Any], parts: dict[str, Any]) -> Any:
    """Return a value that the schema takes, with nothing in it that may be left out."""
    if "$ref" in schema:
        return fill(parts[schema["$ref"].rpartition("/")[2]], parts)
    if "anyOf" in schema:
        return fill(schema["anyOf"][0], parts)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            return {name: fill(schema["properties"][name], parts) for name in schema.get("required", ())}
        case "array":
            return [fill(schema["items"], parts)] * schema.get("minItems", 0)
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    return _TEXTS.get(schema.get("format", ""), "x")


def send(client: httpx2.Client, method: str, path: str, operation: dict[str, Any], parts: dict[str, Any]) -> Any:
    places = {
        parameter["name"]: fill(parameter["schema"], parts)
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "path" or parameter.get("required")
    }
    address = re.sub(r"\{([a-z]+)\}", lambda name: str(places.pop(name[1])), path)
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        fields = fill(content["multipart/form-data"]["schema"], parts)
        files = {"photo": ("a.jpg", fields.pop("photo").encode())}
        return client.request(method, address, params=places, data=fields, files=files)
    if "application/octet-stream" in content:
        return client.request(method, address, content=b"x", headers={"content-type": "application/octet-stream"})
    body = fill(content["application/json"]["schema"], parts) if content else None
    if body is not None and "draft" in body:
        body["draft"] = DRAFT
    return client.request(method, address, params=places, json=body)


def test_every_route_asks_what_the_token_allows(visited: Visited) -> None:  # noqa: F811
    soon = datetime.now(UTC) + timedelta(days=3)
    secret = make_token(visited.node, DORA, label="narrow", scope=SCOPE, expires_at=soon).secret
    client, document = visited.open_client(), make_api(visited.node).openapi()
    client.headers["authorization"] = f"Bearer {secret}"
    parts, answers = document["components"]["schemas"], {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if path not in OPEN:
                answer = send(client, method.upper(), path, operation, parts)
                error = answer.json().get("error", {}) if answer.status_code >= 400 else {}
                answers[method, path] = answer.status_code, error.get("rule")
    assert len(answers) > 60
    assert {place: answer for place, answer in answers.items() if answer != (403, "token.scope")} == {}
