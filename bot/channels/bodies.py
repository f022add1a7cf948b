"""Reading the body of a request within a limit."""

from __future__ import annotations

from starlette.requests import Request


async def cut_off(request: Request, most: int) -> bytes | None:
    """The body; None when it is longer than ``most`` bytes, of which no more is read.

    For machines, which understand a status that comes before they have said everything.
    """
    kept = bytearray()
    async for chunk in request.stream():
        if len(kept) + len(chunk) > most:
            return None
        kept += chunk
    return bytes(kept)


async def drained(request: Request, most: int, drain: int) -> bytes | None:
    """The body; None when it is longer than ``most`` bytes.

    For browsers: of a longer one up to ``drain`` bytes are read and thrown away, because a browser
    whose upload is cut off shows a network error instead of our words.
    """
    kept = bytearray()
    seen = 0
    async for chunk in request.stream():
        seen += len(chunk)
        if seen <= most:
            kept += chunk
        elif seen > drain:
            break
    return bytes(kept) if seen <= most else None
