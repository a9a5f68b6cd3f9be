"""A node in small that serves one comparison: the real page and its real scripts, with drafts kept in memory."""

import io
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import uvicorn
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from semblance.cases.opinion import LEAST_CORRESPONDING, Component, Conclusion, Finding, Ground
from semblance.edge.guards import Guard
from semblance.faces.cutting import find_region
from semblance.faces.pictures import render_region, render_whole
from semblance.server.site import open_socket
from semblance.terms.samples import Box
from semblance.web.examination.compared_pictures import ComparedImage
from semblance.web.examination.comparisons import ComponentRow
from semblance.web.page.contexts import Frame, Option
from semblance.web.page.rendering import render_page

MARGIN = 0.6
EMPTY: dict[str, Any] = {"conclusion": None, "reason": "", "grounds": [], "checklist": {}, "marks": [], "view": ""}


@dataclass(frozen=True)
class Shot:
    """A photo with its face; all places are pixels of the photo."""

    data: bytes
    box: Box
    left_eye: tuple[float, float]
    right_eye: tuple[float, float]

    def enlarge(self, factor: int) -> "Shot":
        """Return the photo with so many times the pixels a side."""
        with Image.open(io.BytesIO(self.data)) as image:
            large = image.convert("RGB").resize((image.width * factor, image.height * factor), Image.Resampling.BICUBIC)
        buffer = io.BytesIO()
        large.save(buffer, "JPEG", quality=90)
        box = Box(*(value * factor for value in (self.box.left, self.box.top, self.box.right, self.box.bottom)))
        (ax, ay), (bx, by) = self.left_eye, self.right_eye
        return Shot(buffer.getvalue(), box, (ax * factor, ay * factor), (bx * factor, by * factor))


def open_shots(astronaut: Path, hopper: Path) -> dict[str, Shot]:
    """Return two real photos of two people; their eyes were found by looking."""
    buffer = io.BytesIO()
    with Image.open(astronaut) as image:
        image.convert("RGB").save(buffer, "JPEG", quality=95)
    return {
        "probe": Shot(buffer.getvalue(), Box(180, 70, 272, 178), (203, 100.5), (246, 103)),
        "reference": Shot(hopper.read_bytes(), Box(166, 142, 361, 334), (222.5, 190), (304.8, 186.7)),
    }


