"""A whole node with the cast, real photos and the real pack `embedded`, on a loopback port; for API and pages."""

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from PIL import Image
from tests.accounts import add_cast, open_session_of
from tests.cast import ALICE, EMIL

from semblance.bootstrap.config import VARIABLES, Settings, read_settings
from semblance.bootstrap.node import create_node, open_node
from semblance.cases.case import Case, CaseDraft, Category
from semblance.exchange.intake import IntakeItem
from semblance.gallery.record import Circumstances, ImageSource, RecordTerms
from semblance.node.node import Node
from semblance.server.connections import make_server
from semblance.server.site import make_site, open_socket
from semblance.terms.ids import CaseId, SubjectId
from semblance.terms.permission import Purpose
from semblance.terms.record import RecordKind
from semblance.workflows.cases.cases import open_case
from semblance.workflows.enrolment.enrol import enrol_photos
from semblance.workflows.enrolment.enrolment_report import EnrolReport
from semblance.workflows.records.read_record import find_record_id

CASE = "FR-2026-0117"
COLLINS = "DE/Collins"
HOPPER = "Grace Höpper & Co <1906>"
CREW = "crew of two"
REASON = "Photo found on the phone of the missing person."
TERMS = RecordTerms(
    kind=RecordKind.BLUE,
    legal_basis="RPD article 90; missing-person report of 12 March 2026",
    retain_until=datetime.now(UTC).date() + timedelta(days=700),
    source=ImageSource("DE", "handed in by the family", date(2026, 3, 13)),
    neutral=True,
    circumstances=Circumstances(asked="Who is this person?"),
)


@dataclass(frozen=True)
class Served:
    """A running site."""

    address: str
    node: Node
    settings: Settings
    case: CaseId

    def open_client(self, name: str | None = None) -> httpx2.Client:
        """Return the client of somebody of the cast who is signed in, or of a stranger."""
        cookies = {} if name is None else {self.cookie: open_session_of(self.node, name)}
        return httpx2.Client(base_url=self.address, timeout=60, trust_env=False, cookies=cookies)

    @property
    def cookie(self) -> str:
        return f"semblance-session-{self.address.rpartition(':')[2]}"

    def find_record(self, number: str) -> SubjectId:
        return find_record_id(self.node, EMIL, number)


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


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory, astronaut_path: Path, hopper_path: Path, two_faces: bytes
) -> Iterator[Served]:
    """Serve a site of the file's own: what other files leave in theirs is not counted here."""
    with serve_site(tmp_path_factory, astronaut_path, hopper_path, two_faces) as served:
        yield served


@contextmanager
def serve_site(
    tmp_path_factory: pytest.TempPathFactory, astronaut_path: Path, hopper_path: Path, two_faces: bytes
) -> Iterator[Served]:
    """Make a node with the cast, three records and a case, and serve it for the length of a ``with`` block."""
    home = tmp_path_factory.mktemp("site") / "node"
    with pytest.MonkeyPatch.context() as patch:
        for variable in VARIABLES:
            patch.delenv(variable, raising=False)
        # the pack is made ready once for all sites
        patch.setenv("SEMBLANCE_MODELS", str(tmp_path_factory.getbasetemp() / "models-of-sites"))
        create_node(home, name="FR bureau", suitability={"inter_eye_distance": 40.0}, second_factor="offered")
        settings = read_settings(home)
        node = open_node(home)
    items = [
        IntakeItem(COLLINS, "collins.png", astronaut_path.read_bytes),
        IntakeItem(HOPPER, "hopper.jpg", hopper_path.read_bytes),
        IntakeItem(CREW, "crew/both.jpg", lambda: two_faces),
    ]
    add_cast(node)
    assert isinstance(enrol_photos(node, EMIL, items, terms=TERMS), EnrolReport)
    link = "Report 2026-113 of the family"
    case = open_case(
        node, ALICE, CaseDraft(CASE, Purpose.MISSING_PERSON, Category.MISSING, "To find her alive", link=link)
    )
    assert isinstance(case, Case)
    listening = open_socket("127.0.0.1", 0)
    listening.listen()
    server = make_server(make_site(node, settings))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    yield Served(f"http://127.0.0.1:{listening.getsockname()[1]}", node, settings, case.id)
    server.should_exit = True
    thread.join(timeout=20)
    node.store.close()


@pytest.fixture
def client(site: Served) -> Iterator[httpx2.Client]:
    """Return Alice's client: an examiner of FR."""
    with site.open_client("alice") as client:
        yield client


@pytest.fixture
def emil(site: Served) -> Iterator[httpx2.Client]:
    """Return Emil's client: a records officer of DE, whose records these are."""
    with site.open_client("emil") as client:
        yield client


@pytest.fixture
def dora(site: Served) -> Iterator[httpx2.Client]:
    """Return Dora's client: a data-protection officer of FR."""
    with site.open_client("dora") as client:
        yield client
