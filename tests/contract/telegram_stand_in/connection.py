"""uvicorn's HTTP connection, with a way for the app to cut it."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol


class CuttableProtocol(H11Protocol):
    """Gives the app its transport as ``scope["transport"]``."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Put the transport within reach of the app."""
        super().connection_made(transport)
        app: Any = self.app

        async def within_reach(scope: Any, receive: Any, send: Any) -> None:
            scope["transport"] = transport
            await app(scope, receive, send)

        self.app = within_reach
