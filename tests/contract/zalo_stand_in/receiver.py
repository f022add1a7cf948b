"""A webhook of a bot's, for tests: it notes what comes and answers as it is told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response


@dataclass
class Receiver:
    """Answers each POST with ``status`` after ``delay`` seconds."""

    address: str = ""
    status: int = 200
    delay: float = 0.0
    bodies: list[bytes] = field(default_factory=list)
    headers: list[Any] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        """Note a POST and answer it."""
        body = await request.body()
        self.bodies.append(body)
        self.headers.append(request.headers)
        if body:
            self.events.append(await request.json())
        await asyncio.sleep(self.delay)
        return Response(status_code=self.status)

    def texts(self) -> list[str]:
        """The texts among what has come."""
        messages = [event["message"] for event in self.events]
        return [message["text"] for message in messages if isinstance(message, dict)]
