"""People and groups the bot has met, and the ids they go by."""

from __future__ import annotations

import hashlib
import re

from tests.contract.zalo_stand_in.switches import Switches

_ID = re.compile(r"[0-9a-f]{20}")


def id_of(name: str) -> str:
    """The id of a person or group: the same name always has the same; an id is its own."""
    if _ID.fullmatch(name):
        return name
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:20]


class People:
    """Those who have written, in the order in which they came."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._order: dict[str, int] = {}
        self._groups: dict[str, int] = {}

    def meet(self, name: str) -> str:
        """A person writes: their id."""
        person = id_of(name)
        self._order.setdefault(person, len(self._order) + 1)
        return person

    def join(self, name: str) -> str | None:
        """The bot is in this group: its id; None when it may be in no more groups."""
        group, quota = id_of(name), self._switches.quota_groups
        if group not in self._groups and quota is not None and len(self._groups) >= quota:
            return None
        self._groups.setdefault(group, len(self._groups) + 1)
        return group

    def knows(self, chat_id: str) -> bool:
        """Whether the bot may write to this chat at all."""
        return chat_id in self._order or chat_id in self._groups

    def is_group(self, chat_id: str) -> bool:
        """Whether a chat is a group."""
        return chat_id in self._groups

    def beyond_quota(self, chat_id: str) -> bool:
        """Whether a person came after the last one the plan allows."""
        quota = self._switches.quota_users
        return quota is not None and self._order.get(chat_id, 0) > quota

    def __len__(self) -> int:
        return len(self._order)
