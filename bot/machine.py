"""The machine interface: one JSON object a line in and out, in order."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from knowledge.asking import Asking
from knowledge.deciding import act_of


class BadLine(Exception):
    """A line that is no question; the message names it by number."""


def questions(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The questions on those lines, empty lines left out. Raises BadLine."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            if not _is_text(line):
                raise ValueError("không phải UTF-8")
            row = json.loads(line)
            if not isinstance(row, dict):
                raise TypeError("not an object")
            if not isinstance(row["question"], str):
                raise TypeError("the question is not text")
            asked = {"id": row["id"], "question": row["question"]}
            if row.get("as_of"):
                asked["as_of"] = date.fromisoformat(str(row["as_of"]))
        except (ValueError, KeyError, TypeError) as error:
            raise BadLine(
                f'dòng {number}: cần dạng {{"id", "question", "as_of"?: YYYY-MM-DD}} ({error!r})'
            ) from error
        yield asked


def _is_text(line: str) -> bool:
    """Whether all of it could be decoded: bytes that could not come in as lone surrogates."""
    return not any("\ud800" <= char <= "\udfff" for char in line)


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
    as_of: date | None = None,
) -> Iterator[str]:
    """Each question's line, with the milliseconds it took inside the process, after loading.

    ``as_of`` holds for the lines that give no day of their own.
    """
    asking.open()
    for asked in questions(lines):
        if as_of:
            asked.setdefault("as_of", as_of)
        start = time.perf_counter()
        row = one(asking, asked)
        spent = (time.perf_counter() - start) * 1000
        line = json.dumps({"id": asked["id"], **row, "ms": round(spent, 2)}, ensure_ascii=False)
        # Half a character in an id goes out as it came in, as an escape.
        yield line.encode("utf-8", "backslashreplace").decode("utf-8")
