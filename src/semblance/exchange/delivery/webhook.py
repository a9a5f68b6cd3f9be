"""Calling a webhook: one POST, signed as Standard Webhooks says, to the address that was checked.

Which addresses a webhook may have, and which machines it may lead to. It follows nothing and reads no answer's body.
"""

import base64
import contextlib
import hmac
import http.client
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from standardwebhooks import Webhook

from semblance.errors import IntakeError
from semblance.exchange.delivery.undelivered import Undelivered
from semblance.messages.message import Message

LENGTH_CAP: Final = 400

# addresses at which clouds hand out their secrets, and that are not link-local
_METADATA: Final = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "192.0.0.192", "fd00:ec2::254")))
# before the 32 bits of an IPv4 address: compatible (RFC 4291), translated (RFC 2765), NAT64 (RFC 6052)
_LAST_BITS: Final = tuple(map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96")))
# NAT64 of one's own network (RFC 8215), where the address may stand anywhere; site-local (RFC 3879); segment routing
_NOWHERE: Final = tuple(map(ipaddress.IPv6Network, ("64:ff9b:1::/48", "fec0::/10", "5f00::/16")))
_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
_ISATAP: Final = 0x5EFE
"""How the interface part of an ISATAP address begins (RFC 5214)."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class WebhookAddress:
    """A webhook's address in its parts; ``target`` is path and query, ``local`` whether it names this machine."""

    host: str
    port: int
    secure: bool
    target: str
    local: bool

    @property
    def host_header(self) -> str:
        """Return what the header ``Host`` says (RFC 9110, section 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def parse_webhook(url: str, networks: Sequence[Network] = ()) -> WebhookAddress:
    """Return the address; HTTPS, or HTTP to this machine. Raises IntakeError in a sentence for any other.

    ``networks`` are the private ones that may be called.
    """
    if len(url) > LENGTH_CAP or not url.isascii() or not url.isprintable() or " " in url:
        raise IntakeError(
            "webhook.unusable",
            "A webhook is an address of at most {most} plain characters; write it anew.",
            most=LENGTH_CAP,
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise IntakeError(
            "webhook.no-url", "The webhook is no address; write one such as https://host.example/semblance."
        ) from None
    host = parts.hostname or ""
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise IntakeError(
            "webhook.with-user",
            "A webhook's address holds no user, password or fragment; its calls are signed instead.",
        )
    literal = _read_literal(host)
    local = host == "localhost" or (literal is not None and literal.is_loopback)
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise IntakeError(
            "webhook.unencrypted",
            "A webhook is an https:// address, so that nobody on the way can read or change its calls.",
        )
    if literal is not None and _is_forbidden(literal, networks, local=local):
        raise IntakeError(
            "webhook.into-own-network",
            "The webhook's address leads to no receiver but into a private network, or to this machine. Name another, "
            "or have whoever runs the node allow that network in `webhook.networks`.",
        )
    secure = parts.scheme == "https"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return WebhookAddress(host, port or (443 if secure else 80), secure, target, local)


def resolve_webhook(address: WebhookAddress, networks: Sequence[Network] = ()) -> str | Undelivered:
    """Return the numeric address to connect to; every address that the name has must be allowed.

    The connection is made to what is returned, so that no second look-up can lead it elsewhere.
    """
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        why = Message("webhook.unresolved", "The webhook's name cannot be resolved; check the address.")
        return Undelivered(why, unreachable=True)
    numeric = [str(entry[4][0]) for entry in found]
    for literal in numeric:
        # a scope stands behind an address of a link only
        if "%" in literal or _is_forbidden(ipaddress.ip_address(literal), networks, local=address.local):
            why = Message(
                "webhook.leads-inside",
                "The webhook's name leads into this machine or a private network that `webhook.networks` does not "
                "name; nothing was sent.",
            )
            return Undelivered(why)
    return numeric[0]


def _read_literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_forbidden(address: Address, networks: Sequence[Network], *, local: bool) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and not address.is_loopback:
        inner = tuple(_list_inner(address))
        if inner:
            return any(_is_forbidden(each, networks, local=local) for each in inner)
    if address.is_loopback or local:
        return not (address.is_loopback and local)
    if is_never_called(address):
        return True
    # what is nobody's on the internet is somebody's here
    public = address.is_global and (address.version == 4 or address in _UNICAST)
    return not public and not any(address in network for network in networks)


def is_never_called(address: Address) -> bool:
    """Return whether an address is called under no setting: none of one receiver, or where clouds hand out secrets."""
    if isinstance(address, ipaddress.IPv6Address) and any(address in network for network in _NOWHERE):
        return True
    return (
        address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or address in _METADATA
        or (address.version == 4 and address.is_reserved)
    )


def _list_inner(address: ipaddress.IPv6Address) -> Iterator[ipaddress.IPv4Address]:
    """Give the IPv4 addresses that an IPv6 one leads to, where something on the way translates it."""
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    isatap = int(address) >> 32 & 0xFCFFFFFF == _ISATAP
    if not address.is_unspecified and (isatap or any(address in network for network in _LAST_BITS)):
        yield last


@dataclass(frozen=True, slots=True)
class WebhookCaller:
    """What the node signs its calls with, for how many seconds a whole call may last, and which private networks."""

    secret: bytes = field(repr=False)
    timeout: float = 10.0
    networks: tuple[Network, ...] = ()

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
    numeric = resolve_webhook(address, caller.networks)
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
    except TimeoutError:
        why = Message("webhook.silent", "The webhook did not answer in time; it is tried again.")
    except (OSError, http.client.HTTPException):
        why = Message("webhook.unreachable", "The webhook cannot be reached, or broke off; it is tried again.")
    else:
        return _judge(status)
    return Undelivered(why, unreachable=True)


def _judge(status: int) -> Undelivered | None:
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
