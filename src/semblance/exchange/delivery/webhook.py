"""Calling a webhook: one POST, signed as Standard Webhooks says, to the address that was checked.

It follows nothing and reads no answer's body.
"""

import base64
import contextlib
import hmac
import http.client
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from standardwebhooks import Webhook

from semblance.exchange.delivery.undelivered import Undelivered
from semblance.exchange.delivery.webhook_address import WebhookAddress, resolve_webhook
from semblance.messages.message import Message


@dataclass(frozen=True, slots=True)
class WebhookCaller:
    """What the node signs its calls with, and for how many seconds a whole call may last."""

    secret: bytes = field(repr=False)
    timeout: float = 10.0

    def derive_key(self, authority: str) -> str:
        """Return the key of one authority's webhook; whoever holds it can make none of another's calls."""
        key = hmac.digest(self.secret, f"semblance webhook {authority}".encode(), "sha256")
        return f"whsec_{base64.b64encode(key).decode()}"


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
    body = json.dumps(document, separators=(",", ":"))
    signing = Webhook(caller.derive_key(authority))
    headers = {
        "Host": address.host_header,
        "User-Agent": "semblance",
        "Content-Type": "application/json",
        "Connection": "close",
        "webhook-id": notice,
        "webhook-timestamp": str(now),
        "webhook-signature": signing.sign(notice, datetime.fromtimestamp(now, UTC), body),
    }
    try:
        with _open(address, numeric, caller.timeout) as connection:
            connection.request("POST", address.target, body.encode("ascii"), headers)
            status = connection.getresponse().status
    except ssl.SSLCertVerificationError:
        why = Message("webhook.certificate", "The certificate of the webhook could not be verified; nothing was sent.")
        return Undelivered(why, unreachable=True)
    except TimeoutError:
        why = Message("webhook.silent", "The webhook did not answer in time; it is tried again.")
        return Undelivered(why, unreachable=True)
    except (OSError, http.client.HTTPException):
        why = Message("webhook.unreachable", "The webhook cannot be reached, or broke off; it is tried again.")
        return Undelivered(why, unreachable=True)
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        why = Message(
            "webhook.elsewhere",
            "The webhook points elsewhere (status {code}), which is not followed; mend its address.",
            code=status,
        )
    else:
        why = Message("webhook.answered", "The webhook answered with status {code}; it is tried again.", code=status)
    return Undelivered(why)


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
