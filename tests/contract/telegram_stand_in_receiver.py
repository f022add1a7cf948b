"""A webhook to post to: notes what comes and answers as it is told."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass
class Receiver:
    """Listens on localhost while entered.

    ``statuses`` are answered one after the other, then always 200; ``refuse`` picks updates that
    get a 503; ``retry_after`` is sent with every refusal (seconds).
    """

    statuses: deque[int] = field(default_factory=deque)
    refuse: Callable[[dict[str, Any]], bool] = lambda update: False
    retry_after: str = ""
    posts: list[tuple[dict[str, Any], dict[str, str]]] = field(default_factory=list)

    def __enter__(self) -> Self:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                update = json.loads(self.rfile.read(length))
                status = receiver.statuses.popleft() if receiver.statuses else 200
                if receiver.refuse(update):
                    status = 503
                retry_after = receiver.retry_after if status >= 300 else ""
                receiver.posts.append((update, {k.lower(): v for k, v in self.headers.items()}))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                if retry_after:
                    self.send_header("Retry-After", retry_after)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        serve = lambda: self._server.serve_forever(poll_interval=0.01)  # noqa: E731
        threading.Thread(target=serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/telegram"

    def texts(self) -> list[str]:
        """The texts that came, in their order, repeats too."""
        return [update["message"]["text"] for update, _ in list(self.posts)]

    def ids(self) -> list[int]:
        """The update ids that came, in their order, repeats too."""
        return [update["update_id"] for update, _ in list(self.posts)]
