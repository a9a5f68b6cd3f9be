"""Who sends a request: found from the session's cookie, or from the header ``Authorization: Bearer``."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from semblance.errors import NotSignedIn
from semblance.node.node import Node
from semblance.people.account_rules import DEVICE_LIFE
from semblance.people.token import hash_secret
from semblance.terms.permission import Actor
from semblance.workflows.accounts.sign_in import find_actor


def get_node(request: Request) -> Node:
    """Return the node that the application serves."""
    node: Node = request.app.state.node
    return node


CurrentNode = Annotated[Node, Depends(get_node)]


def get_actor(request: Request, node: CurrentNode) -> Actor:
    """Return who asks; raises NotSignedIn where nobody is signed in."""
    found = getattr(request.state, "actor", None)
    if not isinstance(found, Actor):
        found = find_actor(node, require_secret(request))
        request.state.actor = found
    return found


CurrentActor = Annotated[Actor, Depends(get_actor)]


def require_secret(request: Request) -> str:
    """Return the secret that came with the request; a header wins over the cookie. Raises NotSignedIn."""
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, secret = header.partition(" ")
        if scheme.casefold() != "bearer" or not secret.strip():
            raise NotSignedIn(
                "sign-in.header-invalid",
                "The header Authorization must be `Bearer` and an API token; nothing else is taken.",
            )
        return secret.strip()
    secret = request.cookies.get(name_cookie(request), "")
    if not secret:
        raise NotSignedIn(
            "sign-in.nobody",
            "Nobody is signed in. Sign in first, or send an API token as `Authorization: Bearer TOKEN`.",
        )
    return secret


def keep_secret(request: Request, response: Response, secret: str) -> None:
    """Set the session's cookie: not for scripts, not for requests from other sites, gone with the browser."""
    response.set_cookie(
        name_cookie(request), secret, path="/", httponly=True, samesite="strict", secure=_is_encrypted(request)
    )


def drop_secret(request: Request, response: Response) -> None:
    """Remove the session's cookie."""
    response.delete_cookie(
        name_cookie(request), path="/", httponly=True, samesite="strict", secure=_is_encrypted(request)
    )


def keep_device(request: Request, response: Response, name: str, device: str) -> None:
    """Set what makes this browser known when the person signs in again; it is sent to the sign-in page alone."""
    response.set_cookie(
        _name_device(request, name),
        device,
        max_age=int(DEVICE_LIFE.total_seconds()),
        path="/sign-in",
        httponly=True,
        samesite="strict",
        secure=_is_encrypted(request),
    )


def read_device(request: Request, name: str) -> str:
    """Return what this browser keeps of an earlier sign-in under that name, or an empty text."""
    return request.cookies.get(_name_device(request, name), "")


def _name_device(request: Request, name: str) -> str:
    # several people may share a browser; a login name may hold what no cookie's name can
    return name_cookie(request, f"device-{hash_secret(name.strip().casefold())[:16]}")


def name_cookie(request: Request, kind: str = "session") -> str:
    """Return what the cookie is called: by its port, since browsers share cookies among all ports of a machine."""
    return f"semblance-{kind}-{request.url.port or (443 if _is_encrypted(request) else 80)}"


def _is_encrypted(request: Request) -> bool:
    return request.url.scheme == "https"
