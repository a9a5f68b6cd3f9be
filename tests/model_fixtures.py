"""A model pack of an operator's own, of files that installed packages bring, and a publisher on a loopback port."""

import contextlib
import hashlib
import http.server
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from semblance.faces.packs.files import locate_file
from semblance.faces.packs.manifest import find_pack

Said = dict[str, Any]
NAME = "bureau"


@dataclass
class Publisher:
    """Serves files by name, resumes, and does what it is told; as a proxy it is asked with whole addresses."""

    address: str = ""
    content: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    cut_after: int | None = None


def render_manifest(said: Said) -> str:
    """Write a manifest; JSON's strings, numbers and lists are TOML's, and its NaN and Infinity nearly."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in said.items() if not isinstance(value, dict | list)]
    for file in said["file"]:
        lines += ["[[file]]", *(f"{key} = {_render_value(value)}" for key, value in file.items())]
    for key, value in said.items():
        if isinstance(value, dict):
            lines += [f"[{key}]", *(f"{name} = {json.dumps(held)}" for name, held in value.items())]
    return ("\n".join(lines) + "\n").replace("NaN", "nan").replace("Infinity", "inf")


def _render_value(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {json.dumps(part)}" for key, part in value.items()) + " }"
    return json.dumps(value)


@pytest.fixture
def write_manifest() -> Callable[[Said], str]:
    """Return what writes a manifest as TOML."""
    return render_manifest


@pytest.fixture
def own_manifest() -> Said:
    """Return what the manifest of the pack `bureau` says: the networks of `embedded`, its files not in packages."""
    said: Said = find_pack("embedded", Path("nowhere")).model_dump(
        mode="json", exclude_none=True, exclude={"quality": True, "file": {"__all__": {"package", "path", "wheel"}}}
    )
    said["name"], said["title"] = NAME, "The bureau's own"
    return said


@pytest.fixture
def own_folder(tmp_path: Path, own_manifest: Said) -> Path:
    """Return a folder as an operator receives it: the pack's files and its pack.toml."""
    folder = tmp_path / "received"
    folder.mkdir()
    pack = find_pack("embedded", tmp_path)
    for file in pack.file:
        shutil.copyfile(locate_file(pack, file, tmp_path), folder / file.name)
    (folder / "pack.toml").write_text(render_manifest(own_manifest), encoding="utf-8")
    return folder


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    """Return a running publisher; no proxy of this machine stands before it."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    publisher = Publisher()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep the test's output clean."""

        def do_GET(self) -> None:
            publisher.asked.append(self.path)
            content = publisher.content.get(self.path.rsplit("/", 1)[-1])
            if content is None:
                self.send_error(404)
                return
            wanted = self.headers.get("Range")
            start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
            if wanted:
                publisher.ranges.append(wanted)
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            else:
                self.send_response(200)
            body = content[start:]
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(body if publisher.cut_after is None else body[: publisher.cut_after])
            if publisher.cut_after is not None:
                self.close_connection = True

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    publisher.address = f"http://127.0.0.1:{server.server_address[1]}"
    yield publisher
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def published_pack(tmp_path: Path, own_manifest: Said, own_folder: Path, publisher: Publisher) -> Path:
    """Return a models folder that knows the pack `bureau` by its manifest alone; its files are at the publisher."""
    models = tmp_path / "models"
    (models / NAME).mkdir(parents=True)
    for file in own_manifest["file"]:
        data = (own_folder / file["name"]).read_bytes()
        publisher.content[file["name"]] = data
        file["url"] = f"{publisher.address}/packs/{file['name']}"
        file["size"] = len(data)
        assert hashlib.sha256(data).hexdigest() == file["sha256"]
    (models / NAME / "pack.toml").write_text(render_manifest(own_manifest), encoding="utf-8")
    return models
