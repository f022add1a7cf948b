"""The pointer: a neighbouring matter these laws do not answer, and who does."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from knowledge.cards.schema import Review


class Pointer(BaseModel):
    """What a worker asks of another law: what it is, and where to ask.

    It rests on no clause, so it may state no figure. ``where`` are one to three places to go or
    things to do; ``asks`` how workers put such questions. ``urgent``: someone may be in danger.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    title: str = Field(min_length=5, max_length=90)
    says: str = Field(min_length=20, max_length=500)
    where: tuple[str, ...] = Field(min_length=1, max_length=3)
    asks: tuple[str, ...] = Field(min_length=4)
    related: tuple[str, ...] = ()
    urgent: bool = False
    review: Review


class PointerFile(BaseModel):
    """One YAML file of ``knowledge/cards/outside``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    chapter: str
    pointers: tuple[Pointer, ...]
