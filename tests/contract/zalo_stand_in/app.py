"""The server: every call to ``/bot<TOKEN>/<method>``, media, and the control of a bench."""

from __future__ import annotations

import hmac
from asyncio import Transport
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from tests.contract.zalo_stand_in.faults import cut
from tests.contract.zalo_stand_in.ledger import Call
from tests.contract.zalo_stand_in.methods import Gone, Methods
from tests.contract.zalo_stand_in.platform import Platform
from tests.contract.zalo_stand_in.wire import Refusal, done, read_parameters, refuse


class CuttableProtocol(H11Protocol):
    """HTTP whose requests know their connection, so that it can be cut without an answer."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Calls:
    """Answers calls as the platform would, or as the planned faults want it."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._methods = Methods(platform)

    async def call(self, request: Request) -> Response:
        """One call to the bot API."""
        platform = self._platform
        name = request.path_params["method"]
        call = platform.ledger.begin(name, request.method, {})
        try:
            response = await self._answer(name, call, request)
        except Refusal as refusal:
            response = refuse(refusal, platform.switches)
        except (Gone, ClientDisconnect):
            response = None
        if response is None:
            return await cut(request)
        call.status = response.status_code
        return response

    async def media(self, request: Request) -> Response:
        """A picture or recording."""
        kind = self._platform.faults.due("media")
        if kind is not None:
            return await self._platform.faults.answer(kind, request) or await cut(request)
        return self._platform.media.answer(request)

    async def _answer(self, name: str, call: Call, request: Request) -> Response | None:
        platform = self._platform
        token = request.path_params["token"].encode()
        if not hmac.compare_digest(token, platform.token.encode()):
            raise Refusal(401, "Unauthorized")
        method = self._methods.named(name)
        if request.method not in {"GET", "POST"}:
            raise Refusal(400, "Bad Request: use GET or POST")
        call.parameters = await read_parameters(request)
        fault = platform.faults.due(name)
        if fault is not None and not fault.startswith("accepted-then-"):
            return await platform.faults.answer(fault, request)
        result = await method(call.parameters, request)
        if fault is None:
            return done(result)
        if isinstance(result, dict) and (sent := platform.ledger.by_id.get(_id(result))):
            sent.answered = False
        return await platform.faults.answer(fault, request)


def _id(result: dict[str, Any]) -> str:
    return str(result.get("message_id", ""))


def application(platform: Platform, more: Sequence[Route] = ()) -> Starlette:
    """The ASGI application over a platform."""
    calls = Calls(platform)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await platform.webhook.open()
        try:
            yield
        finally:
            await platform.webhook.close()

    verbs = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    routes = [
        Route("/bot{token}/{method}", calls.call, methods=verbs),
        Route("/media/{name}", calls.media, methods=["GET"]),
        *more,
    ]
    return Starlette(routes=cast(Any, routes), lifespan=lifespan)
