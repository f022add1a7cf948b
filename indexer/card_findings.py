"""What a check of the cards reports, and where a card stands in its file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

_ID = re.compile(r"^\s*-\s*id:\s*[\"']?([a-z0-9-]+)", re.MULTILINE)


class Kind(StrEnum):
    """How much a finding weighs."""

    FAULT = "fault"
    WARNING = "warning"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend: the card, where it stands ("tien-luong.yaml:12"), what, what to do."""

    card: str
    file: str
    problem: str
    advice: str
    kind: Kind = Kind.FAULT

    def __str__(self) -> str:
        return f"{self.file}: thẻ {self.card}: {self.problem}. {self.advice}."


def places(folder: Path) -> dict[str, str]:
    """Card id to where it stands in the folder's YAML files: "tien-luong.yaml:12"."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        for match in _ID.finditer(text):
            line = text.count("\n", 0, match.start(1)) + 1
            found.setdefault(match[1], f"{path.name}:{line}")
    return found
