"""The HTTP face: Bot API calls, files, and control for tests in another process."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
import secrets
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from tests.contract.telegram_stand_in import changing, chats, sending, taking, topics
from tests.contract.telegram_stand_in.errors import ApiError, Json, not_found
from tests.contract.telegram_stand_in.faults import GATEWAY_PAGE, Fault
from tests.contract.telegram_stand_in.parameters import read_parameters
from tests.contract.telegram_stand_in.steering import OPERATIONS, Steering
from tests.contract.telegram_stand_in.telegram import Call, Handler, Telegram

METHODS: dict[str, Handler] = {
    **sending.METHODS,
    **changing.METHODS,
    **topics.METHODS,
    **chats.METHODS,
    **taking.METHODS,
}
_TOKEN = re.compile(r"[1-9]\d*:[A-Za-z0-9_-]+")


class Server:
    """Serves one bot's Telegram."""

    def __init__(self, telegram: Telegram) -> None:
        self.telegram = telegram
        self.steering = Steering(telegram)
        either = ["GET", "POST"]
        self.app = Starlette(
            routes=[
                Route("/bot{token}/{method:path}", self.call, methods=either),
                Route("/file/bot{token}/{path:path}", self.load, methods=["GET"]),
                Route("/control/{operation}", self.control, methods=["POST"]),
                Route("/{rest:path}", self.nowhere, methods=either),
            ]
        )

    async def call(self, request: Request) -> Response:
        """One call of the Bot API, with whatever fault is planned for it."""
        try:
            self._check_token(request.path_params["token"])
            parameters = await read_parameters(request)
        except ApiError as error:
            return _json(error.body(), error.code)
        except ClientDisconnect:  # the caller was killed while it spoke
            return Response(status_code=499)
        name = request.path_params["method"].strip("/")
        record = self.telegram.record(name, parameters)
        fault = self.telegram.faults.take(name.lower(), parameters.text("chat_id"))
        if fault is None or fault.taken:
            call = Call(self.telegram, parameters, lambda: self._gone(request))
            response = await self._answer(name.lower(), call)
        if fault is not None:
            response = await self._fail(fault, request)
        record.status = response.status_code
        self.telegram.changed()
        return response

    async def _answer(self, method: str, call: Call) -> Response:
        try:
            handler = METHODS.get(method)
            if handler is None:
                raise ApiError(404, "Not Found: method not found" if method else "Not Found")
            result = handler(call)
            if inspect.isawaitable(result):
                result = await result
        except ApiError as error:
            return _json(error.body(), error.code)
        body: Json = {"ok": True, "result": result}
        if call.description:
            body["description"] = call.description
        return _json(body)

    async def _fail(self, fault: Fault, request: Request) -> Response:
        if error := fault.error():
            return _json(error.body(), error.code)
        match fault.kind:
            case "502":
                return Response(GATEWAY_PAGE, 502, media_type="text/html")
            case "malformed":
                return Response('{"ok":true,"result":{"message_id":', media_type="application/json")
            case "drop":
                request.scope["transport"].abort()
        await self._gone(request)
        return Response(status_code=499)

    async def _gone(self, request: Request) -> None:
        """Return when the caller has hung up or the server closes."""
        closing = asyncio.ensure_future(self.telegram.closing.wait())
        leaving = asyncio.ensure_future(_disconnected(request))
        try:
            await asyncio.wait({closing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            closing.cancel()
            leaving.cancel()

    async def load(self, request: Request) -> Response:
        """A file at a path that getFile gave."""
        try:
            self._check_token(request.path_params["token"])
            content = self.telegram.files.load(request.path_params["path"])
        except ApiError as error:
            return _json(error.body(), error.code)
        return Response(content, media_type="application/octet-stream")

    async def control(self, request: Request) -> Response:
        """One operation of ``Steering`` for a test in another process."""
        try:
            result = self.operate(request.path_params["operation"], **await request.json())
        except (ValueError, TypeError, KeyError) as error:
            return _json({"error": str(error)}, 400)
        return _json({"result": result})

    def operate(self, operation: str, *arguments: Any, **named: Any) -> Any:
        """Do one operation of ``Steering``. Raises ValueError, also for an unknown one."""
        if operation not in OPERATIONS:
            raise ValueError(f"there is no operation {operation}")
        try:
            return getattr(self.steering, operation)(*arguments, **named)
        finally:
            self.telegram.changed()

    async def nowhere(self, request: Request) -> Response:
        """Any other path."""
        return _json(not_found().body(), 404)

    def _check_token(self, token: str) -> None:
        if not _TOKEN.fullmatch(token):
            raise not_found()
        if not secrets.compare_digest(token, self.telegram.world.token):
            raise ApiError(401, "Unauthorized")


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _json(body: Json, status: int = 200) -> Response:
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )
    return Response(raw, status, media_type="application/json")
