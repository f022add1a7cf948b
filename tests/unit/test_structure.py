"""The structure of invented laws: what counts as an article, what is quoted, what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from indexer.lines import Line, Role, SourceText
from indexer.statute import Statute
from indexer.structure import StructureError, parse

HEADER = """\
QUỐC HỘI
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Luật số: 901/2031/QH19
LUẬT
NUÔI ONG
Căn cứ Hiến pháp nước Cộng hòa xã hội chủ nghĩa Việt Nam;
Quốc hội ban hành Luật Nuôi ong.
"""


def source(text: str, header: str = HEADER) -> SourceText:
    lines = [line.strip() for line in (header + text).splitlines()]
    return SourceText(
        "thử.txt",
        tuple(
            Line(line, f"dòng {at}", Role.TABLE if line.startswith("|") else Role.BODY)
            for at, line in enumerate(lines, start=1)
            if line
        ),
    )


def read(text: str, header: str = HEADER) -> Statute:
    return parse(source(text, header))


def outline(statute: Statute) -> list[tuple[str, list[tuple[str, list[str]]]]]:
    return [
        (a.number, [(c.number, [p.number for p in c.points]) for c in a.clauses])
        for a in statute.articles
    ]


def test_articles_clauses_points_and_their_text() -> None:
    statute = read(
        """\
        Chương I
        QUY ĐỊNH CHUNG
        Điều 1. Phạm vi
        Luật này nói về ong.
        Mục 1
        ĐÀN ONG
        Điều 2: Đàn ong
        1. Đàn gồm:
        a) Ong chúa;
        Mỗi đàn một con.
        b) Ong thợ.
        2 . Đàn được ghi sổ.
        Sổ giữ ba mùa.
        Điều 3 . Tổ ong
        a) Bằng gỗ;
        b) Bằng rơm.
        """
    )
    assert statute.number == "901/2031/QH19"
    assert statute.title == "Luật Nuôi ong"
    assert outline(statute) == [
        ("1", []),
        ("2", [("1", ["a", "b"]), ("2", [])]),
        ("3", []),
    ]
    first, second, third = statute.articles
    assert first.text == "Luật này nói về ong."
    assert first.headings == ("Chương I. QUY ĐỊNH CHUNG",)
    assert second.headings == ("Chương I. QUY ĐỊNH CHUNG", "Mục 1. ĐÀN ONG")
    assert second.clauses[0].points[0].text == "Ong chúa;\nMỗi đàn một con."
    assert second.clauses[1].text == "Đàn được ghi sổ.\nSổ giữ ba mùa."
    assert [p.number for p in third.points] == ["a", "b"]
    assert third.title == "Tổ ong"


def test_added_articles_clauses_and_points_count_up() -> None:
    statute = read(
        """\
        Điều 1. Một
        1. Một.
        1a. Một thêm.
        1b. Một thêm nữa.
        2. Hai:
        a) Thứ nhất;
        a1) Thứ nhất thêm;
        b) Thứ hai;
        c) Thứ ba;
        d) Thứ tư;
        đ) Thứ năm;
        e) Thứ sáu;
        g) Thứ bảy.
        Điều 1a. Thêm
        Lời.
        Điều 2. Hai
        Lời.
        """
    )
    assert [a.number for a in statute.articles] == ["1", "1a", "2"]
    assert outline(statute)[0][1] == [
        ("1", []),
        ("1a", []),
        ("1b", []),
        ("2", ["a", "a1", "b", "c", "d", "đ", "e", "g"]),
    ]


def test_letters_made_by_word_are_taken_as_word_shows_them() -> None:
    points = "\n".join(f"{letter}) Vật {letter};" for letter in "abcdefghij")
    statute = read(f"Điều 1. Một\n1. Gồm:\n{points}\nĐiều 2. Hai\nLời.\n")
    assert [p.number for p in statute.articles[0].clauses[0].points] == list("abcdefghij")
    short = source(f"Điều 1. Một\n1. Gồm:\n{points[:49]}\nĐiều 2. Hai\nLời.\n")
    with pytest.raises(StructureError, match="thiếu điểm đ"):
        parse(short)
    made = tuple(replace(line, auto_numbered=line.text[1:2] == ")") for line in short.lines)
    statute = parse(replace(short, lines=made))
    assert [p.number for p in statute.articles[0].clauses[0].points] == list("abcde")


def test_roman_sub_items_belong_to_their_point_and_hide_no_gap() -> None:
    items = "i) Một;\nii) Hai;\niii) Ba;\niv) Bốn;\nv) Năm;\n"
    statute = read(f"Điều 1. Một\n1. Gồm:\na) Ong:\n{items}b) Tổ.\nĐiều 2. Hai\nLời.\n")
    assert outline(statute)[0][1] == [("1", ["a", "b"])]
    assert "iv) Bốn" in statute.articles[0].clauses[0].points[0].text
    lost = "".join(f"{letter}) Vật;\n" for letter in "abcdđegik")
    with pytest.raises(StructureError, match="điểm i đứng sau điểm g: thiếu điểm h"):
        read(f"Điều 1. Một\n1. Gồm:\n{lost}Điều 2. Hai\nLời.\n")


def test_title_on_the_next_line_or_over_several_lines() -> None:
    statute = read(
        """\
        Điều 1.
        Tên ở dòng dưới
        Lời của điều một.
        Điều 2. Tên dài
        chạy sang dòng sau
        1. Lời.
        Điều 3. Luật này được các cơ sở nuôi ong trong cả nước thi hành kể từ mùa hoa năm sau.
        """
    )
    assert [a.title for a in statute.articles] == [
        "Tên ở dòng dưới",
        "Tên dài chạy sang dòng sau",
        "",
    ]
    assert statute.articles[0].text == "Lời của điều một."
    assert statute.articles[2].text.startswith("Luật này được")


def test_tables_stay_in_their_unit_and_open_nothing() -> None:
    statute = read(
        """\
        Điều 1. Mức phí
        1. Phí như sau:
        | Vùng | Phí |
        | Điều 2. | 5. |
        | a) | 10 |
        2. Hết.
        Điều 2. Hai
        Lời.
        """
    )
    assert outline(statute) == [("1", [("1", []), ("2", [])]), ("2", [])]
    assert "| Vùng | Phí |" in statute.articles[0].clauses[0].text


AMENDED = """\
Điều 1. Sửa đổi, bổ sung một số điều của Luật Nuôi tằm
1. Sửa đổi, bổ sung Điều 2 như sau:
{open}Điều 2. Kén
1. Kén gồm:
a) Kén vàng;
c) Kén trắng.
5. Hết.
Điều 3. Tơ
Lời về tơ.{close};
2. Sửa đổi Điều 9:
a) Sửa đổi khoản 4 như sau:
{open}4. Lá dâu tươi.{close};
b) Bãi bỏ khoản 5.
3. Thay cụm từ {open}tằm{close} bằng cụm từ {open}con tằm{close}.
Điều 2. Hiệu lực
1. Từ mùa hoa.
2. Hết.
"""


@pytest.mark.parametrize(("opening", "closing"), [("“", "”"), ('"', '"'), ("‘‘", "’’"), ("“", "“")])
def test_quoted_articles_stay_inside_the_point_that_quotes_them(opening: str, closing: str) -> None:
    statute = read(AMENDED.format(open=opening, close=closing))
    assert outline(statute) == [
        ("1", [("1", []), ("2", ["a", "b"]), ("3", [])]),
        ("2", [("1", []), ("2", [])]),
    ]
    assert "Điều 3. Tơ" in statute.articles[0].clauses[0].text
    assert "Lá dâu tươi" in statute.articles[0].clauses[1].points[0].text


def test_a_missing_closing_mark_does_not_swallow_the_rest() -> None:
    broken = AMENDED.format(open="“", close="”").replace("Lời về tơ.”;", "Lời về tơ.")
    statute = read(broken)
    assert [a.number for a in statute.articles] == ["1", "2"]
    assert [c.number for c in statute.articles[0].clauses] == ["1", "2", "3"]
    last = AMENDED.format(open="“", close="”").replace("Lá dâu tươi.”;", "Lá dâu tươi.")
    assert outline(read(last)) == outline(read(AMENDED.format(open="“", close="”")))


def test_a_quotation_unclosed_before_the_next_article() -> None:
    statute = read(
        """\
        Điều 1. Sửa đổi Điều 7 của Luật Nuôi tằm như sau:
        “Điều 7. Nong
        1. Nong tre.
        3. Nong gỗ.
        Điều 2. Hiệu lực
        Từ mùa hoa.
        """
    )
    assert outline(statute) == [("1", []), ("2", [])]
    assert "3. Nong gỗ." in statute.articles[0].text


def test_a_lost_opening_mark_is_seen_by_the_closing_one() -> None:
    statute = read(
        """\
        Điều 1. Sửa đổi một số điều
        1. Sửa đổi khoản 3 Điều 8 như sau:
        3. Nhộng gồm:
        a) Nhộng khô;
        c) Nhộng tươi.”.
        2. Bãi bỏ Điều 9.
        Điều 2. Hiệu lực
        Từ mùa hoa.
        """
    )
    assert outline(statute) == [("1", [("1", []), ("2", [])]), ("2", [])]


def test_quotations_within_quotations() -> None:
    statute = read(
        """\
        Điều 1. Sửa đổi một số điều của Luật số 5
        1. Sửa đổi khoản 2 Điều 1 như sau:
        “2. Sửa đổi Điều 6 của Luật số 3 như sau:
        “Điều 6. Mật
        1. Mật rừng.”.”.
        2. Bãi bỏ Điều 9.
        Điều 2. Hiệu lực
        Từ mùa hoa.
        """
    )
    assert outline(statute) == [("1", [("1", []), ("2", [])]), ("2", [])]


def test_words_in_quotation_marks_inside_an_ordinary_law_change_nothing() -> None:
    statute = read(
        """\
        Điều 1. Giải thích
        1. “Ong” là côn trùng.
        2. “Tổ” là nơi ở, không kể “tổ giả.
        3. Hết.
        Điều 2. Hai
        Lời.
        """
    )
    assert outline(statute)[0] == ("1", [("1", []), ("2", []), ("3", [])])


REST = "Điều 2. B\nLời.\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"Điều 1. A\nLời.\n{REST}Điều 4. D\nLời.\n", "Điều 4 đứng sau Điều 2: thiếu Điều 3"),
        (f"{REST}Điều 3. C\nLời.\n", "Điều 2 đứng đầu văn bản: thiếu Điều 1"),
        (f"Điều 1. A\nLời.\n{REST}{REST}", "Điều 2 xuất hiện hai lần"),
        (f"Điều 1. A\n1. Một.\n3. Ba.\n{REST}", "khoản 3 đứng sau khoản 1: thiếu khoản 2"),
        (f"Điều 1. A\n2. Hai.\n{REST}", "Điều 1, khoản 2 đứng đầu điều: thiếu khoản 1"),
        (f"Điều 1. A\n1. Một.\n2. Hai.\n1. Một.\n{REST}", "khoản 1 đứng sau khoản 2"),
        (f"Điều 1. A\n1. X:\na) X;\nc) Z.\n{REST}", "điểm c đứng sau điểm a: thiếu điểm b"),
        (f"Điều 1. A\n1. X:\nd) X;\n{REST}", "điểm d đứng đầu: thiếu điểm a"),
        (f"Điều 1. A\n1. X:\na) X;\nb) X;\nc) X;\nd) X;\ne) X.\n{REST}", "thiếu điểm đ"),
        (f"Điều 1. A\nX.\nMẫu số 01\n{REST}Mẫu số 02\nĐiều 4. D\nLời.\n", "thiếu Điều 3"),
    ],
)
def test_numbering_that_does_not_add_up_is_refused_with_the_place(text: str, said: str) -> None:
    with pytest.raises(StructureError) as caught:
        read(text)
    assert said in str(caught.value)
    assert "dòng" in str(caught.value)
    inspected = parse(source(text), strict=False)
    assert any(said in warning for warning in inspected.warnings)


def test_a_reference_at_the_start_of_a_wrapped_line_is_no_article() -> None:
    statute = read(
        """\
        Điều 1. A
        1. Người nuôi theo quy định tại
        Điều 7. của Luật Nuôi tằm thì được giảm phí.
        2. Hết.
        Điều 2. B
        Chương III của Luật Nuôi tằm không áp dụng.
        Điều 3. C
        Lời.
        """
    )
    assert [a.number for a in statute.articles] == ["1", "2", "3"]
    assert "Điều 7." in statute.articles[0].clauses[0].text
    assert statute.articles[1].text.startswith("Chương III")


@pytest.mark.parametrize(
    "text",
    [
        "Nuôi ong có lãi không? Theo Điều 5 thì có.\nĐiều 1. Ong\nLời.\nĐiều 2. Tổ\nLời.\n",
        "Bảng giá mật ong\n1. Mật hoa nhãn.\n2. Mật hoa vải.\n",
        "",
    ],
)
def test_what_is_no_law_is_refused_in_both_modes(text: str) -> None:
    for strict in (True, False):
        with pytest.raises(StructureError, match="không phải văn bản luật"):
            parse(source(text, header=""), strict=strict)


def test_what_follows_the_last_article_is_kept_apart() -> None:
    statute = read(
        """\
        Điều 1. A
        Lời.[1]
        Điều 2. B
        1. Một.
        2. Hai[2] nữa.
        Luật này được Quốc hội khóa XIX thông qua ngày 01 tháng 02 năm 2031.
        CHỦ TỊCH QUỐC HỘI
        Nguyễn Văn Ong
        PHỤ LỤC I
        DANH MỤC HOA
        1. Hoa nhãn.
        Điều 1. Mẫu hợp đồng nuôi ong
        Mẫu số 02
        Đơn xin nuôi ong
        """
    )
    assert statute.articles[-1].full_text == "B\n1. Một.\n2. Hai nữa."
    assert statute.articles[0].text == "Lời."
    assert [(a.title, a.text) for a in statute.appendices] == [
        ("PHỤ LỤC I DANH MỤC HOA", "1. Hoa nhãn.\nĐiều 1. Mẫu hợp đồng nuôi ong"),
        ("Mẫu số 02", "Đơn xin nuôi ong"),
    ]
    assert "Nguyễn Văn Ong" in statute.closing


def test_notes_below_a_consolidation_are_notes_whatever_they_quote() -> None:
    statute = read(
        """\
        Điều 1. A
        Lời.[1]
        Điều 2. B
        Lời.
        [1] Điều này được sửa đổi theo Luật số 7, quy định như sau:
        “Điều 3. Hiệu lực
        1. Từ mùa hoa.”
        [2] Chú thích hai.
        """
    )
    assert [a.number for a in statute.articles] == ["1", "2"]
    assert statute.articles[1].text == "Lời."
    assert len(statute.notes) == 2
    assert statute.notes[0].text.endswith("1. Từ mùa hoa.”")


def test_units_of_area_keep_their_raised_digit() -> None:
    statute = read("Điều 1. A\nTổ rộng 2 m² trở lên³.\nĐiều 2. B\nLời.\n")
    assert statute.articles[0].text == "Tổ rộng 2 m² trở lên."


def test_table_of_contents_and_repeated_headings() -> None:
    statute = read(
        """\
        Điều 1. Ong ........ 1
        Điều 2. Tổ ......... 2
        Điều 1. Ong
        Lời ong.
        Điều 2. Tổ
        Điều 2. Tổ1. Tổ gỗ.
        2. Tổ rơm.
        """
    )
    assert [a.number for a in statute.articles] == ["1", "2"]
    assert statute.articles[0].text == "Lời ong."
    assert statute.articles[1].title == "Tổ"
    assert [c.text for c in statute.articles[1].clauses] == ["Tổ gỗ.", "Tổ rơm."]


@pytest.mark.parametrize(
    ("header", "number", "title", "consolidates"),
    [
        (HEADER, "901/2031/QH19", "Luật Nuôi ong", None),
        (
            "CHÍNH PHỦ\nSố: 77 /2031/NĐ-CP\nNGHỊ ĐỊNH\nQUY ĐỊNH VỀ MẬT Ở VIỆT NAM\n"
            "Căn cứ Luật Nuôi ong số 901/2031/QH19;\n",
            "77/2031/NĐ-CP",
            "Nghị định quy định về mật ở Việt Nam",
            None,
        ),
        (
            "LUẬT\nNUÔI ONG\nLuật Nuôi ong số 901/2031/QH19 ngày 01 tháng 02 năm 2031 của Quốc hội "
            "được sửa đổi, bổ sung bởi:\n1. Luật số 905/2033/QH19 ngày 02 tháng 3 năm 2033;\n",
            "901/2031/QH19",
            "Luật Nuôi ong",
            "901/2031/QH19",
        ),
        (
            "VĂN PHÒNG QUỐC HỘI\nSố: 12/VBHN-VPQH\nLUẬT\nNUÔI ONG\nLuật Nuôi ong số 901/2031/QH19 "
            "ngày 01 tháng 02 năm 2031 của Quốc hội được sửa đổi, bổ sung bởi:\n",
            "12/VBHN-VPQH",
            "Luật Nuôi ong",
            "901/2031/QH19",
        ),
        (
            "| QUỐC HỘI ------- Luật số: 5/2031/QH19 | CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM |\n"
            "BỘ LUẬT NUÔI TẰM\n",
            "5/2031/QH19",
            "Bộ luật Nuôi tằm",
            None,
        ),
    ],
)
def test_number_and_title(header: str, number: str, title: str, consolidates: str | None) -> None:
    statute = read("Điều 1. A\nLời.\nĐiều 2. B\nLời.\n", header)
    assert (statute.number, statute.title, statute.consolidates) == (number, title, consolidates)


def test_no_word_is_lost_or_told_twice() -> None:
    text = AMENDED.format(open="“", close="”")
    statute = read(text)
    told = " ".join(f"Điều {a.number}. {a.full_text}" for a in statute.articles)
    assert told.split() == text.split()
