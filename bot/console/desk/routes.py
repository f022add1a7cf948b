"""All addresses of the desk."""

from __future__ import annotations

from starlette.routing import BaseRoute

from bot.console.desk import (
    attachments,
    card_pages,
    case_actions,
    case_pages,
    look_up,
    queue_pages,
    saved_pages,
    search_pages,
    stream,
)
from bot.console.desk.context import DeskContext
from bot.console.desk.frame import frame_routes
from bot.console.desk.guard import Guard


def routes(context: DeskContext) -> list[BaseRoute]:
    """What the application mounts at its root: everything under /tu-van."""
    pulse = stream.Pulse(context.reading)
    pages = case_pages.CasePages(context)
    return [
        *frame_routes(context),
        *queue_pages.routes(context),
        *case_pages.routes(context, pages),
        *case_actions.routes(context, pages, pulse),
        *attachments.routes(context, pages),
        *look_up.routes(context),
        *saved_pages.routes(context),
        *search_pages.routes(context),
        *card_pages.routes(context),
        *stream.routes(context, pulse),
        Guard(context).absent(),
    ]
