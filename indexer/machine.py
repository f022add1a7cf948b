"""A statute as the machine interface prints it: ``caunoi index read FILE --json``."""

from __future__ import annotations

from typing import Any

from indexer.statute import Article, PointText, Statute


def as_json(statute: Statute) -> dict[str, Any]:
    """The statute in plain types; every word of an article stands in it exactly once.

    Points that stand right under an article, without a khoản, are given in one clause whose
    number is null; the words before them are the article's own text.
    """
    return {
        "number": statute.number,
        "title": statute.title,
        "consolidates": statute.consolidates,
        "articles": [_article(article) for article in statute.articles],
        "appendices": [
            {"title": appendix.title, "text": appendix.text} for appendix in statute.appendices
        ],
        "notes": [note.text for note in statute.notes],
        "closing": statute.closing,
        "warnings": list(statute.warnings),
    }


def _article(article: Article) -> dict[str, Any]:
    clauses: list[dict[str, Any]] = []
    if article.points:
        clauses.append({"number": None, "text": "", "points": _points(article.points)})
    clauses += [
        {"number": clause.number, "text": clause.text, "points": _points(clause.points)}
        for clause in article.clauses
    ]
    return {
        "number": article.number,
        "title": article.title,
        "text": article.text,
        "clauses": clauses,
    }


def _points(points: tuple[PointText, ...]) -> list[dict[str, str]]:
    return [{"number": point.number, "text": point.text} for point in points]
