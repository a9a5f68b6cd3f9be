"""A whole node with real photos and the real pack `embedded`, served on a loopback port; for tests of API and pages."""

import io
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from PIL import Image

from semblance.bootstrap.config import VARIABLES, Settings, read_settings
from semblance.bootstrap.node import create_node, open_node
from semblance.cli.site import make_site, open_socket
from semblance.exchange.intake import IntakeItem
from semblance.workflows.enrol import enrol_photos
from semblance.workflows.node import Node

COLLINS = "FR/Collins"
HOPPER = "Grace Höpper & Co <1906>"
CREW = "crew of two"
REASON = "Photo found on the phone of the missing person."


@dataclass(frozen=True)
class Served:
    """A running site."""

    address: str
    node: Node
    settings: Settings

    def open_client(self) -> httpx.Client:
        return httpx.Client(base_url=self.address, timeout=60, trust_env=False)


def encode(image: Image.Image, kind: str = "JPEG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, quality=92)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def two_faces(astronaut_path: Path, hopper_path: Path) -> bytes:
    canvas = Image.new("RGB", (1024, 600), "grey")
    canvas.paste(Image.open(astronaut_path).convert("RGB"), (0, 0))
    canvas.paste(Image.open(hopper_path).convert("RGB"), (512, 0))
    return encode(canvas)


@pytest.fixture(scope="session")
def twenty_faces(astronaut_path: Path) -> bytes:
    head = Image.open(astronaut_path).convert("RGB").crop((130, 0, 330, 240))
    canvas = Image.new("RGB", (1000, 960))
    for place in range(20):
        canvas.paste(head, (place % 5 * 200, place // 5 * 240))
    return encode(canvas)


@pytest.fixture(scope="session")
def no_face(astronaut_path: Path) -> bytes:
    return (astronaut_path.parent / "chelsea.png").read_bytes()


@pytest.fixture(scope="session")
def changed_copy(astronaut_path: Path) -> bytes:
    image = Image.open(astronaut_path).convert("RGB").resize((300, 300))
    return encode(image.point(lambda value: value * 0.6))


@pytest.fixture(scope="session")
def site(
    tmp_path_factory: pytest.TempPathFactory, astronaut_path: Path, hopper_path: Path, two_faces: bytes
) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("site") / "node"
    with pytest.MonkeyPatch.context() as patch:
        for variable in VARIABLES:
            patch.delenv(variable, raising=False)
        patch.setenv("SEMBLANCE_MODELS", str(tmp_path_factory.mktemp("models")))
        create_node(home, name="FR bureau", suitability={"inter_eye_distance": 40.0})
        settings = read_settings(home)
        node = open_node(home)
    items = [
        IntakeItem(COLLINS, "collins.png", astronaut_path.read_bytes),
        IntakeItem(HOPPER, "hopper.jpg", hopper_path.read_bytes),
        IntakeItem(CREW, "crew/both.jpg", lambda: two_faces),
    ]
    enrol_photos(node, items, person="emil")
    listening = open_socket("127.0.0.1", 0)
    listening.listen()
    config = uvicorn.Config(make_site(node, settings), log_level="error", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    yield Served(f"http://127.0.0.1:{listening.getsockname()[1]}", node, settings)
    server.should_exit = True
    thread.join(timeout=20)
    node.store.close()


@pytest.fixture
def client(site: Served) -> Iterator[httpx.Client]:
    with site.open_client() as client:
        yield client
