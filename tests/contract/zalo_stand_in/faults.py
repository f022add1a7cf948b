"""Faults on command: what the next calls of a method meet instead of, or after, their work."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict, deque
from typing import Literal, get_args

from starlette.requests import Request
from starlette.responses import Response

from tests.contract.zalo_stand_in.switches import Switches
from tests.contract.zalo_stand_in.wire import Refusal, refuse

Kind = Literal[
    "401",
    "403",
    "429",
    "500",
    "502",
    "504",
    "not-json",
    "not-object",
    "cut-json",
    "hang",
    "drop",
    "accepted-then-dropped",
    "accepted-then-502",
    "accepted-then-hang",
]
"""``accepted-then-…``: the work is done and the answer is lost that way."""

ANY = "*"

_REFUSALS = {
    "401": Refusal(401, "Unauthorized"),
    "403": Refusal(403, "Internal server error"),
    "429": Refusal(429, "Quota exceeded"),
    "500": Refusal(500, "Unexpected error"),
}
_PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
_BODIES = {
    "502": (502, "text/html", _PAGE.format("502 Bad Gateway")),
    "504": (504, "text/html", _PAGE.format("504 Gateway Time-out")),
    "not-json": (200, "text/html", _PAGE.format("Welcome")),
    "not-object": (200, "application/json", "[]"),
    "cut-json": (200, "application/json", '{"ok":true,"result":{"message_id":"'),
}


class Faults:
    """What is still to go wrong, by method, in the order in which it was asked for."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._planned: dict[str, deque[tuple[str, int]]] = defaultdict(deque)
        self.open()

    def open(self) -> None:
        """The server starts (again, in another event loop)."""
        self.closing = asyncio.Event()

    def plan(self, method: str, kind: str, times: int) -> None:
        """The next ``times`` calls of a method (``*``: of any) go wrong. Raises ValueError."""
        if kind not in get_args(Kind):
            raise ValueError(f"no such fault: {kind}; there are {', '.join(get_args(Kind))}")
        if times < 1:
            raise ValueError("a fault happens at least once")
        self._planned[method].append((kind, times))

    def heal(self, method: str) -> None:
        """Nothing planned for a method (``*``: for all of them) happens any more."""
        if method == ANY:
            self._planned.clear()
        self._planned.pop(method, None)

    def due(self, method: str) -> str | None:
        """The fault this call meets."""
        for key in (method, ANY):
            if planned := self._planned.get(key):
                kind, times = planned.popleft()
                if times > 1:
                    planned.appendleft((kind, times - 1))
                return kind
        return None

    async def answer(self, kind: str, request: Request) -> Response | None:
        """What the caller gets; None when it gets nothing and its connection is cut."""
        kind = kind.removeprefix("accepted-then-")
        if kind in _REFUSALS:
            return refuse(_REFUSALS[kind], self._switches)
        if kind in _BODIES:
            status, media_type, body = _BODIES[kind]
            return Response(body, status, media_type=media_type)
        if kind == "hang":
            closing = asyncio.ensure_future(self.closing.wait())
            gone = asyncio.ensure_future(until_gone(request))
            waits = {closing, gone}
            await asyncio.wait(
                waits, timeout=self._switches.hang_seconds, return_when=asyncio.FIRST_COMPLETED
            )
            for wait in waits:
                wait.cancel()
        return None


async def until_gone(request: Request) -> None:
    """Return when the caller has hung up. The body must have been read before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def cut(request: Request) -> Response:
    """End the connection without a word; the response returned is never seen."""
    request.state.transport.abort()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(5):
            await until_gone(request)
    return Response()
