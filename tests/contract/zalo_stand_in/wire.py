"""Reading a call's parameters and writing its answer."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tests.contract.zalo_stand_in.switches import Switches

NOTHING = object()
"""The result of a method that has none: its answer is ``{"ok": true}``."""


class Refusal(Exception):
    """A call the platform does not do. ``code`` is both error_code and HTTP status."""

    def __init__(self, code: int, description: str, key: str = "error_code") -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.key = key


def reply(content: object, status: int = 200) -> Response:
    """A JSON answer in UTF-8."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(body.encode("utf-8", "replace"), status, media_type="application/json")


def done(result: object) -> Response:
    """What a call that went well says."""
    return reply({"ok": True} if result is NOTHING else {"ok": True, "result": result})


def refuse(refusal: Refusal, switches: Switches) -> Response:
    """What a refused call says."""
    same = refusal.code if switches.error_status == "same" else 200
    if refusal.code == 408:
        same = 408 if switches.idle == "http408" else 200
    content = {"ok": False, "description": refusal.description, refusal.key: refusal.code}
    return reply(content, same)


async def read_parameters(request: Request) -> dict[str, Any]:
    """Parameters of the query and the body. Raises Refusal (400) for a body nobody can read."""
    parameters: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        try:
            parameters.update(await request.form())
        except Exception as error:
            raise Refusal(400, "Bad Request: the form cannot be read") from error
        return parameters
    body = await request.body()
    if not body:
        return parameters
    if kind != "application/json":
        raise Refusal(400, "Bad Request: unsupported content type")
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "Bad Request: the JSON cannot be read") from error
    if not isinstance(content, dict):
        raise Refusal(400, "Bad Request: the JSON is not an object")
    return {**parameters, **content}
