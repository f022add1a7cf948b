"""A law beside its cards, and what no card speaks for yet; for leads and admins."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import urlencode

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.cases.states import Role
from bot.channels.faults import describe
from bot.console.desk.context import DeskContext
from bot.console.desk.guard import Guard
from bot.console.desk.logins import HOME, SignedIn
from bot.console.desk.pages import render
from knowledge import labels
from knowledge.answer import Citation
from knowledge.asking import Asking, today
from knowledge.cards import Card
from knowledge.clause import Ref
from knowledge.compose import cite
from knowledge.coverage import LawCoverage, coverage
from knowledge.library import Library

CARDS = f"{HOME}/the"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Told:
    """One card as it is said today, and the clause it rests on first with its name."""

    card: Card
    says: str
    first: Ref
    place: str

    def here(self, law: str, article: str) -> bool:
        """Whether the card answers from that article."""
        return (self.first.law, self.first.article) == (law, article)


def routes(context: DeskContext) -> list[BaseRoute]:
    """The addresses of this file."""
    pages = _CardPages(context.library)
    guard = Guard(context)
    return [
        guard.get(CARDS, pages.law, role=Role.LEAD),
        guard.get(f"{CARDS}/dieu", pages.article, role=Role.LEAD),
    ]


class _CardPages:
    """The request handlers."""

    def __init__(self, library: Asking | None) -> None:
        self._asking = library

    async def law(self, request: Request, _signed: SignedIn) -> Response:
        """One law's articles with the number of their cards; "thieu" keeps those with gaps."""
        asked = request.query_params
        only_gaps = asked.get("thieu") == "1"
        library = await self._opened()
        if library is None:
            return render(request, "cards.html", laws={}, found=None, chosen="", only_gaps=False)
        laws = await asyncio.to_thread(_laws, library)
        chosen = asked.get("luat", "")
        chosen = chosen if chosen in laws else next(iter(laws), "")
        found = await asyncio.to_thread(_covered, library, chosen) if chosen else None
        return render(
            request,
            "cards.html",
            laws=laws,
            chosen=chosen,
            found=found,
            only_gaps=only_gaps,
            other=urlencode({"luat": chosen} | ({} if only_gaps else {"thieu": "1"})),
            urlencode=urlencode,
        )

    async def article(self, request: Request, _signed: SignedIn) -> Response:
        """One article's wording today and its cards."""
        library = await self._opened()
        law, number = request.query_params.get("luat", ""), request.query_params.get("dieu", "")
        if library is None or law not in library.register:
            raise HTTPException(404)
        shown = await asyncio.to_thread(_article, library, law, number)
        if shown is None:
            raise HTTPException(404)
        citation, told = shown
        return render(request, "_article.html", citation=citation, told=told)

    async def _opened(self) -> Library | None:
        """The library; None where there is none, or it cannot be opened just now."""
        if self._asking is None:
            return None
        asking = self._asking
        try:
            return await asyncio.to_thread(lambda: asking.library)
        except Exception as error:
            _log.warning("desk.cards_without_library", fault=describe(error))
            return None


def _laws(library: Library) -> dict[str, str]:
    """The texts in force that the library holds: number to name, laws before decrees."""
    held = [
        document
        for document in library.register.laws
        if document.in_force(today()) and library.holds(document.number)
    ]
    held.sort(key=lambda document: (document.kind not in ("bộ luật", "luật"), document.number))
    return {document.number: labels.name(document) for document in held}


def _covered(library: Library, law: str) -> LawCoverage:
    return coverage(law, library.clauses, list(library.cards.values()), today())


def _article(library: Library, law: str, number: str) -> tuple[Citation, list[_Told]] | None:
    found = next((each for each in _covered(library, law).articles if each.article == number), None)
    if found is None:
        return None
    told = [_told(card, library) for card in found.cards]
    # Those that answer from this article stand before those that mention it.
    told.sort(key=lambda one: not one.here(law, number))
    return cite(Ref(law=law, article=number), today(), library), told


def _told(card: Card, library: Library) -> _Told:
    wording = card.wording(today()) or card.wordings[-1]
    ref = wording.refs[0]
    place = f"{labels.place(ref)} {labels.name(library.register.get(ref.law))}"
    return _Told(card, wording.says, ref, place)
