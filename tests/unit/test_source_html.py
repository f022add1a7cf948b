"""Saved web pages: the right block, its lines in order, lists, tables, notes, character sets."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.lines import Role, SourceError, SourceText
from indexer.sources import read
from indexer.structure import StructureError, parse

HEAD = (
    "<table><tr><td><p><b>QUỐC HỘI<br>-------</b></p></td>"
    "<td><p>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM<br>Độc lập - Tự do - Hạnh phúc</p></td></tr>"
    "<tr><td><p>Luật số: 99/2031/QH17</p></td><td><p>ngày 01 tháng 6 năm 2031</p></td></tr></table>"
    "<p>LUẬT VƯỜN CHUNG</p><p>Quốc hội ban hành Luật Vườn chung.</p>"
)
BODY = (
    "<p>Điều 1. Đất vườn</p><p>Đất vườn là của mọi người trồng cây.</p>"
    "<p>Điều 2. Nước tưới</p><p>1. Ai cũng được lấy nước.</p><p>2. Không ai được khóa giếng.</p>"
    "<p>Điều 3. Dụng cụ</p><p>Dụng cụ để ở kho chung.</p>"
)
LAW = HEAD + BODY
WORDS = [
    "Điều 1. Đất vườn",
    "Đất vườn là của mọi người trồng cây.",
    "Điều 2. Nước tưới",
    "1. Ai cũng được lấy nước.",
    "2. Không ai được khóa giếng.",
    "Điều 3. Dụng cụ",
    "Dụng cụ để ở kho chung.",
]


def page(body: str, head: str = '<meta charset="utf-8">') -> str:
    return f"<!DOCTYPE html><html><head>{head}<title>Vườn</title></head><body>{body}</body></html>"


def read_page(tmp_path: Path, text: str | bytes, name: str = "trang.html") -> SourceText:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    (source,) = read(path)
    return source


def texts(source: SourceText) -> list[str]:
    return [line.text for line in source.lines]


def from_article_1(source: SourceText) -> list[str]:
    found = texts(source)
    return found[found.index("Điều 1. Đất vườn") :]


FURNITURE = {
    "menu and footer": (
        "<div class='menu'><ul><li>Trang chủ</li><li>Điều khoản sử dụng</li></ul></div>"
        f"<div id='toanvancontent'>{LAW}</div><div class='footer'>Bản quyền của cổng</div>"
    ),
    "table of contents": (
        "<div class='mucluc'><p><a href='#d1'>Điều 1. Đất vườn</a></p>"
        "<p><a href='#d2'>Điều 2. Nước tưới</a></p><p><a href='#d3'>Điều 3. Dụng cụ</a></p></div>"
        f"<div class='fulltext'>{LAW}</div>"
    ),
    "translation beside it": (
        f"<div class='vi'>{LAW}</div><div class='en'>"
        + "".join(f"<p>Article {n}. " + "garden " * 200 + "</p>" for n in range(1, 4))
        + "</div>"
    ),
    "comments that quote it": (
        f"<div class='content'>{LAW}</div><div class='box'><p>Bạn đọc hỏi</p>"
        "<p>Điều 2. có cho tưới đêm không?</p><p>Điều 77. nói gì?</p></div>"
    ),
    "page made of tables": (
        "<form><table><tr><td>Menu</td></tr><tr><td><table><tr><td>Tin mới</td>"
        f"<td><div>{LAW}</div></td></tr></table></td></tr></table></form>"
    ),
    "head in a block of its own": (
        f"<div><div class='dau'>{HEAD}</div><div class='than'>{BODY}</div></div>"
        "<div class='ben'>Văn bản khác: Luật số: 11/2030/QH17</div>"
    ),
    "advertisement and scripts inside": (
        f"<div>{HEAD}<script>var a='Điều 9. Không có';</script>"
        + BODY.replace("<p>2. Không", "<div class='ads'>Mua hạt giống</div><p>2. Không")
        + "<style>p{color:red}</style><!-- Điều 8. Ẩn --></div>"
    ),
    "hidden words": LAW.replace("<p>Dụng cụ để", "<p style='display:none'>ẩn đi</p><p>Dụng cụ để"),
    "the law in a hidden tab": f"<div>Tóm tắt</div><div style='display: none'>{LAW}</div>",
}


@pytest.mark.parametrize("body", FURNITURE.values(), ids=FURNITURE.keys())
def test_only_the_law_is_read(tmp_path: Path, body: str) -> None:
    source = read_page(tmp_path, page(body))
    assert from_article_1(source) == WORDS
    statute = parse(source)
    assert statute.number == "99/2031/QH17"
    assert len(statute.articles) == 3


def test_appendix_in_a_block_of_its_own_is_kept(tmp_path: Path) -> None:
    body = (
        f"<div id='toan-van'><div>{LAW}</div><div><p>PHỤ LỤC I</p><p>Danh sách giếng</p></div>"
        "</div><div class='footer'>Bản quyền</div>"
    )
    assert texts(read_page(tmp_path, page(body)))[-2:] == ["PHỤ LỤC I", "Danh sách giếng"]


SOURCES = {
    "utf-8 without a declaration": page(LAW, head="").encode(),
    "utf-8 with a mark": page(LAW).encode("utf-8-sig"),
    "utf-16 with a mark": page(LAW, head="").encode("utf-16"),
    "utf-8 under an old declaration": page(LAW, head='<meta charset="windows-1258">').encode(),
}


@pytest.mark.parametrize("data", SOURCES.values(), ids=SOURCES.keys())
def test_character_sets(tmp_path: Path, data: bytes) -> None:
    assert from_article_1(read_page(tmp_path, data)) == WORDS


def test_windows_1258_from_old_word(tmp_path: Path) -> None:
    head = '<meta http-equiv=Content-Type content="text/html; charset=windows-1258">'
    assert from_article_1(read_page(tmp_path, _cp1258(page(LAW, head)))) == WORDS


def _cp1258(text: str) -> bytes:
    """As Word writes it: base letter, then the tone as a combining mark."""
    import unicodedata

    data = b""
    for letter in text:
        try:
            data += letter.encode("cp1258")
            continue
        except UnicodeEncodeError:
            pass
        base = "".join(c for c in unicodedata.normalize("NFD", letter))
        tones = "\u0300\u0301\u0303\u0309\u0323"
        tone = "".join(c for c in base if c in tones)
        rest = unicodedata.normalize("NFC", "".join(c for c in base if c not in tones))
        data += rest.encode("cp1258") + tone.encode("cp1258")
    return data


def test_web_archive_of_one_file(tmp_path: Path) -> None:
    archive = (
        "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n"
        "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        f"{page(LAW)}\r\n--b--\r\n"
    )
    assert from_article_1(read_page(tmp_path, archive, "trang.mht")) == WORDS


def test_lists_keep_the_numbers_a_browser_shows(tmp_path: Path) -> None:
    body = HEAD + (
        "<p>Điều 1. Việc cần làm</p><ol><li>Nhổ cỏ</li><li>Tưới cây, gồm:"
        "<ol type='a'><li>tưới sáng;</li><li>tưới chiều.</li></ol></li></ol>"
        "<ol start='3'><li><p>Gom lá</p></li><li>4. Ủ phân</li></ol><ul><li>xẻng</li></ul>"
    )
    found = texts(read_page(tmp_path, page(body)))
    assert found[found.index("Điều 1. Việc cần làm") + 1 :] == [
        "1. Nhổ cỏ",
        "2. Tưới cây, gồm:",
        "a) tưới sáng;",
        "b) tưới chiều.",
        "3. Gom lá",
        "4. Ủ phân",
        "- xẻng",
    ]


def test_tables_become_rows(tmp_path: Path) -> None:
    body = LAW + (
        "<p>Điều 4. Chia lô</p><table border=1><tr><th>Lô</th><th>Người trồng</th></tr>"
        "<tr><td>A</td><td><p>tổ 1</p><p>tổ 2</p></td></tr><tr><td></td><td></td></tr></table>"
    )
    source = read_page(tmp_path, page(body))
    rows = [line.text for line in source.lines if line.role is Role.TABLE]
    assert rows == ["| Lô | Người trồng |", "| A | tổ 1 tổ 2 |"]


NOTED = {
    "Word": (
        "<p>Đất vườn<a href='#_ftn1' name='_ftnref1'><span>[1]</span></a> là của chung.</p>",
        "<div id='ftn1'><p><a href='#_ftnref1' name='_ftn1'>[1]</a> "
        "Điều 9. được sửa đổi.</p></div>",
    ),
    "portal": (
        "<p>Đất vườn<sup><a id='r1' href='#n1'>1</a></sup> là của chung.</p>",
        "<ol><li id='n1'>Điều 9. được sửa đổi. <a href='#r1'>↩</a></li></ol>",
    ),
    "plain": (
        "<p>Đất vườn[1] là của chung.</p>",
        "<p>[1] Điều 9. được sửa đổi.</p>",
    ),
    "raised": (
        "<p>Đất vườn<sup>1</sup> là của chung.</p>",
        "<p><sup>1</sup> Điều 9. được sửa đổi.</p>",
    ),
}


@pytest.mark.parametrize(("reference", "note"), NOTED.values(), ids=NOTED.keys())
def test_notes_are_kept_apart(tmp_path: Path, reference: str, note: str) -> None:
    law = LAW.replace("<p>Đất vườn là của mọi người trồng cây.</p>", reference)
    source = read_page(tmp_path, page(law + note))
    assert "Đất vườn là của chung." in texts(source)
    assert texts(source)[-1] == WORDS[-1]
    assert [line.text for line in source.notes] == ["[1] Điều 9. được sửa đổi."]


def test_raised_digits_that_are_no_notes_stay(tmp_path: Path) -> None:
    law = LAW.replace("Đất vườn là", "Mỗi lô 40 m<sup>2</sup> là")
    assert "Mỗi lô 40 m2 là của mọi người trồng cây." in texts(read_page(tmp_path, page(law)))


def test_unread_pictures_are_said(tmp_path: Path) -> None:
    law = LAW.replace("kho chung.</p>", "kho chung.</p><p><img src='x/congthuc.png'></p>")
    assert "congthuc.png" in "".join(read_page(tmp_path, page(law)).warnings)


NO_LAW = {
    "empty": ("<html><body></body></html>", "không có chữ"),
    "login": ("<html><body><form><input type='password'>Tên</form></body></html>", "đăng nhập"),
    "search results": (
        "<html><body><p>Kết quả: Điều 3 Luật A; Điều 4 Luật B; Điều 5 Luật C</p></body></html>",
        "tìm kiếm",
    ),
    "old font": (
        "<html><body><p style='font-family:.VnTime'>§iÒu 1. §Êt</p></body></html>",
        "TCVN3",
    ),
}


@pytest.mark.parametrize(("text", "said"), NO_LAW.values(), ids=NO_LAW.keys())
def test_pages_without_a_law_are_refused_with_advice(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_page(tmp_path, text)
    assert said in str(caught.value)
    assert ".docx" in caught.value.advice


def test_question_page_that_quotes_an_article_is_no_law(tmp_path: Path) -> None:
    body = (
        "<h1>Người trồng cây có được khóa giếng?</h1><p>Theo Luật Vườn chung:</p>"
        "<p>Điều 2. Nước tưới</p><p>Không ai được khóa giếng.</p><p>Như vậy là không.</p>"
    )
    with pytest.raises((SourceError, StructureError)):
        parse(read_page(tmp_path, page(body)))


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("bang.xlsx", None, "Excel"),
        ("anh.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 50, "loại tệp"),
        ("rong.html", b"   ", "rỗng"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, name: str, data: bytes | None, said: str) -> None:
    path = tmp_path / name
    if data is None:
        import zipfile

        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("[Content_Types].xml", "<Types/>")
            archive.writestr("xl/workbook.xml", "<workbook/>")
    else:
        path.write_bytes(data)
    with pytest.raises(SourceError) as caught:
        read(path)
    assert said in str(caught.value)


def test_folder_and_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="thư mục"):
        read(tmp_path)
    with pytest.raises(SourceError, match="đường dẫn"):
        read(tmp_path / "khong-co.html")
