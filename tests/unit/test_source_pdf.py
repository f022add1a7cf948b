"""PDF pages back to paragraphs: furniture, columns, notes, tables, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_pdf import MadePage, made_pdf, width, wrapped

from indexer.lines import Role, SourceError, SourceText
from indexer.sources import read
from indexer.structure import parse

LEFT, ROOM, LEADING = 80.0, 440.0, 16.0
SENTENCE = (
    "Người trồng cây xanh trong khu vườn chung tự chọn giống cây, tự chăm sóc cây của mình và "
    "chia sẻ dụng cụ với người trồng bên cạnh theo lịch đã ghi ở cổng vườn."
)


class Printed:
    """Sets paragraphs on pages as a word processor does."""

    def __init__(self, *, header: str | None = None, indent: float = 24.0) -> None:
        self.pages: list[MadePage] = []
        self.header = header
        self.indent = indent
        self.y = 0.0
        self.new_page()

    def new_page(self) -> MadePage:
        page = MadePage()
        number = len(self.pages) + 1
        if self.header:
            left, right = (f"{number} ", "") if number % 2 else ("", f" {number}")
            page.text(LEFT, 780, f"{left}{self.header}{right}")
        else:
            page.text(295, 780, str(number))
        self.pages.append(page)
        self.y = 740
        return page

    def paragraph(self, words: str, size: float = 12.0) -> None:
        for at, row in enumerate(wrapped(words, ROOM, size, self.indent)):
            if self.y < 90:
                self.new_page()
            self.pages[-1].text(LEFT + (self.indent if at == 0 else 0), self.y, row, size)
            self.y -= LEADING
        self.y -= 4

    def centred(self, words: str) -> None:
        self.pages[-1].text(300 - width(words) / 2, self.y, words)
        self.y -= LEADING + 4

    def law(self, articles: int = 6, clauses: int = 3) -> Printed:
        self.centred("QUỐC HỘI")
        self.paragraph("Luật số: 99/2031/QH17")
        self.centred("LUẬT VƯỜN CHUNG")
        self.paragraph("Quốc hội ban hành Luật Vườn chung.")
        for article in range(1, articles + 1):
            self.paragraph(f"Điều {article}. Quy tắc thứ {article} của vườn chung")
            for clause in range(1, clauses + 1):
                self.paragraph(f"{clause}. {SENTENCE}")
        return self


def read_pages(tmp_path: Path, pages: list[MadePage]) -> SourceText:
    path = tmp_path / "vuon-chung.pdf"
    path.write_bytes(made_pdf(pages))
    (source,) = read(path)
    return source


def test_wrapped_rows_become_paragraphs_over_pages(tmp_path: Path) -> None:
    printed = Printed().law(articles=12)
    assert len(printed.pages) > 2
    source = read_pages(tmp_path, printed.pages)
    statute = parse(source)
    assert [article.number for article in statute.articles] == [str(n) for n in range(1, 13)]
    assert statute.number == "99/2031/QH17"
    for article in statute.articles:
        assert [clause.text for clause in article.clauses] == [SENTENCE] * 3


def test_text_without_indents_is_joined_by_full_rows(tmp_path: Path) -> None:
    source = read_pages(tmp_path, Printed(indent=0.0).law(articles=5).pages)
    assert [line.text for line in source.lines].count(f"2. {SENTENCE}") == 5


@pytest.mark.parametrize("header", [None, "CÔNG BÁO/Số 77 + 78/Ngày 30-8-2031"])
def test_running_headers_and_page_numbers_are_left_out(tmp_path: Path, header: str | None) -> None:
    source = read_pages(tmp_path, Printed(header=header).law(articles=14).pages)
    words = " ".join(line.text for line in source.lines)
    assert "CÔNG BÁO" not in words
    assert words.count("Điều") == 14
    assert not [line for line in source.lines if line.text.isdigit()]


def test_a_wrapped_row_that_begins_like_a_clause_stays_in_its_sentence(tmp_path: Path) -> None:
    printed = Printed()
    printed.paragraph("Điều 1. Việc chung")
    page = printed.pages[-1]
    page.text(LEFT + 24, printed.y, "x" * 60 + " theo khoản")
    page.text(LEFT, printed.y - LEADING, "2. Điều này và các điều sau đó của luật.")
    printed.y -= 2 * LEADING
    printed.paragraph("Điều 2. Việc riêng")
    printed.paragraph("1. " + SENTENCE)
    lines = [line.text for line in read_pages(tmp_path, printed.pages).lines]
    end = "theo khoản 2. Điều này và các điều sau đó của luật."
    assert any(text.endswith(end) for text in lines)


def test_footnotes_at_the_foot_and_their_marks_leave_the_body(tmp_path: Path) -> None:
    printed = Printed()
    printed.paragraph("Điều 1. Đất vườn")
    page = printed.pages[-1]
    row = "Vườn rộng 40 m"
    page.text(LEFT, printed.y, row)
    page.text(LEFT + width(row), printed.y + 5, "2", 7)
    page.text(LEFT + width(row) + 8, printed.y, "theo sổ đã ghi")
    mark = LEFT + width(row) + 8 + width("theo sổ đã ghi")
    page.text(mark, printed.y + 5, "1", 7)
    printed.y -= LEADING
    printed.paragraph("Điều 2. Nước tưới")
    printed.paragraph("1. " + SENTENCE)
    page.rule(LEFT, 120, LEFT + 140, 120)
    page.text(LEFT, 109, "1", 6)
    page.text(LEFT + 5, 105, "Số đo được sửa theo quy định tại", 9)
    page.text(LEFT, 93, "Điều 5. Sổ vườn của luật khác.", 9)
    source = read_pages(tmp_path, [page])
    assert "Vườn rộng 40 m2 theo sổ đã ghi" in [line.text for line in source.lines]
    assert [note.text for note in source.notes] == [
        "[1] Số đo được sửa theo quy định tại Điều 5. Sổ vườn của luật khác."
    ]
    assert not [line for line in source.lines if "Sổ vườn" in line.text]


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    page = MadePage()
    half = 205.0
    rows: list[str] = []
    for number in range(1, 9):
        rows.append(f"Điều {number}. Luống thứ {number}")
        rows += wrapped(SENTENCE, half)
    middle = len(rows) // 2
    for at, row in enumerate(rows[:middle]):
        page.text(LEFT, 740 - at * 14, row)
    for at, row in enumerate(rows[middle:]):
        page.text(LEFT + half + 30, 740 - at * 14, row)
    statute_lines = [line.text for line in read_pages(tmp_path, [page]).lines]
    headings = [text for text in statute_lines if text.startswith("Điều")]
    assert headings == [f"Điều {number}. Luống thứ {number}" for number in range(1, 9)]
    assert statute_lines.count(SENTENCE) == 8


def test_letterhead_sides_are_lines_of_their_own(tmp_path: Path) -> None:
    page = MadePage()
    page.text(LEFT, 760, "QUỐC HỘI")
    page.text(320, 760, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    page.text(LEFT, 744, "Luật số: 98/2031/QH17")
    page.text(340, 744, "Độc lập - Tự do - Hạnh phúc")
    page.text(250, 700, "LUẬT VƯỜN CHUNG")
    page.text(LEFT, 680, "Điều 1. Vườn chung là của mọi người trồng cây trong khu phố.")
    lines = [line.text for line in read_pages(tmp_path, [page]).lines]
    assert lines[:2] == ["QUỐC HỘI", "Luật số: 98/2031/QH17"]
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in lines


def test_ruled_table_becomes_rows_in_their_place(tmp_path: Path) -> None:
    page = MadePage()
    page.text(LEFT, 760, "Điều 1. Chỗ trồng được chia theo bảng dưới đây:")
    for y in (740, 700, 660):
        page.rule(LEFT, y, 480, y)
    for x in (LEFT, 160, 480):
        page.rule(x, 660, x, 740)
    page.text(90, 718, "Lô A")
    page.text(170, 726, "mười hai luống rau ở phía đông,")
    page.text(170, 710, "gần giếng")
    page.text(90, 678, "Lô B")
    page.text(170, 678, "chín luống hoa")
    page.text(LEFT, 630, "Điều 2. Bảng trên áp dụng cho mọi người trồng cây.")
    source = read_pages(tmp_path, [page])
    rows = [line.text for line in source.lines if line.role is Role.TABLE]
    assert rows == [
        "| Lô A | mười hai luống rau ở phía đông, gần giếng |",
        "| Lô B | chín luống hoa |",
    ]
    order = [line.text[:6] for line in source.lines]
    assert order.index("Điều 2") > order.index("| Lô B")


def test_hyphen_at_the_end_of_a_row_keeps_the_number_whole(tmp_path: Path) -> None:
    page = MadePage()
    start = "Điều 1. Giữ nguyên cách chia đất đã nêu trong Nghị định số 97/2031/NĐ-"
    page.text(LEFT, 760, start)
    page.text(LEFT, 744, "CP và các phụ lục kèm theo nghị định ấy.")
    lines = [line.text for line in read_pages(tmp_path, [page]).lines]
    assert lines == [start + "CP và các phụ lục kèm theo nghị định ấy."]


def test_signature_stamp_is_left_out(tmp_path: Path) -> None:
    printed = Printed().law(articles=2)
    page = printed.pages[0]
    page.text(400, 60, "Người ký: Cổng thông tin khu vườn", 6)
    page.text(400, 52, "Email: vuon@vuon.example", 6)
    words = " ".join(line.text for line in read_pages(tmp_path, printed.pages).lines)
    assert "Người ký" not in words
    assert "vuon@" not in words


# --- what is refused -------------------------------------------------------------------------


def refusal(tmp_path: Path, data: bytes, name: str = "tep.pdf") -> str:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(SourceError) as caught:
        read(path)
    return str(caught.value)


def test_scan_is_refused_with_advice(tmp_path: Path) -> None:
    page = MadePage()
    page.picture()
    page.text(300, 60, "Ký bởi: văn thư", 6)
    message = refusal(tmp_path, made_pdf([page, page, page]))
    assert "bản quét" in message
    assert ".docx" in message


def test_one_scanned_page_among_text_is_named(tmp_path: Path) -> None:
    printed = Printed().law(articles=8)
    scanned = MadePage()
    scanned.picture()
    pages = [*printed.pages, scanned]
    assert f"trang {len(pages)}" in refusal(tmp_path, made_pdf(pages))


def test_recognised_text_over_a_scan_is_read_with_a_warning(tmp_path: Path) -> None:
    page = MadePage()
    page.picture()
    for at, row in enumerate(wrapped(f"Điều 1. {SENTENCE}", ROOM)):
        page.text(LEFT, 760 - 16 * at, row, hidden=True)
    source = read_pages(tmp_path, [page])
    assert source.lines[0].text == f"Điều 1. {SENTENCE}"
    assert any("OCR" in warning for warning in source.warnings)


def test_broken_files_say_what_to_do(tmp_path: Path) -> None:
    whole = made_pdf(Printed().law(articles=3).pages)
    assert "cắt cụt" in refusal(tmp_path, whole[: len(whole) // 2])
    assert "rỗng" in refusal(tmp_path, b"")
    assert "mật khẩu" in refusal(tmp_path, made_pdf(Printed().law(articles=1).pages, locked=True))
    assert "hỏng" in refusal(tmp_path, b"%PDF-1.7\n" + b"waste " * 50 + b"\n%%EOF")


def test_blank_pages_are_refused(tmp_path: Path) -> None:
    assert "không có chữ" in refusal(tmp_path, made_pdf([MadePage(), MadePage()]))


def test_old_fonts_without_unicode_are_refused(tmp_path: Path) -> None:
    page = MadePage()
    for at in range(20):
        page.text(LEFT, 760 - 16 * at, "§iÒu 1. Ngêi trång c©y tù chän gièng c©y")
    assert "phông" in refusal(tmp_path, made_pdf([page]))
