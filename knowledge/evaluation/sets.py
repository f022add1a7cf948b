"""Question sets: one JSON object a line with a question and the clauses that answer it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.language.fold import fold

Place = tuple[str, str]
"""A law's number and an article."""


class SetUnreadable(Exception):
    """A line that is no question; the message names file and line."""


@dataclass(frozen=True)
class Question:
    """One question of a set.

    ``gold`` are the articles that answer it today, or on ``as_of`` where the question has a day.
    ``elsewhere``: it should be refused. Neither gold nor elsewhere: it is not scored.
    """

    id: str
    text: str
    gold: frozenset[Place]
    as_of: date | None
    elsewhere: bool

    def unmarked(self) -> Question:
        """The same typed without marks."""
        return replace(self, text=fold_keeping_case(self.text))


def fold_keeping_case(text: str) -> str:
    """The text without marks, its capitals kept."""
    folded = fold(text)
    if len(folded) != len(text):
        return folded
    return "".join(f.upper() if t.isupper() else f for f, t in zip(folded, text, strict=True))


def read(path: Path) -> list[Question]:
    """The questions of a file, those whose place is disputed left out. Raises SetUnreadable."""
    found = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SetUnreadable(
            f"{path}: không đọc được ({error}). Hãy chọn một tệp .jsonl."
        ) from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if "disputed" not in (row.get("style") or ""):
                found.append(_question(row))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SetUnreadable(
                f'{path}, dòng {number}: cần dạng {{"id", "question", "gold": [{{"law", '
                f'"article"}}]}} ({error!r})'
            ) from error
    return found


def _question(row: dict[str, Any]) -> Question:
    given = row.get("gold") or []
    gold = given if row.get("as_of") else row.get("gold_now", given)
    refused = "oos" in (row.get("style") or "") or row.get("behaviour") == "OOS"
    return Question(
        id=str(row["id"]),
        text=str(row["question"]),
        gold=frozenset((str(g["law"]), str(g["article"])) for g in gold if g.get("article")),
        as_of=date.fromisoformat(row["as_of"]) if row.get("as_of") else None,
        elsewhere=not given and refused,
    )
