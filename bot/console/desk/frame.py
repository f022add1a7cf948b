"""The addresses of the frame: its files, the door, accounts, the audit trail."""

from __future__ import annotations

from starlette.routing import BaseRoute

from bot.console.desk import audit_page, people, sign_in
from bot.console.desk.context import DeskContext
from bot.console.desk.pages import static_routes


def frame_routes(context: DeskContext) -> list[BaseRoute]:
    """What surrounds the pages of cases; to be listed before them."""
    return [
        *static_routes(),
        *sign_in.routes(context),
        *people.routes(context),
        *audit_page.routes(context),
    ]
