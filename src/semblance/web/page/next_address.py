"""Where somebody goes after signing in: a page of this node, and never anywhere else."""

from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from fastapi import Request

_LONGEST: Final = 2_000
_SAFE: Final = "/?&=%+-._~:,;@!$'()*"


def read_onward(text: str, *, keep_sign_in: bool = False) -> str:
    """Return the local path that the text names, or the start page where it names anything else.

    The pages for signing in and out count as anything else; ``keep_sign_in`` allows the first of them.
    """
    plain = all(0x21 <= ord(character) <= 0x7E and character != "\\" for character in text)
    if not text.startswith("/") or text.startswith("//") or not plain or len(text) > _LONGEST:
        return "/"
    parts = urlsplit(text)
    if parts.scheme or parts.netloc:
        return "/"
    if parts.path.startswith(("/sign-in", "/sign-out")) and not (keep_sign_in and parts.path == "/sign-in"):
        return "/"
    return text


def write_sign_in_address(request: Request) -> str:
    """Return the sign-in page's address that leads back to the page which was asked for."""
    if request.method not in {"GET", "HEAD"}:
        return "/sign-in"
    query = f"?{request.url.query}" if request.url.query else ""
    onward = read_onward(quote(request.url.path, safe=_SAFE) + query)
    return "/sign-in" if onward == "/" else f"/sign-in?{urlencode({'next': onward})}"
