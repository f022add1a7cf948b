"""The machine interface: one JSON object a line in and out, in order."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from knowledge.asking import Asking
from knowledge.compose import act_of


class BadLine(Exception):
    """A line that is no question; the message names it by number."""


def questions(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The questions on those lines, empty lines left out. Raises BadLine."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise TypeError("not an object")
            asked = {"id": row["id"], "question": str(row["question"])}
            if row.get("as_of"):
                asked["as_of"] = date.fromisoformat(str(row["as_of"]))
        except (ValueError, KeyError, TypeError) as error:
            raise BadLine(
                f'line {number}: expected {{"id", "question", "as_of"?: YYYY-MM-DD}} ({error!r})'
            ) from error
        yield asked


def search_line(asking: Asking, asked: dict[str, Any]) -> dict[str, Any]:
    """One answer of ``caunoi search --jsonl``."""
    found = asking.find(asked["question"], asked.get("as_of"))
    return {
        "act": act_of(found).value,
        "hits": [{**hit.ref.as_json(), "score": round(hit.score, 6)} for hit in found.hits],
    }


def ask_line(asking: Asking, asked: dict[str, Any]) -> dict[str, Any]:
    """One answer of ``caunoi ask --jsonl``."""
    answer = asking.answer(asked["question"], asked.get("as_of"))
    text = "\n".join(
        [answer.text, *(f"- {step}" for step in answer.steps), *filter(None, [answer.doubt])]
    )
    return {
        "act": answer.act.value,
        "text": text,
        "citations": [citation.ref.as_json() for citation in answer.citations],
        "as_of": answer.as_of.isoformat(),
    }


def answered(
    asking: Asking,
    lines: Iterable[str],
    one: Callable[[Asking, dict[str, Any]], dict[str, Any]],
) -> Iterator[str]:
    """Each question's line, with the milliseconds it took inside the process."""
    for asked in questions(lines):
        start = time.perf_counter()
        row = one(asking, asked)
        spent = (time.perf_counter() - start) * 1000
        yield json.dumps({"id": asked["id"], **row, "ms": round(spent, 2)}, ensure_ascii=False)
