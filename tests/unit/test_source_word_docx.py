"""Word .docx: what Word shows is what is read."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from indexer.lines import Role, SourceError
from indexer.sources.word_docx import read_docx
from tests.unit.made_word import (
    SPACE,
    container,
    levels,
    numbered,
    paragraph,
    word_97,
    write_docx,
)

ARTICLES = [("decimal", "Điều %1."), ("decimal", "%2."), ("lowerLetter", "%3)")]
BOLD = "<w:b/>"


def numbering(*lists: str, shapes: list[tuple[str, str]] | None = None) -> dict[str, str]:
    nums = "".join(lists) or '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    return {
        "numbering.xml": f'<w:numbering {SPACE}><w:abstractNum w:abstractNumId="0">'
        f"{levels(shapes or ARTICLES)}</w:abstractNum>{nums}</w:numbering>"
    }


def texts(path: Path) -> list[str]:
    return [line.text for line in read_docx(path).lines]


def test_numbers_made_by_word_count_and_restart(tmp_path: Path) -> None:
    body = (
        numbered("Ong", 1)
        + numbered("Chúa", 1, 1)
        + numbered("Thợ", 1, 1)
        + numbered("Non", 1, 2)
        + numbered("Già", 1, 2)
        + numbered("Tổ", 1)
        + numbered("Gỗ", 1, 1)
        + paragraph("Lời thường")
    )
    assert texts(write_docx(tmp_path / "a.docx", body, numbering())) == [
        "Điều 1. Ong", "1. Chúa", "2. Thợ", "a) Non", "b) Già",
        "Điều 2. Tổ", "1. Gỗ", "Lời thường",
    ]  # fmt: skip


def test_a_second_list_goes_on_unless_it_overrides_the_start(tmp_path: Path) -> None:
    lists = (
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/></w:num>'
        '<w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0">'
        '<w:startOverride w:val="9"/></w:lvlOverride></w:num>'
    )
    body = "".join(numbered("X", at) for at in (1, 2, 3, 3))
    assert texts(write_docx(tmp_path / "a.docx", body, numbering(lists))) == [
        "Điều 1. X",
        "Điều 2. X",
        "Điều 9. X",
        "Điều 10. X",
    ]


def test_numbering_through_a_style_and_its_base(tmp_path: Path) -> None:
    parts = numbering(shapes=[("upperRoman", "Chương %1"), ("lowerLetter", "%2)")])
    parts["styles.xml"] = (
        f'<w:styles {SPACE}><w:style w:type="paragraph" w:styleId="goc"><w:pPr><w:numPr>'
        '<w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="con"><w:basedOn w:val="goc"/></w:style></w:styles>'
    )
    style = '<w:pStyle w:val="con"/>'
    off = f'{style}<w:numPr><w:numId w:val="0"/></w:numPr>'
    body = numbered("ONG", 1) + paragraph("Chúa", style) + paragraph("Thợ", style)
    body += paragraph("Không số", off)
    assert texts(write_docx(tmp_path / "a.docx", body, parts)) == [
        "Chương I ONG",
        "a) Chúa",
        "b) Thợ",
        "Không số",
    ]


def test_a_heading_that_dropped_out_of_the_numbering_is_mended(tmp_path: Path) -> None:
    def article(title: str, number: bool = True) -> str:
        heading = numbered(title, 1, 0, BOLD) if number else paragraph(title, "", BOLD)
        return heading + paragraph("1. Một.") + paragraph("2. Hai.")

    body = article("Ong") + article("Tổ", False) + article("Hoa") + article("Mật")
    source = read_docx(write_docx(tmp_path / "a.docx", body, numbering()))
    heads = [line.text for line in source.lines if line.text.startswith("Điều")]
    assert heads == ["Điều 1. Ong", "Điều 2. Tổ", "Điều 3. Hoa", "Điều 4. Mật"]
    assert len(source.warnings) == 1
    assert "Tổ" in source.warnings[0]


def test_a_bold_line_without_such_evidence_is_left_alone(tmp_path: Path) -> None:
    body = "".join(numbered(t, 1, 0, BOLD) + paragraph("1. Một.") for t in ("A", "B", "C"))
    body = body.replace("1. Một.</w:t></w:r></w:p>", "1. Một.</w:t></w:r></w:p>", 1)
    body = numbered("Ong", 1, 0, BOLD) + paragraph("Lưu ý", "", BOLD) + paragraph("Lời") + body
    source = read_docx(write_docx(tmp_path / "a.docx", body, numbering()))
    assert "Lưu ý" in [line.text for line in source.lines]
    assert source.warnings == ()


def test_footnotes_are_notes_and_leave_no_mark(tmp_path: Path) -> None:
    body = (
        '<w:p><w:r><w:t>Ong</w:t></w:r><w:r><w:footnoteReference w:id="7"/></w:r>'
        "<w:r><w:t> bay</w:t></w:r></w:p>"
    )
    notes = (
        f'<w:footnotes {SPACE}><w:footnote w:type="separator" w:id="0"><w:p/></w:footnote>'
        f'<w:footnote w:id="7">{paragraph("Sửa năm sau.")}</w:footnote></w:footnotes>'
    )
    source = read_docx(write_docx(tmp_path / "a.docx", body, {"footnotes.xml": notes}))
    assert [line.text for line in source.lines] == ["Ong bay"]
    assert [(n.text, n.role) for n in source.notes] == [("[1] Sửa năm sau.", Role.NOTE)]


def test_tables_in_reading_order_with_merged_cells_once(tmp_path: Path) -> None:
    def cell(text: str, properties: str = "") -> str:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}</w:tc>"

    rows = (
        "<w:tr>" + cell("Vùng", '<w:vMerge w:val="restart"/>') + cell("Phí") + "</w:tr>"
        "<w:tr>" + cell("Vùng", "<w:vMerge/>") + cell("10") + "</w:tr>"
        "<w:tr>" + cell("Cả hai", '<w:gridSpan w:val="2"/>') + "</w:tr>"
    )
    body = paragraph("Trước") + f"<w:tbl>{rows}</w:tbl>" + paragraph("Sau")
    source = read_docx(write_docx(tmp_path / "a.docx", body))
    assert [(line.text, line.role) for line in source.lines] == [
        ("Trước", Role.BODY),
        ("| Vùng | Phí |", Role.TABLE),
        ("| 10 |", Role.TABLE),
        ("| Cả hai |", Role.TABLE),
        ("Sau", Role.BODY),
    ]


def test_a_table_that_only_places_the_text_is_read_as_text(tmp_path: Path) -> None:
    inner = paragraph("Điều 1. Ong") + paragraph("1. Một.")
    body = f"<w:tbl><w:tr><w:tc>{inner}</w:tc></w:tr></w:tbl>"
    source = read_docx(write_docx(tmp_path / "a.docx", body))
    assert [(line.text, line.role) for line in source.lines] == [
        ("Điều 1. Ong", Role.BODY),
        ("1. Một.", Role.BODY),
    ]


def test_tracked_changes_hidden_text_links_breaks_and_raised_digits(tmp_path: Path) -> None:
    body = (
        "<w:p><w:del><w:r><w:delText>cũ</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>mới</w:t></w:r></w:ins>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>ẩn</w:t></w:r>"
        "<w:hyperlink><w:r><w:t> nối</w:t></w:r></w:hyperlink>"
        "<w:r><w:br/><w:t>dòng hai 5 m</w:t></w:r>"
        '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>2</w:t></w:r>'
        "<w:r><w:t> đất</w:t></w:r>"
        '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>3</w:t></w:r></w:p>'
        "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:moveFrom><w:r><w:t>đi</w:t></w:r>"
        "</w:moveFrom></w:p>"
    )
    assert texts(write_docx(tmp_path / "a.docx", body)) == ["mới nối", "dòng hai 5 m2 đất"]


def test_a_text_box_is_read_once_after_its_paragraph(tmp_path: Path) -> None:
    box = f"<w:txbxContent>{paragraph('Trong khung')}</w:txbxContent>"
    body = (
        '<w:p xmlns:mc="urn:mc"><w:r><w:t>Ngoài</w:t></w:r><w:r><mc:AlternateContent>'
        f"<mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )
    assert texts(write_docx(tmp_path / "a.docx", body)) == ["Ngoài", "Trong khung"]


def broken_zip(path: Path) -> None:
    write_docx(path, paragraph("Ong " * 3000))
    path.write_bytes(path.read_bytes()[:300])


def bad_xml(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("word/document.xml", "<w:document><w:body>")


def other_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("anh.txt", "ong")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda p: p.write_bytes(b""), "Tệp rỗng"),
        (broken_zip, "hỏng hoặc tải chưa xong"),
        (bad_xml, "bị hỏng"),
        (other_zip, "không phải Word .docx"),
        (lambda p: p.write_bytes(container({"EncryptedPackage": b"x"})), "mật khẩu"),
        (lambda p: p.write_bytes(word_97("Ong\r")), "Word 97-2003"),
        (lambda p: p.write_bytes(b"%PDF-1.7 ong"), "PDF"),
        (lambda p: p.write_bytes(b"{\\rtf1 ong}"), "RTF"),
        (lambda p: p.write_bytes(b"<html><body>ong</body></html>"), "HTML"),
        (lambda p: p.write_bytes(b"\x00\x01\x02ong"), "không rõ"),
        (lambda p: write_docx(p, "<w:p/>"), "không có chữ nào"),
    ],
)
def test_what_is_no_readable_docx_is_refused_with_advice(
    tmp_path: Path, make: object, said: str
) -> None:
    path = tmp_path / "tệp.docx"
    make(path)  # type: ignore[operator]
    with pytest.raises(SourceError, match=said) as caught:
        read_docx(path)
    assert caught.value.name == "tệp.docx"
    assert "Hãy" in caught.value.advice or "hãy" in caught.value.advice


def test_a_package_that_unpacks_to_something_huge_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bom.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b" " * (100 * 1024 * 1024))
    with pytest.raises(SourceError, match="quá"):
        read_docx(path)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="Không mở được"):
        read_docx(tmp_path / "không có.docx")
