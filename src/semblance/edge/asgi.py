"""What the parts around the site are made of, in the words of ASGI."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from starlette.responses import Response

from semblance.errors import SemblanceError

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Refuse = Callable[[Scope, SemblanceError], Response]
"""Makes the answer to a refused request."""

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
