"""Signing in at an OpenID Connect provider: authorisation code flow with PKCE, state and nonce.

Nothing is remembered of the provider: its addresses and keys are read anew for every sign-in, so that a key it replaced
is of no use here at once.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from semblance.errors import ConfigurationError, PeerError, SemblanceError, VerificationError
from semblance.exchange.transfer import is_loopback
from semblance.node.node import Node
from semblance.workflows.accounts.sign_in import (
    begin_outside_sign_in,
    record_failed_outside_sign_in,
    take_outside_sign_in,
)

_RSA_AND_EC: Final = [f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)]
_ALGORITHMS: Final = [*_RSA_AND_EC, "Ed25519", "EdDSA"]
"""Signatures only: neither none nor one that the client's secret could have made."""

_LEEWAY: Final = 60
_SECONDS: Final = 10.0
_LONGEST_ANSWER: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as the node's settings name it; ``title`` is what the sign-in page calls it."""

    issuer: str
    client_id: str
    client_secret: str | None
    title: str

    def __repr__(self) -> str:
        return f"Provider({self.issuer!r})"


def make_provider(issuer: str, client_id: str, client_secret: str | None, title: str) -> Provider | None:
    """Return the provider, or None where no issuer is set; raises ConfigurationError where the settings are no good."""
    if not issuer:
        return None
    if not client_id:
        raise ConfigurationError(
            "operator.provider.client-missing",
            "`oidc.issuer` is set and `oidc.client_id` is not; set both, or neither.",
        )
    if not _is_safe(issuer):
        raise ConfigurationError(
            "operator.provider.issuer-unsafe",
            "`oidc.issuer` must be an https address, and '{address}' is none.",
            address=issuer,
        )
    return Provider(issuer, client_id, client_secret, title)


def begin_sign_in(provider: Provider, node: Node, *, back: str, onward: str) -> tuple[str, str]:
    """Return the provider's address that the browser shall go to, and the state that it must bring back.

    ``back`` is the page here that it comes back to, ``onward`` the one that was asked for.
    """
    nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    address = _read_metadata(provider)["authorization_endpoint"]
    state = begin_outside_sign_in(node, nonce=nonce, verifier=verifier, onward=onward)
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": "openid",
        "state": state,
        "nonce": nonce,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    return str(add_params_to_uri(address, list(asked.items()))), state


def verify_answer(
    provider: Provider, node: Node, answer: Mapping[str, str], *, state: str, back: str
) -> tuple[str, str]:
    """Return the account that the provider vouches for, and the page that was asked for.

    ``state`` is the one that this browser was given. What does not verify raises VerificationError, a provider that
    does not answer PeerError; each is recorded.
    """
    try:
        if not state or not secrets.compare_digest(state.encode(), answer.get("state", "").encode()):
            raise VerificationError(
                "provider.other-sign-in", "What came back belongs to no sign-in that this browser began. Begin it anew."
            )
        kept = take_outside_sign_in(node, state)
        if answer.get("error"):
            raise VerificationError(
                "provider.refused", "The provider did not let you in ('{why}'). Begin anew.", why=answer["error"][:80]
            )
        subject = _verify(provider, answer.get("code", ""), nonce=kept.nonce, verifier=kept.verifier, back=back)
    except SemblanceError as error:
        record_failed_outside_sign_in(node, error.message)
        raise
    return subject, kept.onward


def _verify(provider: Provider, code: str, *, nonce: str, verifier: str, back: str) -> str:
    metadata = _read_metadata(provider)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "client_id": provider.client_id,
        "code_verifier": verifier,
    }
    login = None if provider.client_secret is None else httpx2.BasicAuth(provider.client_id, provider.client_secret)
    answer = _ask("POST", metadata["token_endpoint"], data=form, auth=login)
    claims = read_id_token(
        str(answer.get("id_token", "")), _ask("GET", metadata["jwks_uri"]), provider=provider, nonce=nonce
    )
    return str(claims["sub"])


def read_id_token(token: str, keys: Mapping[str, Any], *, provider: Provider, nonce: str) -> Mapping[str, Any]:
    """Return the claims of an ID token; raises VerificationError unless all of it verifies.

    The signature is of one of the provider's keys, the issuer is the provider, the audience this node, it has not
    expired, and it answers the sign-in with this nonce (OpenID Connect Core 1.0, section 3.1.3.7).
    """
    wanted = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
        "sub": {"essential": True},
        "nonce": {"essential": True, "value": nonce},
    }
    try:
        read = jwt.decode(token, KeySet.import_key_set(dict(keys)), algorithms=_ALGORITHMS)  # type: ignore[arg-type]
        claims = CodeIDToken(read.claims, read.header, wanted, {"nonce": nonce, "client_id": provider.client_id})
        claims.validate(leeway=_LEEWAY)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise VerificationError(
            "provider.unverified",
            "What the provider says of you does not verify ({why}). Begin the sign-in anew; if it stays, tell "
            "an administrator.",
            why=type(error).__name__,
        ) from None
    if not isinstance(claims["sub"], str) or not claims["sub"]:
        raise VerificationError("provider.nameless", "The provider does not say whom it let in. Tell an administrator.")
    return dict(claims)


def _read_metadata(provider: Provider) -> dict[str, str]:
    found = _ask("GET", f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        raise VerificationError(
            "provider.other-issuer", "The provider calls itself by another issuer than `oidc.issuer`. Mend the setting."
        )
    wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    for name in wanted:
        if not _is_safe(str(found.get(name, ""))):
            raise ConfigurationError(
                "provider.address-unsafe",
                "The provider's {name} must be an https address, and '{address}' is none.",
                name=name,
                address=found.get(name, ""),
            )
    return {name: str(found[name]) for name in wanted}


def _ask(method: str, address: str, **options: Any) -> dict[str, Any]:
    # a proxy never stands between a node and a provider on the same machine
    own = is_loopback(urlsplit(address).hostname or "")
    try:
        with httpx2.Client(timeout=_SECONDS, trust_env=not own) as client:
            answer = client.request(method, address, **options)
    except httpx2.HTTPError as error:
        raise PeerError(
            "provider.silent", "The provider does not answer ({why}). Try again in a moment.", why=type(error).__name__
        ) from None
    if answer.status_code != 200 or len(answer.content) > _LONGEST_ANSWER:
        raise PeerError(
            "provider.answered-otherwise",
            "The provider answered {status} where it was asked. Begin the sign-in anew.",
            status=answer.status_code,
        )
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise PeerError("provider.unreadable", "The provider's answer is not readable. Tell an administrator.")
    return found


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    host = parts.hostname or ""
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))