@dataclass
class Comparison:
    """What the node has and how it answers; ``fault`` is how the next requests fail, until it is taken away."""

    shots: dict[str, Shot]
    draft: dict[str, Any] = field(default_factory=lambda: dict(EMPTY))
    version: int = 0
    fault: str | None = None
    posted: list[dict[str, Any]] = field(default_factory=list)
    recorded: dict[str, Any] | None = None
    form: dict[str, list[str]] = field(default_factory=dict)
    address: str = ""
    turn: int = 0
    closed: bool = False
    pictures: dict[str, bytes] = field(default_factory=dict)

    def describe(self, key: str) -> ComparedImage:
        shot = self.shots[key]
        with Image.open(io.BytesIO(shot.data)) as image:
            width, height = image.size
        label = {"probe": "Probe", "reference": "Reference C-03"}[key]
        return ComparedImage(
            label=label,
            alt=f"{label}: the face in question",
            width=width,
            height=height,
            near=f"/pictures/{key}/near",
            region=find_region(width, height, shot.box, MARGIN),
            far=f"/pictures/{key}/far",
            left_eye=shot.left_eye,
            right_eye=shot.right_eye,
            notes=(),
        )

    def open_page(self) -> Response:
        written = self.draft["checklist"]
        rows = tuple(
            ComponentRow(
                key=component.value,
                title=component.value.replace("-", " ").capitalize(),
                hint="Shape, proportions, symmetry",
                finding=written.get(component.value, {}).get("finding", ""),
                note=written.get(component.value, {}).get("note", ""),
                marks=", ".join(str(number) for number in written.get(component.value, {}).get("marks", [])),
            )
            for component in Component
        )
        return render_page(
            "examination/comparison.html",
            Frame("Prefecture of Lyon", False, "cases", "Alice", "FR"),
            pseudonym="C-03",
            case="FR-2026-0117",
            case_href="/back",
            probe=self.describe("probe"),
            reference=self.describe("reference"),
            rows=rows,
            findings=tuple(
                Option(finding.value, finding.value.replace("-", " ").capitalize(), False) for finding in Finding
            ),
            least=LEAST_CORRESPONDING,
            conclusions=tuple(
                Option(conclusion.value, words, self.draft["conclusion"] == conclusion.value)
                for conclusion, words in zip(
                    Conclusion, ("Potential candidate", "No candidate", "Inconclusive"), strict=True
                )
            ),
            grounds=tuple(
                Option(ground.value, ground.value.capitalize(), ground.value in self.draft["grounds"])
                for ground in Ground
            ),
            reason=self.draft["reason"],
            draft=json.dumps(self.draft),
            version=self.version,
            draft_href=f"/draft/{self.turn}",
            opinion_href="/opinion",
            previous_href=None,
            next_href="/next",
            progress="3 of 8 compared",
            closed=self.closed,
        )

    def _fail(self) -> Response | None:
        if self.fault == "signed-out":
            return RedirectResponse("/sign-in", 303)
        if self.fault == "401":
            return JSONResponse({"code": "session", "message": "Nobody is signed in."}, 401)
        if self.fault == "conflict":
            return JSONResponse({"code": "conflict", "message": "Another tab saved this."}, 409)
        if self.fault == "gone":
            return JSONResponse({"code": "gone", "message": "The probe was deleted on 3 May."}, 410)
        if self.fault == "broken":
            return JSONResponse({"message": "?"}, 503)
        return None

    async def _page(self, request: Request) -> Response:
        return self.open_page()

    async def _picture(self, request: Request) -> Response:
        key, size = request.path_params["key"], request.path_params["size"]
        place = f"{key}-{size}"
        if place not in self.pictures:
            shot = self.shots[key]
            self.pictures[place] = (
                render_region(shot.data, name=key, box=shot.box, margin=MARGIN)
                if size == "near"
                else render_whole(shot.data, name=key)
            )
        return Response(self.pictures[place], media_type="image/jpeg")

    async def _draft(self, request: Request) -> Response:
        body = await request.json()
        if request.path_params["turn"] != self.turn:
            # what a tab of the test before still sends while it is closed
            return JSONResponse({"code": "gone", "message": "That comparison is over."}, 410)
        if failure := self._fail():
            return failure
        if body["version"] != self.version:
            return JSONResponse({"code": "conflict", "message": "Another tab saved this."}, 409)
        self.posted.append(body)
        self.version += 1
        self.draft = {key: value for key, value in body.items() if key != "version"}
        return JSONResponse({"version": self.version})

    async def _opinion(self, request: Request) -> Response:
        if request.headers["content-type"].startswith("application/x-www-form-urlencoded"):
            form = await request.form()
            self.form = {key: [str(value) for value in form.getlist(key)] for key in form}
            return HTMLResponse("<title>Recorded</title><h1>Recorded</h1>")
        body = await request.json()
        if failure := self._fail():
            return failure
        if not str(body["reason"]).strip():
            return JSONResponse({"message": "say in a sentence what the conclusion rests on", "field": "reason"}, 422)
        self.recorded = body
        return JSONResponse({"href": "/next"})

    async def _elsewhere(self, request: Request) -> Response:
        return HTMLResponse(f"<title>Elsewhere</title><h1>{request.url.path}</h1>")

    def make_app(self) -> Guard:
        static = Path(str(files("semblance.web") / "static"))
        app = Starlette(
            routes=[
                Route("/", self._page),
                Route("/pictures/{key}/{size}", self._picture),
                Route("/draft/{turn:int}", self._draft, methods=["POST"]),
                Route("/opinion", self._opinion, methods=["POST"]),
                Route("/next", self._elsewhere),
                Route("/back", self._elsewhere),
                Route("/sign-in", self._elsewhere),
                Mount("/static", StaticFiles(directory=static)),
            ]
        )
        return Guard(app, refuse=lambda *fault: JSONResponse({"message": fault[3]}, fault[1]))


@contextmanager
def serve(comparison: Comparison) -> Iterator[Comparison]:
    """Serve the comparison on a loopback port of its own."""
    listening = open_socket("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(comparison.make_app(), log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    comparison.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    yield comparison
    server.should_exit = True
    thread.join(timeout=10)
    listening.close()
