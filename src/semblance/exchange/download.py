"""Fetching one file whose digest is known: resumable, through proxies, and never half-written."""

import errno
import fcntl
import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedRandom, BufferedReader
from pathlib import Path
from typing import Final

import httpx2

from semblance.errors import DigestMismatch, DownloadFailed
from semblance.exchange.transfer import check_address, describe_break, describe_failure, follow
from semblance.messages.message import Message

_TIMEOUT: Final = httpx2.Timeout(30.0, connect=15.0)
_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_PARTIAL, _RANGE_NOT_SATISFIABLE = 206, 416

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are here so far and, where known, the bytes that there will be."""


def download_file(
    url: str,
    target: Path,
    *,
    sha256: str,
    size: int | None = None,
    on_progress: Progress | None = None,
    timeout: httpx2.Timeout = _TIMEOUT,
) -> Path:
    """Fetch ``url`` to ``target`` and return it; nothing is fetched where the right bytes are already there.

    Bytes are streamed to ``target`` + ".part", which stays when the transfer is cut off, also by KeyboardInterrupt,
    and from whose end the next call goes on (HTTP range requests, RFC 9110 section 14; with the server's entity tag
    where it has a strong one). ``target`` appears in one step, after its SHA-256 was verified. HTTPS only, plain HTTP
    to this machine; HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY are respected.

    Raises DigestMismatch where the bytes are not those of ``sha256`` or their number is not ``size``; nothing of them
    is kept then. Raises DownloadFailed where they could not be fetched or written; what has arrived is kept.
    """
    check_address(url)
    wanted = sha256.lower()
    if target.is_file():
        with target.open("rb") as held:
            if _digest(held) == wanted:
                return target
    part = target.with_name(target.name + ".part")
    transfer = _Transfer(url, part, part.with_name(part.name + ".etag"), wanted, size, on_progress, timeout)
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        with part.open("a+b") as file:
            _lock(file, part)
            transfer.fetch_verified(file)
        part.replace(target)
        transfer.tag.unlink(missing_ok=True)
    except DigestMismatch:
        part.unlink(missing_ok=True)
        transfer.tag.unlink(missing_ok=True)
        raise
    except OSError as error:
        raise DownloadFailed(_explain_write(part, error)) from error
    return target


@dataclass(frozen=True, slots=True)
class _Transfer:
    """What is fetched into the unfinished file ``part``; ``tag`` keeps the server's tag of that version."""

    url: str
    part: Path
    tag: Path
    wanted: str
    size: int | None
    on_progress: Progress | None
    timeout: httpx2.Timeout

    def fetch_verified(self, file: BufferedRandom) -> None:
        resumed = file.seek(0, os.SEEK_END) > 0
        if not (resumed and _digest(file) == self.wanted):
            self._fetch(file)
            if resumed and _digest(file) != self.wanted:
                # The old part may be at fault, not the server: once more, from the first byte.
                file.truncate(0)
                self._fetch(file)
        found = _digest(file)
        if found != self.wanted:
            raise DigestMismatch(
                "operator.download.wrong-digest",
                "{url} delivered other bytes than expected (SHA-256 {found}, expected {wanted}): they were thrown "
                "away. Try again, or get the file from another source and give its folder instead.",
                url=self.url,
                found=found,
                wanted=self.wanted,
            )
        file.flush()
        os.fsync(file.fileno())

    def _fetch(self, file: BufferedRandom) -> None:
        """Bring the file to its full length, beginning at its end."""
        # The digest is that of the bytes themselves, so no server may compress them on the way.
        headers = {"Accept-Encoding": "identity", "User-Agent": "semblance"}
        start = file.seek(0, os.SEEK_END)
        if start:
            headers["Range"] = f"bytes={start}-"
            if tag := self._read_tag():
                headers["If-Range"] = tag
        try:
            with _make_client(self.timeout) as client, follow(client, self.url, headers) as response:
                if not start or response.status_code != _RANGE_NOT_SATISFIABLE:
                    self._receive(response, file)
                    return
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            file.flush()
            raise DownloadFailed(describe_failure(self.url, error, _kept(file))) from error
        # The part is as long as the whole or longer, and was not it: begin again.
        file.truncate(0)
        self._fetch(file)

    def _receive(self, response: httpx2.Response, file: BufferedRandom) -> None:
        if not response.is_success:
            raise DownloadFailed(
                "operator.download.status",
                "{url} answered {code} {reason}: check the address, or try later. {kept}",
                url=response.url,
                code=response.status_code,
                reason=response.reason_phrase,
                kept=_kept(file),
            )
        here, total = _begin(response, file, self.size)
        if self.size is not None and total is not None and total != self.size:
            raise DigestMismatch(
                "operator.download.wrong-size",
                "{url} offers {total} bytes where {size} are expected: it is not that file.",
                url=response.url,
                total=total,
                size=self.size,
            )
        expected = total if self.size is None else self.size
        self._keep_tag(response.headers.get("ETag"))
        if self.on_progress:
            self.on_progress(here, expected)
        # Blocks as they come: httpx2 would hold back, and lose at a cut, what does not fill a block of a given length.
        for block in response.iter_raw():
            here += len(block)
            if expected is not None and here > expected:
                raise DigestMismatch(
                    "operator.download.too-long",
                    "{url} delivers more than the {expected} bytes expected: it is not that file.",
                    url=response.url,
                    expected=expected,
                )
            file.write(block)
            if self.on_progress:
                self.on_progress(here, expected)
        file.flush()
        if expected is not None and here < expected:
            raise DownloadFailed(describe_break(response.url, _kept(file)))

    def _read_tag(self) -> str | None:
        try:
            return self.tag.read_text(encoding="ascii") or None
        except (OSError, UnicodeDecodeError):
            return None

    def _keep_tag(self, tag: str | None) -> None:
        # A weak tag does not promise the same bytes, so no part can be fitted to it (RFC 9110, 13.1.5).
        if tag and tag.isascii() and not tag.startswith("W/"):
            self.tag.write_text(tag, encoding="ascii")
        else:
            self.tag.unlink(missing_ok=True)


