"""Calling a webhook: one signed POST, to the address that was checked, following nothing, reading no answer's body."""

import contextlib
import hashlib
import hmac
import http.client
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from semblance.errors import VerificationError
from semblance.exchange.delivery.undelivered import Undelivered
from semblance.exchange.delivery.webhook_address import WebhookAddress, resolve_webhook

ID_HEADER: Final = "Semblance-Notice-Id"
TIME_HEADER: Final = "Semblance-Timestamp"
SIGNATURE_HEADER: Final = "Semblance-Signature"

_VERSION: Final = "v1"
_SKEW_SECONDS: Final = 300


@dataclass(frozen=True, slots=True)
class WebhookCaller:
    """What the node signs its calls with, and for how many seconds a whole call may last."""

    secret: bytes = field(repr=False)
    timeout: float = 10.0

    def derive_key(self, authority: str) -> str:
        """Return the key of one authority's webhook; whoever holds it can make none of another's calls."""
        return hmac.digest(self.secret, f"semblance webhook {authority}".encode(), "sha256").hex()


def call_webhook(
    caller: WebhookCaller,
    address: WebhookAddress,
    document: Mapping[str, object],
    *,
    authority: str,
    notice: str,
    now: int,
) -> Undelivered | None:
    """Send the document to the authority's webhook, and return None once it answered with a success (2xx).

    ``notice`` is the id that repeats are known by, ``now`` the time in whole seconds since 1970, as it is signed.
    """
    numeric = resolve_webhook(address)
    if isinstance(numeric, Undelivered):
        return numeric
    body = json.dumps(document, separators=(",", ":")).encode("ascii")
    headers = {
        "Host": address.host_header,
        "User-Agent": "semblance",
        "Content-Type": "application/json",
        "Connection": "close",
        ID_HEADER: notice,
        TIME_HEADER: str(now),
        SIGNATURE_HEADER: sign_call(caller.derive_key(authority), now, body),
    }
    try:
        with _open(address, numeric, caller.timeout) as connection:
            connection.request("POST", address.target, body, headers)
            status = connection.getresponse().status
    except ssl.SSLCertVerificationError:
        return Undelivered("The certificate of the webhook could not be verified; nothing was sent.", unreachable=True)
    except TimeoutError:
        return Undelivered("The webhook did not answer in time; it is tried again.", unreachable=True)
    except (OSError, http.client.HTTPException):
        return Undelivered("The webhook cannot be reached, or broke off; it is tried again.", unreachable=True)
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return Undelivered(f"The webhook points elsewhere (status {status}), which is not followed; mend its address.")
    return Undelivered(f"The webhook answered with status {status}; it is tried again.")


def sign_call(key: str, now: int, body: bytes) -> str:
    """Return the signature: HMAC-SHA256 (RFC 2104) over the time in digits, a full stop and the body."""
    return f"{_VERSION}={hmac.digest(key.encode('ascii'), b'%d.' % now + body, hashlib.sha256).hex()}"


def verify_call(key: str, headers: Mapping[str, str], body: bytes, *, now: int) -> None:
    """Verify a call as its receiver must; raises VerificationError where it is not the node's, or five minutes old."""
    said = headers.get(TIME_HEADER, "")
    if not said.isascii() or not said.isdigit() or len(said) > 12:
        raise VerificationError("delivery.call-does-not-say-when", "The call does not say when it was made; refuse it.")
    given = headers.get(SIGNATURE_HEADER, "").encode("utf-8", "replace")
    if not hmac.compare_digest(sign_call(key, int(said), body).encode("ascii"), given):
        raise VerificationError(
            "delivery.calls-signature-not-nodes-refuse", "The call's signature is not the node's; refuse it."
        )
    if abs(now - int(said)) > _SKEW_SECONDS:
        raise VerificationError(
            "delivery.call-old-from-clock-goes", "The call is old, or from a clock that goes wrong; refuse it."
        )


@contextlib.contextmanager
def _open(address: WebhookAddress, numeric: str, timeout: float) -> Iterator[http.client.HTTPConnection]:
    raw = socket.create_connection((numeric, address.port), timeout=timeout)
    # the socket's own limit is for each piece of an answer; one that drips would hold the worker without end
    cut, handle = threading.Event(), raw.dup()
    timer = threading.Timer(timeout, _cut, (handle, cut))
    timer.daemon = True
    timer.start()
    connection = http.client.HTTPConnection(address.host, address.port, timeout=timeout)
    connection.sock = raw
    try:
        if address.secure:
            connection.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=address.host)
        yield connection
    except (OSError, http.client.HTTPException) as error:
        if cut.is_set():
            raise TimeoutError from error
        raise
    finally:
        timer.cancel()
        connection.close()
        raw.close()
        handle.close()


def _cut(handle: socket.socket, cut: threading.Event) -> None:
    cut.set()
    with contextlib.suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)
