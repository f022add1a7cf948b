"""Plain text and Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.lines import Role, SourceError
from indexer.sources.plain import read_plain


def lines(tmp_path: Path, text: str, name: str = "a.md") -> list[str]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return [line.text for line in read_plain(path).lines]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Điều 1. Ong\r\n\r\nbay\u200b cao\u00a0!\r\n".encode(encoding))
    source = read_plain(path)
    assert [(line.text, line.place) for line in source.lines] == [
        ("Điều 1. Ong", "dòng 1"),
        ("bay cao !", "dòng 3"),
    ]


def test_letters_in_parts_are_put_together(tmp_path: Path) -> None:
    assert lines(tmp_path, "Đie\u0302\u0300u 1. Ong", "a.txt") == ["Điều 1. Ong"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "không có chữ nào"),
        (b" \n\n", "không có chữ nào"),
        (
            "Điều 1. Người nuôi ong".encode("cp1258", "replace") + b"\xd0i\xeau",
            "không dùng mã UTF-8",
        ),
        (bytes(range(256)) * 4, "không dùng mã UTF-8"),
        (b"\x01\x02\x03\x04ong" * 50, "không phải văn bản đọc được"),
    ],
)
def test_what_is_no_readable_text_is_refused_with_advice(
    tmp_path: Path, raw: bytes, said: str
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(raw)
    with pytest.raises(SourceError, match=said) as caught:
        read_plain(path)
    assert "Hãy" in caught.value.advice


def test_markdown_marks_go_and_words_stay(tmp_path: Path) -> None:
    text = """---
title: "Luật"
so_hieu: "5/2031/QH19"
---
# LUẬT

**Điều 1****. ****Ph****ạm vi**

> *Ong* bay \\* cao, 3 * 4 = 12; x\\.

* mục một
[Hoa](https://vi.du/hoa) nở[^1]<br>hết<sup>2</sup> 5 m<sup>2</sup>.

[^1]: chú thích
"""
    path = tmp_path / "a.md"
    path.write_text(text, encoding="utf-8")
    source = read_plain(path)
    assert source.number == "5/2031/QH19"
    assert [line.text for line in source.lines] == [
        "LUẬT",
        "Điều 1. Phạm vi",
        "Ong bay * cao, 3 * 4 = 12; x.",
        "- mục một",
        "Hoa nở",
        "hết 5 m2.",
        "[1] chú thích",
    ]


def test_tables_of_both_kinds(tmp_path: Path) -> None:
    text = "| Vùng | Phí |\n|---|---|\n| I | 10 |\n\nMột | Hai |\nSố: 5/2031/QH19 |\n|\n"
    path = tmp_path / "a.md"
    path.write_text(text, encoding="utf-8")
    assert [(line.text, line.role) for line in read_plain(path).lines] == [
        ("| Vùng | Phí |", Role.TABLE),
        ("| I | 10 |", Role.TABLE),
        ("| Một | Hai |", Role.TABLE),
        ("Số: 5/2031/QH19", Role.BODY),
    ]


def test_sentences_broken_over_lines_are_put_together(tmp_path: Path) -> None:
    text = "1. Người nuôi ong\nphải ghi sổ;\na) sổ một\nb) sổ hai\n\nhết\nChương I\nong"
    assert lines(tmp_path, text, "a.txt") == [
        "1. Người nuôi ong phải ghi sổ;",
        "a) sổ một",
        "b) sổ hai",
        "hết",
        "Chương I ong",
    ]
