"""The page of the audit trail, for leads and admins."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.cases.states import Role
from bot.console.desk.audit import LABELS
from bot.console.desk.context import DeskContext
from bot.console.desk.guard import Guard
from bot.console.desk.logins import HOME, SignedIn
from bot.console.desk.pages import day_begins, render

TRAIL = f"{HOME}/nhat-ky"
_LAST_ID = 2**31 - 1


def routes(context: DeskContext) -> list[BaseRoute]:
    """The addresses of this file."""

    async def page(request: Request, _signed: SignedIn) -> Response:
        """Entries by person, action and days; what is not a filter is as if it were not there."""
        asked = request.query_params
        since, last = day_begins(asked.get("tu", "")), day_begins(asked.get("den", ""))
        user, action = _id(asked.get("nguoi")), asked.get("viec")
        action = action if action in LABELS else None
        found = await asyncio.to_thread(
            context.audit.page,
            user,
            action,
            since,
            last + timedelta(days=1) if last else None,
            _id(asked.get("truoc")),
        )
        chosen = {
            "nguoi": str(user) if user is not None else "",
            "viec": action or "",
            "tu": f"{since:%Y-%m-%d}" if since else "",
            "den": f"{last:%Y-%m-%d}" if last else "",
        }
        filters = {name: value for name, value in chosen.items() if value}
        return render(
            request,
            "audit.html",
            entries=found.entries,
            people=await asyncio.to_thread(context.accounts.list),
            labels=LABELS,
            chosen=chosen,
            older=urlencode({**filters, "truoc": found.older}) if found.older else None,
            newest=urlencode(filters) if asked.get("truoc") else None,
        )

    return [Guard(context).get(TRAIL, page, role=Role.LEAD)]


def _id(said: str | None) -> int | None:
    return min(int(said), _LAST_ID) if said and said.isascii() and said.isdigit() else None
