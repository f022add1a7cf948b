"""The page that finds cases: by words, state, topic, who had them, and when they were opened."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.cases.reading import Reading
from bot.cases.shown import Page
from bot.cases.states import CaseState
from bot.console.desk import wording
from bot.console.desk.audit import Action
from bot.console.desk.context import DeskContext
from bot.console.desk.guard import Guard
from bot.console.desk.logins import HOME, SignedIn
from bot.console.desk.pages import day_begins, render
from knowledge.cards import TOPICS

SEARCH = f"{HOME}/tim"

_LAST_ID = 2**31 - 1
_LAST_PAGE = 10_000
_WORDS = 200


def routes(context: DeskContext) -> list[BaseRoute]:
    """The addresses of this file."""

    async def page(request: Request, signed: SignedIn) -> Response:
        """What was asked for; what is not a filter is as if it were not there."""
        asked = request.query_params
        chosen = _chosen({name: asked.get(name, "").strip() for name in asked})
        number = min(_id(asked.get("trang")) or 1, _LAST_PAGE)
        found = None
        if chosen:
            found = await asyncio.to_thread(_search, context.reading, chosen, number)
            if number == 1:
                await asyncio.to_thread(
                    context.audit.note, signed.staff, Action.SEARCH, "hồ sơ", _told(chosen)
                )
        return render(
            request,
            "search.html",
            found=found,
            chosen=chosen,
            older=urlencode({**chosen, "trang": number + 1}) if found and found.more else None,
            newer=urlencode({**chosen, "trang": number - 1}) if found and number > 1 else None,
            people=await asyncio.to_thread(context.accounts.list),
            wording=wording,
            topics=TOPICS,
            now=context.database.now(),
            me=signed.staff.id,
        )

    return [Guard(context).get(SEARCH, page)]


def _chosen(asked: dict[str, str]) -> dict[str, str]:
    """The filters that make sense."""
    chosen = {"tu": asked.get("tu", "")[:_WORDS]}
    if asked.get("trang-thai") in list(CaseState):
        chosen["trang-thai"] = asked["trang-thai"]
    if asked.get("chu-de") in TOPICS:
        chosen["chu-de"] = asked["chu-de"]
    if (who := _id(asked.get("nguoi"))) is not None:
        chosen["nguoi"] = str(who)
    for name in ("tu-ngay", "den-ngay"):
        if day := day_begins(asked.get(name, "")):
            chosen[name] = f"{day:%Y-%m-%d}"
    if asked.get("tat-ca"):
        chosen["tat-ca"] = "1"
    return {name: value for name, value in chosen.items() if value}


def _search(reading: Reading, chosen: dict[str, str], number: int) -> Page:
    """One page of what was found."""
    state, who = chosen.get("trang-thai"), chosen.get("nguoi")
    since = day_begins(chosen.get("tu-ngay", ""))
    last = day_begins(chosen.get("den-ngay", ""))
    return reading.search(
        words=chosen.get("tu", ""),
        state=CaseState(state) if state else None,
        topic=chosen.get("chu-de"),
        holder=int(who) if who else None,
        page=number,
        since=since,
        until=last + timedelta(days=1) if last else None,
    )


def _told(chosen: dict[str, str]) -> str:
    """The filters for the record; words may be a worker's own and are only counted."""
    said = [f"{name}={value}" for name, value in chosen.items() if name not in {"tu", "tat-ca"}]
    if words := chosen.get("tu"):
        said.insert(0, f"{len(words.split())} từ khóa")
    return ", ".join(said)


def _id(said: str | None) -> int | None:
    return min(int(said), _LAST_ID) if said and said.isascii() and said.isdigit() else None
