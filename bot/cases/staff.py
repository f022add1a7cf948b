"""Someone who acts at the desk."""

from __future__ import annotations

from dataclasses import dataclass

from bot.cases.states import Role


@dataclass(frozen=True, slots=True)
class Staff:
    """A user as the desk knows them. ``name`` is the login name, ``shown`` what people read."""

    id: int
    name: str
    shown: str
    role: Role
