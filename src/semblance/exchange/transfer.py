"""Which addresses may be fetched from, following redirects under the same rule, and failures in plain words."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx2

from semblance.errors import DownloadFailed
from semblance.messages.message import Message

_MOST_REDIRECTS: Final = 5


def check_address(url: str | httpx2.URL) -> httpx2.URL:
    """Return the address; it must be HTTPS, or HTTP to this machine itself. Raises DownloadFailed otherwise."""
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise DownloadFailed(
            "operator.download.no-address", "{url} is no address that can be fetched: {error}.", url=url, error=error
        ) from error
    if parsed.host and (parsed.scheme == "https" or (parsed.scheme == "http" and is_loopback(parsed.host))):
        return parsed
    raise DownloadFailed(
        "operator.download.not-https",
        "{url} is not fetched: use an https:// address, so that nobody on the way can change it.",
        url=url,
    )


@contextmanager
def follow(client: httpx2.Client, url: str, headers: dict[str, str]) -> Iterator[httpx2.Response]:
    """Open a streamed GET and follow redirects, at most five, each to an address as safe as the one before."""
    address = check_address(url)
    for _ in range(_MOST_REDIRECTS + 1):
        with client.stream("GET", address, headers=headers) as response:
            if not response.has_redirect_location:
                yield response
                return
            try:
                onward = address.join(response.headers["Location"])
            except httpx2.InvalidURL as error:
                raise DownloadFailed(
                    "operator.download.redirect-no-address",
                    "{address} points to something that is no address.",
                    address=address,
                ) from error
        if address.scheme == "https" and onward.scheme != "https":
            raise DownloadFailed(
                "operator.download.redirect-unencrypted",
                "{address} points to {onward}, which is not encrypted: it is not followed.",
                address=address,
                onward=onward,
            )
        address = check_address(onward)
    raise DownloadFailed(
        "operator.download.redirect-loop", "{url} points from one address to the next without end: check it.", url=url
    )


def describe_failure(url: str, error: Exception, kept: Message) -> Message:
    """Return what is said of a transfer that failed; ``kept`` says what of it is still there."""
    match error:
        case httpx2.ProxyError():
            return Message(
                "operator.download.proxy-refused",
                "The proxy did not let {url} through ({error}); check HTTP_PROXY, HTTPS_PROXY and NO_PROXY. {kept}",
                url=url,
                error=error,
                kept=kept,
            )
        case httpx2.TimeoutException():
            return Message("operator.download.timeout", "{url} did not answer in time. {kept}", url=url, kept=kept)
        case httpx2.ConnectError():
            return Message(
                "operator.download.unreachable",
                "{url} cannot be reached ({error}); check the network, the name, and whether a proxy is needed. {kept}",
                url=url,
                error=error,
                kept=kept,
            )
        case httpx2.RemoteProtocolError() | httpx2.ReadError():
            return describe_break(url, kept)
        case _:
            return Message(
                "operator.download.failed",
                "{url} could not be fetched ({error}). {kept}",
                url=url,
                error=str(error) or type(error).__name__,
                kept=kept,
            )


def describe_break(url: object, kept: Message) -> Message:
    """Return what is said of a transfer that ended too early."""
    return Message("operator.download.broke-off", "{url} broke off before the end. {kept}", url=url, kept=kept)


def is_loopback(host: str) -> bool:
    """Say whether a host name or address without a port means this machine itself."""
    name = host.strip().lower().removesuffix(".")
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
