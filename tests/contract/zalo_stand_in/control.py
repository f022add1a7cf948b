"""The control object over HTTP, for benches that run the stand-in as a process of its own."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.contract.zalo_stand_in.wire import reply

if TYPE_CHECKING:
    from tests.contract.zalo_stand_in.stand_in import ZaloStandIn

_WHAT_PEOPLE_DO = {
    *("say", "say_all", "say_in_group", "photo", "sticker", "voice", "unsupported"),
    *("unknown_event", "link"),
}
_HOW_IT_TRAVELS = {"late", "redeliver", "hold", "release", "empty_probe", "post"}
_WHAT_THE_BOT_DID = {"chat", "sent", "calls", "deliveries", "handed", "figures"}
_WHAT_GOES_WRONG = {"fail_next", "heal", "expire_media", "new_month"}
OPEN = _WHAT_PEOPLE_DO | _HOW_IT_TRAVELS | _WHAT_THE_BOT_DID | _WHAT_GOES_WRONG
"""What may be called: ``POST /control/<name>`` with the arguments as a JSON object."""


def control_routes(stand_in: ZaloStandIn) -> list[Route]:
    """Routes under ``/control/``; ``content`` of pictures and recordings is base64.

    Answers are ``{"result": …}``, or HTTP 400 and 404 with ``{"error": …}``.
    ``POST /control/switches`` sets the switches it is given and answers with all of them.
    """

    async def call(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in OPEN:
            return reply({"error": f"no such control: {name}"}, 404)
        try:
            arguments: dict[str, Any] = await request.json() if await request.body() else {}
            if name in {"photo", "voice"} and "content" in arguments:
                arguments["content"] = base64.b64decode(arguments["content"])
            # In a thread: the methods wait for this very event loop.
            result = await asyncio.to_thread(getattr(stand_in, name), **arguments)
        except (TypeError, ValueError, LookupError, RuntimeError) as error:
            return reply({"error": f"{type(error).__name__}: {error}"}, 400)
        return reply({"result": _plain(result)})

    async def switches(request: Request) -> Response:
        try:
            for name, value in (await request.json() if await request.body() else {}).items():
                setattr(stand_in.switches, name, value)
        except (ValidationError, ValueError, AttributeError) as error:
            return reply({"error": str(error)}, 400)
        return reply({"result": stand_in.switches.model_dump()})

    return [
        Route("/control/switches", switches, methods=["POST"]),
        Route("/control/{name}", call, methods=["POST"]),
    ]


def _plain(result: Any) -> Any:
    if isinstance(result, list):
        return [_plain(one) for one in result]
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        return dataclasses.asdict(result)
    return result
