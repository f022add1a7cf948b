"""The JSON of one statute: the agreed fields, every word once."""

from __future__ import annotations

import json

from indexer.lines import Line, Role
from indexer.machine import as_json
from indexer.statute import Appendix, Article, ClauseText, PointText, Statute


def test_fields_and_every_word_once() -> None:
    statute = Statute(
        name="a.docx",
        number="5/2031/QH19",
        title="Luật Nuôi ong",
        articles=(
            Article(
                "12a",
                "Ong",
                "lời-một",
                (ClauseText("1", "lời-hai", (PointText("đ", "lời-ba"),)),),
            ),
            Article("13", "Tổ", "lời-bốn", points=(PointText("a", "lời-năm"),)),
        ),
        appendices=(Appendix("PHỤ LỤC", "lời-sáu"),),
        notes=(Line("[1] lời-bảy", "chú thích 1", Role.NOTE),),
    )
    data = as_json(statute)
    assert (data["number"], data["title"]) == ("5/2031/QH19", "Luật Nuôi ong")
    first, second = data["articles"]
    assert first["number"] == "12a"
    assert first["clauses"] == [
        {"number": "1", "text": "lời-hai", "points": [{"number": "đ", "text": "lời-ba"}]}
    ]
    assert second["text"] == "lời-bốn"
    assert second["clauses"] == [
        {"number": None, "text": "", "points": [{"number": "a", "text": "lời-năm"}]}
    ]
    assert data["appendices"] == [{"title": "PHỤ LỤC", "text": "lời-sáu"}]
    assert data["notes"] == ["[1] lời-bảy"]
    written = json.dumps(data, ensure_ascii=False)
    for word in ("một", "hai", "ba", "bốn", "năm", "sáu", "bảy"):
        assert written.count(f"lời-{word}") == 1
