"""JSON scraped from a portal, in several shapes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from indexer.lines import SourceError
from indexer.sources.portal_json import read_portal_json
from indexer.structure import parse

ARTICLES = [
    {"number": "Điều 1", "heading": "Ong", "body": "Lời ong.\nMục 1\nTỔ ONG"},
    {"number": "Điều 2", "heading": "Tổ", "body": "1. Một:\na) Gỗ;\nb) Rơm.\n2. Hai."},
]


def write(tmp_path: Path, data: Any) -> Path:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return path


def test_articles_under_chapters(tmp_path: Path) -> None:
    data = {
        "id": "5/2031/QH19",
        "sourceUrl": "https://vi.du/1",
        "chapters": [{"title": "CHƯƠNG I", "subtitle": "CHUNG", "articles": ARTICLES}],
    }
    statute = parse(read_portal_json(write(tmp_path, data)))
    assert statute.number == "5/2031/QH19"
    assert [a.title for a in statute.articles] == ["Ong", "Tổ"]
    assert statute.articles[0].text == "Lời ong."
    assert statute.articles[1].headings == ("CHƯƠNG I. CHUNG", "Mục 1. TỔ ONG")
    assert [c.number for c in statute.articles[1].clauses] == ["1", "2"]


def test_articles_in_a_plain_list(tmp_path: Path) -> None:
    data = {"so_hieu": "5/2031/QH19", "title": "Luật Nuôi ong", "dieu": ARTICLES}
    statute = parse(read_portal_json(write(tmp_path, data)))
    assert statute.title == "Luật Nuôi ong"
    assert [a.number for a in statute.articles] == ["1", "2"]


@pytest.mark.parametrize("tagged", [True, False])
def test_one_field_of_html_or_text(tmp_path: Path, tagged: bool) -> None:
    words = ["QUỐC HỘI", "Luật số: 5/2031/QH19", "LUẬT", "NUÔI ONG"]
    words += ["Điều 1. Ong", "Lời ong.", "Điều 2. Tổ", "1. Một.", "2. Hai."]
    body = "".join(f"<p>{word}</p>" for word in words) if tagged else "\n".join(words)
    data = {"data": {"meta": "Điều 1 nói gì?", "noiDung": body}}
    statute = parse(read_portal_json(write(tmp_path, data)))
    assert statute.number == "5/2031/QH19"
    assert [c.text for c in statute.articles[1].clauses] == ["Một.", "Hai."]


@pytest.mark.parametrize("raw", ['{"a": [1, 2', "[]", '{"a": "không có gì"}', '"ong"', "12"])
def test_broken_json_or_no_law(tmp_path: Path, raw: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(raw, encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read_portal_json(path)
    assert "Hãy" in caught.value.advice
