"""Pictures and recordings under addresses that need no login and do not last."""

from __future__ import annotations

import time
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from tests.contract.zalo_stand_in.switches import Switches
from tests.contract.zalo_stand_in.updates import new_id


@dataclass
class _File:
    content: bytes
    content_type: str
    since: float


class Media:
    """Files by name, each with the time since when it lies there."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._files: dict[str, _File] = {}
        self._expired: set[str] = set()

    def put(self, content: bytes, ending: str, content_type: str) -> str:
        """Store a file: the path of its address."""
        name = f"{new_id()}.{ending}"
        self._files[name] = _File(content, content_type, time.monotonic())
        return f"/media/{name}"

    def expire(self) -> None:
        """From now on no file there is to be had."""
        self._expired.update(self._files)

    def answer(self, request: Request) -> Response:
        """The file, or the refusal of an address that was never or is no more."""
        name = request.path_params["name"]
        file = self._files.get(name)
        if file is None:
            return Response("not found", 404)
        life = self._switches.media_seconds
        if name in self._expired or (life is not None and time.monotonic() - file.since > life):
            return Response("expired", self._switches.expired_media)
        return Response(file.content, media_type=file.content_type)
