"""The secret a platform repeats with every post to a webhook."""

from __future__ import annotations

import hmac

from starlette.requests import Request


def is_right(request: Request, header: str, secret: bytes) -> bool:
    """Whether the header is there and right, compared in constant time.

    Where it comes more than once all must be right, so that a second one cannot slip past whoever
    looks at the first. An empty secret is never right.
    """
    given = request.headers.getlist(header)
    right = [hmac.compare_digest(each.encode("latin-1"), secret) for each in given]
    return bool(secret) and bool(right) and all(right)
