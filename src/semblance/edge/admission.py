"""Who asks is known before anything of a body is read, and only so much is asked at once.

Strangers may send the few small forms that signing in takes. Whoever is signed in may send more, and photos where
photos go. A body is read whole before anything is done with it: one that is held back holds up nobody.
"""

from collections.abc import Callable
from typing import Final

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.requests import Request

from semblance.edge.acting import require_secret
from semblance.edge.asgi import SAFE_METHODS, App, Receive, Refuse, Scope, Send
from semblance.edge.bodies import PLAIN_CAP, STRANGERS_CAP, BodyRoom, Incoming, check_length, read_body, replay
from semblance.edge.crowd import Crowd
from semblance.edge.json_shape import find_shape_fault
from semblance.errors import NotSignedIn, RequestProblem, SemblanceError
from semblance.node.node import Node
from semblance.workflows.accounts.sign_in import Holder, find_holder

_LOOK_UPS: Final = 8
"""Secrets that are looked up at once, apart from the threads in which acts are done."""


class Admission:
    """Wraps the whole site.

    ``is_public`` says of which paths nobody is asked who they are, ``takes_forms`` to which strangers may send a form,
    ``takes_photos`` to which photos go; ``upload_cap`` is the most bytes there. ``refuse`` makes the answers to what is
    not let in.
    """

    def __init__(
        self,
        app: App,
        node: Node,
        *,
        is_public: Callable[[str], bool],
        takes_forms: Callable[[str], bool],
        takes_photos: Callable[[str], bool],
        upload_cap: int,
        refuse: Refuse,
        crowd: Crowd,
    ) -> None:
        self._app = app
        self._node = node
        self._is_public = is_public
        self._takes_forms = takes_forms
        self._takes_photos = takes_photos
        self._upload_cap = upload_cap
        self._refuse = refuse
        self._crowd = crowd
        # a photo is held twice while it is taken in
        self._room = BodyRoom(4 * upload_cap)
        self._look_ups = CapacityLimiter(_LOOK_UPS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or refuse it."""
        path, incoming = str(scope.get("path", "")), Incoming(receive)
        if scope["type"] != "http" or (scope["method"] in SAFE_METHODS and self._is_public(path)):
            await self._app(scope, receive, send)
            return
        try:
            holder = await self._find_holder(scope)
            if scope["method"] in SAFE_METHODS:
                if isinstance(holder, Holder) and holder.duty is None:
                    scope.setdefault("state", {})["actor"] = holder.actor
                await self._answer(holder, scope, incoming, send)
            else:
                # who asks is looked up anew when the act is done: sending may take long enough to be shut out meanwhile
                await self._take_in(holder, path, scope, incoming, send)
        except SemblanceError as error:
            answer = self._refuse(scope, error)
            if isinstance(error, RequestProblem) and error.status == 408:
                answer.headers["connection"] = "close"
            else:
                await incoming.drain()
            await answer(scope, incoming, send)

    async def _find_holder(self, scope: Scope) -> Holder | NotSignedIn:
        try:
            return await run_sync(find_holder, self._node, require_secret(Request(scope)), limiter=self._look_ups)
        except NotSignedIn as error:
            return error

    async def _take_in(
        self, holder: Holder | NotSignedIn, path: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        headers = Request(scope).headers
        known = isinstance(holder, Holder)
        if isinstance(holder, NotSignedIn) and not self._takes_forms(path):
            raise holder
        cap = STRANGERS_CAP if not known else self._upload_cap if self._takes_photos(path) else PLAIN_CAP
        length = int(headers.get("content-length") or 0)
        check_length(length, cap)
        with self._room.holding(length):
            body = await read_body(receive, length, known=known)
            if "json" in headers.get("content-type", "").lower() and (fault := find_shape_fault(body)) is not None:
                raise fault
            await self._answer(holder, scope, replay(body, receive), send)

    async def _answer(self, holder: Holder | NotSignedIn, scope: Scope, receive: Receive, send: Send) -> None:
        with self._crowd.entering(holder.person.id if isinstance(holder, Holder) else None):
            await self._app(scope, receive, send)
