"""The Vietnamese pages of the desk, rendered from templates, with the files they load."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from bot.cases.states import Role
from bot.channels.web.pages import STATIC as CHAT_STATIC
from bot.console.desk.logins import HOME, SignedIn
from bot.console.desk.role_names import ROLES

STATIC = Path(__file__).parent / "static"
NEVER_KEEP = {"cache-control": "no-store"}
"""Headers of everything that shows people or cases."""

# Vietnam keeps one zone and no summer time, so no zone database is needed.
_VIETNAM = timezone(timedelta(hours=7))
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def render(
    request: Request,
    template: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> HTMLResponse:
    """A page or fragment. Every template knows ``signed`` (SignedIn or None) and ``static``."""
    html = fragment(template, request=request, **context)
    return HTMLResponse(html, status, headers={**NEVER_KEEP, **(headers or {})})


def fragment(template: str, *, request: Request | None = None, **context: Any) -> str:
    """The HTML alone, for an event stream or a part of another answer."""
    signed: SignedIn | None = getattr(request.state, "signed", None) if request else None
    path = request.url.path if request else ""
    return _TEMPLATES.get_template(template).render(signed=signed, path=path, **context)


def static_routes() -> list[BaseRoute]:
    """The files the pages load, at addresses that change when they do."""
    return [Route(f"{_STATIC_AT}/{{name}}", _static, methods=["GET"])]


async def _static(request: Request) -> Response:
    file = _FILES.get(request.path_params["name"])
    if file is None:
        return Response(status_code=404)
    return FileResponse(
        file,
        media_type=_TYPES[file.suffix],
        headers={"cache-control": "public, max-age=31536000, immutable"},
    )


def _served() -> dict[str, Path]:
    """What is served, by the name under which it is."""
    htmx = Path(str(files("django_htmx"))) / "static" / "django_htmx"
    own = {file.name: file for file in sorted(STATIC.iterdir()) if file.suffix in _TYPES}
    return {
        **own,
        "mark.svg": CHAT_STATIC / "mark.svg",
        "htmx.js": htmx / "htmx-2.min.js",
        "htmx-sse.js": htmx / "ext" / "hx-sse-2.min.js",
    }


def _fingerprint(served: Mapping[str, Path]) -> str:
    digest = hashlib.sha256()
    for name, file in served.items():
        digest.update(name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def moment(at: datetime | None) -> str:
    """Day and time in Vietnam."""
    return f"{at.astimezone(_VIETNAM):%H:%M, %d/%m/%Y}" if at else ""


def clock(at: datetime) -> str:
    """The time of day in Vietnam, with the date unless it is today's."""
    here = at.astimezone(_VIETNAM)
    today = datetime.now(_VIETNAM).date()
    return f"{here:%H:%M}" if here.date() == today else f"{here:%H:%M, %d/%m/%Y}"


def day_begins(day: str) -> datetime | None:
    """When a day written YYYY-MM-DD begins in Vietnam; None when it is no day of this century."""
    try:
        begins = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=_VIETNAM)
    except ValueError:
        return None
    # Nearer the ends of the calendar, times of other zones cannot be written.
    return begins if 2000 <= begins.year < 2100 else None


_FILES = _served()
_STATIC_AT = f"{HOME}/static/{_fingerprint(_FILES)}"

_TEMPLATES = Environment(
    loader=ChoiceLoader(
        [
            PackageLoader("bot.console.desk"),
            PrefixLoader({"chat": PackageLoader("bot.channels.web")}),
        ]
    ),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters.update(moment=moment, clock=clock)
_TEMPLATES.globals.update(static=_STATIC_AT, home=HOME, role_names=ROLES, Role=Role)
