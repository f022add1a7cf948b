"""Whole articles, made of the clause wordings in force together: what search ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from knowledge.clause import Clause


@dataclass(frozen=True)
class ArticleSpan:
    """One article over a span of days in which its wording did not change.

    ``rows`` are the places of its clauses in the list they were grouped from.
    """

    law: str
    article: str
    title: str
    headings: tuple[str, ...]
    since: date
    until: date | None
    rows: tuple[int, ...]

    def text(self, clauses: Sequence[Clause]) -> str:
        """Title and clauses as one text."""
        return "\n".join([self.title, *(clauses[row].full_text for row in self.rows)])


def group(clauses: Sequence[Clause]) -> list[ArticleSpan]:
    """The articles that a list of dated clauses makes up, in the list's order."""
    places: dict[tuple[str, str], list[int]] = {}
    for row, clause in enumerate(clauses):
        places.setdefault((clause.ref.law, clause.ref.article or ""), []).append(row)
    spans: list[ArticleSpan] = []
    for (law, article), rows in places.items():
        starts = sorted(
            {clauses[row].valid_from for row in rows}
            | {end + timedelta(days=1) for row in rows if (end := clauses[row].valid_until)}
        )
        for start, following in zip(starts, [*starts[1:], None], strict=True):
            held = tuple(row for row in rows if clauses[row].in_force(start))
            if held:
                first = clauses[held[0]]
                until = following - timedelta(days=1) if following else None
                spans.append(
                    ArticleSpan(
                        law, article, first.article_title, first.headings, start, until, held
                    )
                )
    return spans
