"""Every official file named by LAW_SOURCES against its checked plain text.

The figures are those of docs/sources.md, where each difference has its reason.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import pytest

from indexer.conformance import Row, as_markdown, compare

pytestmark = pytest.mark.laws

REFUSED = {"293-2025-ND-CP.signed-scan.pdf": "bản quét", "QA-sample.doan-phi-QD61.md": "không phải"}

#: Articles in which the file itself, not its reading, differs from the plain text.
DIFFERING = {
    ("125-VBHN-VPQH-2025.pdf", "125/VBHN-VPQH"): ("42", "154", "185"),
    ("158-2025-ND-CP.portal-trafilatura.md", "158/2025/NĐ-CP"): ("17", "23", "43"),
    ("18-VBHN-VPQH-2026.congbao.docx", "18/VBHN-VPQH"): ("42",),
    ("74-2025-QH15.portal-trafilatura.md", "74/2025/QH15"): ("53",),
    ("84-2015-QH13.vbpl.json", "84/2015/QH13"): ("87", "88"),
    ("phapdien-20.2-LaoDong.2026-01.html", "135/2020/NĐ-CP"): ("4", "5"),
    ("phapdien-20.2-LaoDong.2026-01.html", "145/2020/NĐ-CP"): tuple(
        ["4", "27", "31", "56", "57", "60", "66", "67", "89", "93", "114"]
    ),
    ("phapdien-20.2-LaoDong.2026-01.html", "152/2020/NĐ-CP"): tuple(
        ["3", "4", "5", "6", "7", "8", "9", "11", "12", "13", "17", "22", "23", "27", "30"]
    ),
}
#: Articles of a decree that an export of the codification does not hold.
ABSENT = {
    ("phapdien-20.5-ATVSLD.2026-01.html", "39/2016/NĐ-CP"): 44,
    ("phapdien-20.5-ATVSLD.2026-01.html", "44/2016/NĐ-CP"): 42,
    ("phapdien-20.5-ATVSLD.2026-01.html", "88/2020/NĐ-CP"): 41,
}
#: Two clean-ups of one OCR: they differ from the merged text almost everywhere.
OCR = {"283-2026-ND-CP.ocr-1.md", "283-2026-ND-CP.ocr-2.md"}
#: Texts with clauses officially repealed, or recognised by machine: strict reading stops there.
DOES_NOT_ADD_UP = {
    *((file, "283/2026/NĐ-CP") for file in OCR),
    ("phapdien-20.2-LaoDong.2026-01.html", "152/2020/NĐ-CP"),
    ("phapdien-20.5-ATVSLD.2023-12.html", "44/2016/NĐ-CP"),
    *ABSENT,
}


@lru_cache(maxsize=1)
def rows() -> tuple[Row, ...]:
    beside = Path(__file__).parents[3] / "shared" / "laws"
    named = os.environ.get("LAW_SOURCES") or str(beside)
    folders = [Path(name) for name in named.split(":") if (Path(name) / "raw").is_dir()]
    if not folders:
        pytest.skip("no official files: set LAW_SOURCES to folders that hold raw/ and text/")
    return tuple(compare(folders))


def test_what_is_no_readable_law_is_refused() -> None:
    refused = {row.file: row.refused for row in rows() if row.refused is not None}
    assert refused.keys() == REFUSED.keys()
    for file, said in REFUSED.items():
        assert said in (refused[file] or "")


def test_every_article_is_equal_or_differs_for_a_known_reason() -> None:
    found = [row for row in rows() if row.refused is None and row.file not in OCR]
    assert len(found) >= 35, as_markdown(found)
    for row in found:
        key = (row.file, row.document or "")
        assert row.differing == DIFFERING.get(key, ()), key
        assert len(row.absent) == ABSENT.get(key, 0), key


def test_both_clean_ups_of_the_ocr_hold_every_article() -> None:
    for row in rows():
        if row.file in OCR:
            assert row.articles == 68
            assert row.absent == ()


def test_numbering_adds_up_where_it_should() -> None:
    found = {(row.file, row.document) for row in rows() if not row.refused and not row.adds_up}
    assert found == DOES_NOT_ADD_UP


def test_the_table_has_a_line_for_each_row() -> None:
    assert len(as_markdown(rows()).splitlines()) == len(rows()) + 2
