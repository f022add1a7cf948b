"""What a look at a platform's side of a channel found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

State: TypeAlias = Literal["ok", "warning", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, in Vietnamese; what to do when it is not ``ok``."""

    state: State
    says: str