def _make_client(timeout: httpx2.Timeout) -> httpx2.Client:
    try:
        return httpx2.Client(timeout=timeout, follow_redirects=False, trust_env=True)
    except (ValueError, ImportError) as error:
        # A proxy setting of an unknown kind, or of one for which a package is missing.
        raise DownloadFailed(
            "operator.download.proxy-settings",
            "The proxy settings of this machine cannot be used ({error}): check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY.",
            error=error,
        ) from error


def _begin(response: httpx2.Response, file: BufferedRandom, size: int | None) -> tuple[int, int | None]:
    """Bring the file to where the answer's first byte belongs; return that place and the whole length, if stated."""
    start = file.seek(0, os.SEEK_END)
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise DownloadFailed(
            "operator.download.compressed",
            "{url} is delivered compressed, though not asked to be: use another source.",
            url=response.url,
        )
    if response.status_code == _PARTIAL:
        found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if found and int(found.group(1)) == start:
            return start, None if found.group(3) == "*" else int(found.group(3))
        file.truncate(0)
        raise DownloadFailed(
            "operator.download.wrong-range",
            "{url} answered with another part of the file than was asked for: what had arrived was thrown "
            "away; run the same command again to begin anew.",
            url=response.url,
        )
    # Any other success is the whole file: the server knows no ranges, or its file has changed.
    if start:
        file.truncate(0)
    stated = response.headers.get("Content-Length", "")
    return 0, int(stated) if stated.isdecimal() else size


def _kept(file: BufferedRandom) -> Message:
    here = file.seek(0, os.SEEK_END)
    if not here:
        return Message("operator.download.nothing-arrived", "Nothing has arrived; run the same command again.")
    return Message(
        "operator.download.kept",
        "The {n} bytes that have arrived are kept; run the same command again to go on from there.",
        n=here,
    )


def _lock(file: BufferedRandom, path: Path) -> None:
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise DownloadFailed(
            "operator.download.locked", "{path} is being fetched by another process: wait until it is done.", path=path
        ) from error


def _explain_write(path: Path, error: OSError) -> Message:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return Message(
            "operator.download.no-room",
            "There is no room left for {path}: make room and run the same command again; what has arrived is kept.",
            path=path,
        )
    return Message(
        "operator.download.unwritable",
        "{path} cannot be written ({why}): check the folder and its permissions.",
        path=path,
        why=error.strerror or error,
    )


def _digest(file: BufferedRandom | BufferedReader) -> str:
    file.flush()
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()
