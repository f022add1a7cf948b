"""What the pages of the desk work with."""

from __future__ import annotations

from dataclasses import dataclass

from bot.cases.desk import Desk
from bot.cases.reading import Reading
from bot.console.desk.accounts import Accounts
from bot.console.desk.audit import Audit
from bot.console.desk.logins import Logins
from bot.store.database import Database
from bot.store.files import Files
from knowledge.asking import Asking


@dataclass(frozen=True, slots=True)
class DeskContext:
    """Everything behind the pages.

    ``library`` is None where no law is served; the look-up then says so. ``address`` is the public
    address ("https://hoi.example.vn"), None where people open the machine directly.
    """

    database: Database
    accounts: Accounts
    logins: Logins
    audit: Audit
    desk: Desk
    reading: Reading
    files: Files
    library: Asking | None
    address: str | None
